"""A running service in the test's own event loop, and clients that speak with it over real connections."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from app import create_app
from core.settings import Settings
from execution.services import Services
from models.roles import Role
from tests.events.following import PATIENCE

FOLLOW = """
subscription Follow($after: String, $where: EventFilter) {
  customerEvents(after: $after, where: $where) { cursor event { summary } }
}
"""
PROTOCOL = Subprotocol("graphql-transport-ws")


class Socket:
    """A client's end of a WebSocket: says and hears messages."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, kind: str, **message: Any) -> None:
        """Send a message."""
        await self.connection.send(json.dumps({"type": kind, **message}))

    async def hear(self) -> Any:
        """The next message."""
        return json.loads(await asyncio.wait_for(self.connection.recv(), PATIENCE))

    async def begin(self, token: str | None = None, **payload: Any) -> "Socket":
        """Say who we are, and be welcome."""
        if token is not None:
            payload["Authorization"] = f"Bearer {token}"
        await self.say("connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}
        return self

    async def subscribe(self, query: str, /, id: str = "1", **variables: Any) -> None:
        """Begin an operation."""
        await self.say("subscribe", id=id, payload={"query": query, "variables": variables})

    async def item(self, id: str = "1") -> Any:
        """The data of the next message, which has to be an item of this operation."""
        message = await self.hear()
        assert message["type"] == "next", message
        assert message["id"] == id
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def closed(self) -> tuple[int, str]:
        """The code and reason with which it is closed, whatever comes before."""
        with suppress(ConnectionClosed):
            while True:
                await asyncio.wait_for(self.connection.recv(), PATIENCE)
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


@dataclass
class Live:
    """A running service, and the access tokens of its users."""

    app: Starlette
    port: int
    tokens: dict[Role, str]

    @property
    def services(self) -> Services:
        """What its operations work with."""
        services: Services = self.app.state.services
        return services

    @asynccontextmanager
    async def socket(self, *protocols: str, **options: Any) -> AsyncIterator[Socket]:
        """An open socket that has said nothing yet."""
        offered = [Subprotocol(name) for name in protocols] or [PROTOCOL]
        url = f"ws://127.0.0.1:{self.port}/graphql"
        async with connect(url, subprotocols=offered, compression=None, **options) as connection:
            yield Socket(connection)

    @asynccontextmanager
    async def following(self, role: Role = Role.MANAGER, **variables: Any) -> AsyncIterator[Socket]:
        """A socket of a user with a subscription that has begun."""
        async with self.socket() as socket:
            await socket.begin(self.tokens[role])
            await socket.subscribe(FOLLOW, **variables)
            await self.until_running(1)
            yield socket

    async def until_running(self, count: int) -> None:
        """Wait until so many subscriptions follow the feed live."""
        async with asyncio.timeout(PATIENCE):
            while self.services.events.subscribers != count:
                await asyncio.sleep(0.01)

    def http(self, role: Role | None = Role.MANAGER, **headers: str) -> httpx.AsyncClient:
        """A client of the endpoint."""
        if role is not None:
            headers["authorization"] = f"Bearer {self.tokens[role]}"
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=PATIENCE)


@asynccontextmanager
async def serving(settings: Settings, tokens: dict[Role, str]) -> AsyncIterator[Live]:
    """The application with these settings behind a real web server, as `c360 serve` sets that up."""
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws_per_message_deflate=False,
        ws_max_size=settings.max_body_bytes,
        timeout_graceful_shutdown=5,
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        assert not running.done(), running.exception()
        await asyncio.sleep(0.01)
    try:
        yield Live(app, listener.getsockname()[1], tokens)
    finally:
        app.state.services.events.end()
        server.should_exit = True
        await running


@dataclass
class Event:
    """An event of an event stream, with the fields that were sent."""

    fields: dict[str, str]

    @property
    def kind(self) -> str:
        """What it is, by its name."""
        return self.fields["event"]

    @property
    def payload(self) -> Any:
        """What it tells."""
        return json.loads(self.fields["data"])


async def events_of(response: httpx.Response) -> AsyncIterator[Event]:
    """The events of an answer, without what is only there to keep the connection."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
            continue
        if "event" in fields:
            yield Event(fields)
        fields = {}
