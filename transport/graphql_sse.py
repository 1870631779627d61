"""GraphQL over server-sent events: the protocol graphql-sse with a connection for each operation.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode

The id of each event is its cursor in the feed, so that `Last-Event-ID` means the same as the argument `after`. The
stream ends with `complete` when the operation has ended; one that ends without it may be asked for again after the last
id.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from graphql import OperationType
from starlette.types import Receive, Scope, Send

from auth.actor import Actor
from core.errors import RequestError
from execution.operations import GraphQLRequest, Outcome, refused
from transport.caller import Caller
from transport.extensions import encode
from transport.operations import Operations, Running, Stream

# A comment is sent when nothing else was for so long: proxies end connections on which nothing comes.
KEEP_ALIVE_SECONDS = 12.0
# Clients come back after a time between these, not all at once.
_RETRY_MILLISECONDS = (500, 3_000)
_OVER = "sse"
_HEADERS = [
    # Lines end with LF alone: not every client's reader splits at CRLF.
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"vary", b"accept"),
    # nginx would collect events until a buffer is full.
    (b"x-accel-buffering", b"no"),
]
_COMPLETE = b"event: complete\ndata:\n\n"
# What is told by a status of its own, before a stream begins.
_NOT_NOW = frozenset({"RATE_LIMITED", "TOO_MANY_SUBSCRIPTIONS", "SERVICE_RESTARTING"})


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation whose answer is to be an event stream: the kinds `allowed`, or a subscription `after` a cursor."""

    request: GraphQLRequest
    caller: Caller
    actor: Actor
    allowed: tuple[OperationType, ...]
    after: str | None


async def stream_of(operations: Operations, asked: Asked) -> "EventStream | Outcome":
    """The answer to a request; or its outcome, where the client had better come back later."""
    try:
        running = operations.begin(_OVER, asked.caller, asked.actor)
    except RequestError as error:
        return refused(error)
    try:
        begun: Stream | tuple[Outcome, dict[str, Any]]
        if await operations.subscribes(asked.request, asked.caller.services):
            followed = await operations.follow(asked.request, asked.caller, _OVER, asked.after)
            begun = (followed, {}) if isinstance(followed, Outcome) else followed
        else:
            begun = await operations.run(asked.request, asked.caller, asked.actor, asked.allowed)
    except BaseException:
        running.end()
        raise
    if isinstance(begun, tuple) and _codes(begun[0]) & _NOT_NOW:
        running.end()
        return begun[0]
    return EventStream(begun, running)


class EventStream:
    """A response of events: those of a subscription, or the one of another operation, with its `extensions`."""

    def __init__(self, begun: Stream | tuple[Outcome, dict[str, Any]], running: Running) -> None:
        self._begun = begun
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until there are no more, or the client is gone."""
        gone = asyncio.create_task(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            if isinstance(self._begun, tuple):
                await _send(send, _event(*self._begun) + _COMPLETE)
            else:
                await _send(send, b"retry: %d\n\n" % random.randint(*_RETRY_MILLISECONDS))  # noqa: S311  # nosec B311
                async with self._begun as stream:
                    async for chunk in _chunks(stream, gone):
                        await _send(send, chunk)
            await send({"type": "http.response.body", "body": b""})
        except OSError:
            # The client is gone.
            pass
        finally:
            gone.cancel()
            self._running.end()


async def _chunks(stream: Stream, gone: asyncio.Task[None]) -> AsyncIterator[bytes]:
    """What is sent of a subscription, until it ends or the client is gone."""
    while True:
        coming = asyncio.ensure_future(anext(stream))
        try:
            while not coming.done():
                await asyncio.wait((coming, gone), timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    return
                if not coming.done():
                    yield b":\n\n"
        finally:
            if not coming.done():
                coming.cancel()
                await asyncio.wait((coming,))
        try:
            outcome = coming.result()
        except StopAsyncIteration:
            yield _COMPLETE
            return
        if "SERVICE_RESTARTING" in _codes(outcome):
            # Without `complete`, the client comes back.
            return
        yield _event(outcome, {}) + (b"" if outcome.executed else _COMPLETE)
        if not outcome.executed:
            return


def _event(outcome: Outcome, extensions: dict[str, Any]) -> bytes:
    """The event of an outcome. JSON has no line breaks of its own here, so that it is one line of data."""
    response = outcome.response()
    if extensions:
        response["extensions"] = extensions
    place = b"" if outcome.cursor is None else b"id: %s\n" % outcome.cursor.encode()
    return b"%sevent: next\ndata: %s\n\n" % (place, encode(response))


def _codes(outcome: Outcome) -> set[str]:
    return {error["extensions"]["code"] for error in outcome.errors}


async def _send(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _gone(receive: Receive) -> None:
    """Wait until the client has ended the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
