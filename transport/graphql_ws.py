"""GraphQL over WebSocket: the protocol graphql-transport-ws, in which one socket carries many operations.

Each operation is a task that sends one message after another, and waits with the next until the client has taken the
one before. So a slow client makes its subscriptions lag behind in the feed (events/hub.py), and nothing piles up here.
"""

import asyncio
import logging
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import Message, Receive, Scope, Send

from auth.actor import ANONYMOUS
from auth.budgets import spender
from auth.errors import AuthenticationError, NotFromHere, Unavailable
from core.errors import RequestError
from core.settings import Settings
from execution.operations import GraphQLRequest, Outcome, refused
from transport.caller import Caller, caller_of
from transport.messages import PROTOCOL, Close, Closing, id_of, message_of, payload_of, text_of
from transport.operations import STREAMED, Operations, Running
from transport.origins import may_connect
from transport.parameters import BadRequest, request_of
from transport.slots import Slots

log = logging.getLogger(__name__)

# How long a client may take to say who it is.
INITIALISATION_SECONDS = 10.0
# Sockets of one network address that have not said so yet.
_UNKNOWN_AT_ONCE = 1_000
_OVER = "websocket"


class SocketEndpoint:
    """Takes WebSockets at the GraphQL endpoint. One for each worker."""

    def __init__(
        self, operations: Operations, settings: Settings, initialisation_seconds: float = INITIALISATION_SECONDS
    ) -> None:
        self.operations = operations
        self.longest_message = settings.max_body_bytes
        self.origins = settings.cors_origins
        self.initialisation_seconds = initialisation_seconds
        self.known = Slots(settings.sockets_per_actor)
        self.unknown = Slots(_UNKNOWN_AT_ONCE)
        # Operations whose client is gone: they are brought to their end all the same.
        self.unheard: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket, as an ASGI application of its own."""
        await _Socket(self, HTTPConnection(scope), receive, send).run()

    def closed(self, code: int) -> None:
        """Count a socket that was closed by us."""
        if self.operations.metrics is not None:
            self.operations.metrics.socket_closed(code)


class _Socket:
    """One socket, from the handshake to its end."""

    def __init__(self, endpoint: SocketEndpoint, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        self._endpoint = endpoint
        self._connection = connection
        self._receive = receive
        self._raw_send = send
        # Who asks, by the headers of the handshake until the client has said so itself.
        self._caller: Caller | None = None
        self._initialising = self._acknowledged = self._closed = False
        self._slots, self._slot = endpoint.unknown, ""
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Serve it until it is closed, by whomever."""
        await self._receive()
        if not may_connect(self._connection.headers, self._endpoint.origins):
            # Before it is accepted, that is an answer of status 403.
            await self._raw_send({"type": "websocket.close"})
            self._endpoint.closed(403)
            return
        offered = PROTOCOL in self._connection.scope.get("subprotocols", ())
        await self._raw_send({"type": "websocket.accept", "subprotocol": PROTOCOL if offered else None})
        try:
            if not offered:
                raise Closing(Close.SUBPROTOCOL, "Subprotocol not acceptable")
            await self._serve()
        except Closing as closing:
            await self._close(closing)
        except OSError:
            # The client is gone.
            self._closed = True

    async def _serve(self) -> None:
        try:
            self._caller = caller_of(self._connection)
        except BadRequest as error:
            raise Closing(Close.BAD_REQUEST, str(error)) from None
        self._hold(self._endpoint.unknown, spender(ANONYMOUS, self._caller.address))
        metrics = self._endpoint.operations.metrics
        if metrics is not None:
            metrics.sockets(1)
        try:
            await self._listen()
        finally:
            if metrics is not None:
                metrics.sockets(-1)
            self._slots.give_back(self._slot)
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _hold(self, slots: Slots, name: str) -> None:
        """Count the socket as one of this name. Raises Closing when the name has as many as it may."""
        if not slots.take(name):
            raise Closing(Close.TRY_AGAIN_LATER, f"at most {slots.most} sockets at a time")
        if self._slot:
            self._slots.give_back(self._slot)
        self._slots, self._slot = slots, name

    async def _listen(self) -> None:
        """Take one message after another."""
        try:
            async with asyncio.timeout(self._endpoint.initialisation_seconds) as waiting:
                while True:
                    event = await self._receive()
                    if event["type"] == "websocket.disconnect":
                        self._closed = True
                        return
                    await self._take(message_of(dict(event), self._endpoint.longest_message))
                    if self._acknowledged:
                        waiting.reschedule(None)
        except TimeoutError:
            if not waiting.expired():
                raise
            raise Closing(Close.INITIALISATION_TIMEOUT, "Connection initialisation timeout") from None

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._initialise(payload_of(message))
            case "ping":
                await self._send("pong", payload=payload_of(message) or None)
            case "pong":
                payload_of(message)
            case "subscribe":
                await self._begin(id_of(message), message)
            case "complete":
                task = self._tasks.pop(id_of(message), None)
                if task is not None:
                    task.cancel()
            case unknown:
                raise Closing(Close.BAD_REQUEST, f"there are no messages of type {unknown[:50]}")

    async def _initialise(self, payload: dict[str, Any]) -> None:
        """Find out who asks: by `Authorization` or `X-API-Key` in the payload, else by the headers of the handshake."""
        if self._initialising:
            raise Closing(Close.TOO_MANY_INITIALISATIONS, "Too many initialisation requests")
        self._initialising = True
        caller = self._caller
        assert caller is not None
        authorization, api_key = _credential(payload, "authorization"), _credential(payload, "x-api-key")
        if authorization is not None or api_key is not None:
            caller.authorization, caller.api_key = authorization, api_key
        try:
            actor = await caller.actor()
        except (AuthenticationError, NotFromHere) as error:
            raise _forbidden(error) from None
        except Unavailable as error:
            raise Closing(Close.TRY_AGAIN_LATER, str(error)) from None
        self._hold(self._endpoint.known, spender(actor, caller.address))
        self._acknowledged = True
        await self._send("connection_ack")

    async def _begin(self, key: str, message: dict[str, Any]) -> None:
        """Begin an operation, in a task of its own."""
        if not self._acknowledged:
            raise Closing(Close.UNAUTHORIZED, "Unauthorized")
        if key in self._tasks:
            raise Closing(Close.SUBSCRIBER_EXISTS, f"Subscriber for {key[:50]} already exists")
        try:
            request = request_of(payload_of(message))
        except BadRequest as error:
            raise Closing(Close.BAD_REQUEST, str(error)) from None
        caller = self._caller
        assert caller is not None
        try:
            running = self._endpoint.operations.begin(_OVER, caller, await caller.actor())
        except (AuthenticationError, NotFromHere) as error:
            raise _forbidden(error) from None
        except RequestError as error:
            await self._refuse(key, refused(error))
            return
        task = asyncio.create_task(self._operate(key, request, running))
        self._tasks[key] = task
        # A task that is cancelled before it begins would not give its place back by itself.
        task.add_done_callback(lambda _: running.end())

    async def _operate(self, key: str, request: GraphQLRequest, running: Running) -> None:
        try:
            try:
                await self._answer(key, request)
            except Unavailable as error:
                await self._refuse(key, refused(error))
        except Closing as closing:
            await self._close(closing)
        except (AuthenticationError, NotFromHere) as error:
            await self._close(_forbidden(error))
        except OSError:
            # The client is gone; the reader of its messages learns of it, too.
            pass
        except Exception:
            if not self._closed:
                log.exception("an operation over a socket failed")
                await self._close(Closing(Close.INTERNAL, "Internal server error"))
        finally:
            running.end()
            if self._tasks.get(key) is asyncio.current_task():
                del self._tasks[key]

    async def _answer(self, key: str, request: GraphQLRequest) -> None:
        caller, operations = self._caller, self._endpoint.operations
        assert caller is not None
        if await operations.subscribes(request, caller.services):
            await self._follow(key, request, caller)
        else:
            await self._run(key, request, caller)

    async def _follow(self, key: str, request: GraphQLRequest, caller: Caller) -> None:
        begun = await self._endpoint.operations.follow(request, caller, _OVER)
        if isinstance(begun, Outcome):
            await self._refuse(key, begun)
            return
        async with begun:
            async for outcome in begun:
                if not outcome.executed:
                    await self._refuse(key, outcome)
                    return
                await self._send("next", key, outcome.response())

    async def _run(self, key: str, request: GraphQLRequest, caller: Caller) -> None:
        actor = await caller.actor()
        running = asyncio.create_task(self._endpoint.operations.run(request, caller, actor, STREAMED))
        try:
            outcome, extensions = await asyncio.shield(running)
        except asyncio.CancelledError:
            # Nobody listens any more. Ended in its midst, nobody could say how far a change went.
            self._endpoint.unheard.add(running)
            running.add_done_callback(self._endpoint.unheard.discard)
            raise
        if not outcome.executed:
            await self._refuse(key, outcome)
            return
        response = outcome.response()
        if extensions:
            response["extensions"] = extensions
        await self._send("next", key, response)
        await self._send("complete", key)

    async def _refuse(self, key: str, outcome: Outcome) -> None:
        """Tell why an operation ends; or why all of them do, where that is so."""
        extensions = outcome.errors[0]["extensions"]
        if extensions["code"] == "SERVICE_RESTARTING":
            raise Closing(Close.RESTART, "Service restart")
        if extensions["code"] == "UNAUTHENTICATED" and "reason" in extensions:
            raise Closing(Close.FORBIDDEN, f"Forbidden: {extensions['reason']}")
        await self._send("error", key, outcome.errors)

    async def _send(self, kind: str, key: str | None = None, payload: Any = None) -> None:
        """Send a message, when the client has taken what was sent before. Raises OSError when it is gone."""
        if self._closed:
            raise ConnectionError
        message: Message = {"type": "websocket.send", "text": text_of(kind, key, payload)}
        await self._raw_send(message)

    async def _close(self, closing: Closing) -> None:
        if self._closed:
            return
        self._closed = True
        self._endpoint.closed(closing.code)
        # The protocol has room for 123 bytes.
        reason = closing.reason.encode()[:120].decode(errors="ignore")
        try:
            await self._raw_send({"type": "websocket.close", "code": int(closing.code), "reason": reason})
        except (OSError, RuntimeError):
            log.debug("a socket was gone before it could be closed")


def _credential(payload: dict[str, Any], name: str) -> str | None:
    """A credential in the payload of connection_init, whatever the capitals of its name. Raises Closing."""
    found = [value for key, value in payload.items() if key.lower() == name and value is not None]
    if len(found) > 1 or (found and not isinstance(found[0], str)):
        raise Closing(Close.BAD_REQUEST, f"payload.{name}: one string")
    return found[0] if found else None


def _forbidden(error: RequestError) -> Closing:
    return Closing(Close.FORBIDDEN, f"Forbidden: {error.details.get('reason', error.code)}")
