"""A receiver of webhooks: a small HTTP or HTTPS server of the test's, which keeps what it got and answers as told."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from standardwebhooks import Webhook

PATIENCE = 30.0


@dataclass(frozen=True)
class Got:
    """A request that came."""

    headers: dict[str, str]
    body: bytes
    at: float
    peer: str

    @property
    def id(self) -> str:
        """Its `webhook-id`."""
        return self.headers["webhook-id"]

    @property
    def message(self) -> Any:
        """The body."""
        return orjson.loads(self.body)

    @property
    def customer(self) -> str | None:
        """The customer it tells of."""
        customer = self.message["data"].get("customer")
        return customer["id"] if customer else None

    def verified(self, secret: str) -> Any:
        """The message, verified by the reference implementation of Standard Webhooks. Raises if it is not right."""
        return Webhook(secret).verify(self.body, self.headers)


Decide = Callable[[Got], int]


def _accept(_: Got) -> int:
    return 200


@dataclass
class Receiver:
    """What was received; `decide` says with what status each request is answered, 0: not at all."""

    port: int = 0
    scheme: str = "http"
    decide: Decide = _accept
    got: list[Got] = field(default_factory=list)
    connections: int = 0
    # Sent in place of an answer, where given.
    raw_answer: bytes | None = None
    delay: float = 0.0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}/hooks"

    @property
    def ids(self) -> list[str]:
        """What came, in order."""
        return [one.id for one in self.got]

    async def until(self, count: int, seconds: float = PATIENCE) -> list[Got]:
        """Wait until so many came; fails when they do not."""
        await eventually(lambda: len(self.got) >= count, f"{count} requests, got {len(self.got)}", seconds)
        return self.got

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with (
            contextlib.closing(writer),
            contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError),
        ):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = head.split("\r\n")[1:-2]
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                one = Got(headers, body, time.monotonic(), writer.get_extra_info("peername")[0])
                self.got.append(one)
                status = self.decide(one)
                await asyncio.sleep(self.delay)
                if status == 0:
                    await asyncio.sleep(3600)
                answer = self.raw_answer or f"HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\nok".encode()
                writer.write(answer)
                await writer.drain()
                if self.raw_answer:
                    break


async def eventually(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited in vain: {what}"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver(**options)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(receiver._serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    receiver.scheme = "https" if tls else "http"
    try:
        yield receiver
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
