"""Clients that follow the feed in thousands from one process: as little as the two protocols need, and no more.

Each keeps the cursor of its last event and comes back after it when its connection is lost.
"""

import asyncio
import base64
import os
import random
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

FOLLOW = """subscription ($after: String, $customers: [ID!]) {
  customerEvents(after: $after, where: {customerIds: $customers}) { cursor event { summary } customer { displayName } }
}"""
# Connections that are being opened at the same time.
_OPENING = 100
# Before the first attempt to come back; twice as long before each further one, as clients do.
_PAUSE_SECONDS = 0.3
_LONGEST_PAUSE_SECONDS = 8.0


@dataclass
class Target:
    """The service, and what is common to all who follow it."""

    port: int
    token: str
    # Called with each event: its number, and when it came.
    seen: Callable[[int, float], None]
    opening: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_OPENING))
    ended: bool = False
    refusals: list[str] = field(default_factory=list)


class Follower(asyncio.Protocol):
    """One client, over connection after connection."""

    def __init__(self, target: Target, customer: str, after: str) -> None:
        self.target = target
        self.customer = customer
        self.received: list[int] = []
        self.running = False
        self._pause = _PAUSE_SECONDS
        self._after = after
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._returning: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Open a connection, however often that takes."""
        loop = asyncio.get_running_loop()
        while not self.target.ended:
            try:
                async with self.target.opening:
                    await loop.create_connection(lambda: self, "127.0.0.1", self.target.port)
                    return
            except OSError:
                await asyncio.sleep(_PAUSE_SECONDS * (0.5 + random.random()))  # noqa: S311  # nosec B311

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer.clear()
        transport.write(self._request())

    def data_received(self, data: bytes) -> None:
        """Take what has come as a whole."""
        self._buffer += data
        self._take()

    def connection_lost(self, exc: Exception | None) -> None:
        """Come back."""
        self.running = False
        if not self.target.ended:
            self._returning = asyncio.get_running_loop().create_task(self._return())

    async def _return(self) -> None:
        await asyncio.sleep(self._pause * (0.5 + random.random()))  # noqa: S311  # nosec B311
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        await self.connect()

    def _begun(self) -> None:
        """The service has begun to answer."""
        self.running = True
        self._pause = _PAUSE_SECONDS

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.abort()

    def _operation(self) -> dict[str, Any]:
        return {"query": FOLLOW, "variables": {"after": self._after, "customers": [self.customer]}}

    def _item(self, result: dict[str, Any]) -> None:
        """An item, or the errors with which it ends."""
        if "errors" in result:
            self.target.refusals.append(str(result["errors"]))
            self.close()
            return
        update = result["data"]["customerEvents"]
        self._after = update["cursor"]
        number = int(update["event"]["summary"])
        self.received.append(number)
        self.target.seen(number, time.perf_counter())

    def _request(self) -> bytes:
        raise NotImplementedError

    def _take(self) -> None:
        raise NotImplementedError


class EventFollower(Follower):
    """Over server-sent events."""

    def _request(self) -> bytes:
        body = orjson.dumps(self._operation())
        return (
            f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{self.target.port}\r\naccept: text/event-stream\r\n"
            f"authorization: Bearer {self.target.token}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        ).encode() + body

    def _take(self) -> None:
        # Chunks of the response hold whole events, so that sizes of chunks are lines of their own between them.
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer[:] = rest
        for line in lines:
            if line.startswith(b"data: {"):
                self._item(orjson.loads(line[6:]))
            elif line.startswith(b"retry:"):
                self._begun()
            elif line.startswith(b"HTTP/") and b" 200 " not in line:
                self.close()


class SocketFollower(Follower):
    """Over a WebSocket."""

    _upgraded = False

    def _request(self) -> bytes:
        self._upgraded = False
        key = base64.b64encode(os.urandom(16)).decode()
        return (
            f"GET /graphql HTTP/1.1\r\nhost: 127.0.0.1:{self.target.port}\r\nconnection: upgrade\r\n"
            f"upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n"
            "sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        ).encode()

    def _take(self) -> None:
        if not self._upgraded:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in self._buffer[:30]:
                self.close()
                return
            del self._buffer[: end + 4]
            self._upgraded = True
            self._say({"type": "connection_init", "payload": {"Authorization": f"Bearer {self.target.token}"}})
        while (frame := self._frame()) is not None:
            opcode, payload = frame
            if opcode == 1:
                self._message(orjson.loads(payload))
            elif opcode == 9:
                self._send(10, payload)
            elif opcode == 8:
                self.close()

    def _frame(self) -> tuple[int, bytes] | None:
        """The next frame of the server's, which are not masked and not in parts."""
        if len(self._buffer) < 2:
            return None
        size, start = self._buffer[1], 2
        if size == 126:
            if len(self._buffer) < 4:
                return None
            size, start = struct.unpack_from(">H", self._buffer, 2)[0], 4
        if len(self._buffer) < start + size:
            return None
        opcode, payload = self._buffer[0] & 15, bytes(self._buffer[start : start + size])
        del self._buffer[: start + size]
        return opcode, payload

    def _message(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_ack":
                self._say({"type": "subscribe", "id": "1", "payload": self._operation()})
                self._begun()
            case "next":
                self._item(message["payload"])
            case "error":
                self._item({"errors": message["payload"]})

    def _say(self, message: dict[str, Any]) -> None:
        self._send(1, orjson.dumps(message))

    def _send(self, opcode: int, payload: bytes) -> None:
        assert self._transport is not None
        size = len(payload)
        length = bytes([128 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
        # A mask of zeroes leaves the payload as it is.
        self._transport.write(bytes([128 | opcode]) + length + bytes(4) + payload)
