"""The ASGI applications that are measured beside the service; uvicorn makes them by name, by the environment."""

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette

import app as service
from auth.actor import SYSTEM, Actor
from core.database import make_pool
from core.settings import load
from core.snapshot import Pool
from execution.operations import Runner
from loaders.claims import OPEN_CLAIMS
from transport.caller import Caller

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

SQL = Path(__file__).parent / "sql"
FIRST = ["", "00000000-0000-0000-0000-000000000000"]


def interpreted() -> Starlette:
    """The service with graphql-core's executor for every operation: stock Strawberry, same schema, same loaders."""
    # create_app finds its Runner by the name in its module.
    vars(service)["Runner"] = partial(Runner, compiling=False)
    return service.create_app(load())


async def _system(caller: Caller) -> Actor:
    return SYSTEM


def unguarded() -> Starlette:
    """The service without access control: whoever asks is the system itself, no credential is looked at."""
    # Imported here, because it switches the garbage collector off: it is the worker that this one is compared with.
    from commands.worker import worker

    setattr(Caller, "actor", _system)  # noqa: B010
    return worker()


def statement(name: str) -> bytes:
    """One of the statements in sql/, without its comments."""
    lines = (SQL / f"{name}.sql").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--"))
    return text.replace("{open}", OPEN_CLAIMS).encode()


class Bare:
    """As little ASGI as answers a POST with JSON."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = await self.answer(body)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        async with self.running():
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """What surrounds the answering."""
        yield

    async def answer(self, body: bytes) -> bytes:
        """The answer to a request body."""
        raise NotImplementedError


class OneStatement(Bare):
    """PostgreSQL makes the whole JSON; the application passes it on."""

    def __init__(self) -> None:
        settings = load()
        assert settings.database_url is not None
        self.pool: Pool = make_pool(settings.database_url, settings.pool_size)
        self.profile, self.list = statement("customer_360"), statement("customer_list")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The pool is open."""
        async with self.pool:
            yield

    async def answer(self, body: bytes) -> bytes:
        """The JSON of the profile or of the list, by the variables given."""
        variables = orjson.loads(body).get("variables") or {}
        if "number" in variables:
            query = (self.profile, [variables["number"]])
        else:
            after = variables.get("after")
            query = (self.list, orjson.loads(after) if after else FIRST)
        async with self.pool.connection() as connection:
            rows = (await connection.run(None, [query]))[0]
        text: str = rows[0][0] if rows else '{"data":{"customer":null}}'
        return text.encode()


class Prepared(Bare):
    """Answers with bytes made beforehand: what HTTP alone costs."""

    def __init__(self) -> None:
        folder = Path(os.environ["BENCH_PREPARED"])
        self.profile = (folder / "profile.json").read_bytes()
        self.list = (folder / "list.json").read_bytes()

    async def answer(self, body: bytes) -> bytes:
        """The prepared bytes."""
        return self.profile if b'"number"' in body else self.list
