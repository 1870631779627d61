"""The feed over NATS JetStream: one process of all reads it from PostgreSQL and publishes it, the others read it there.

NATS carries the feed, and PostgreSQL stays what counts. The numbers of the feed have no gaps, so a subscriber sees
whether anything is missing, doubled or out of order: what is missing it reads from the log, what it has it leaves out.
Without NATS everything comes from the log, up to a second later.
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator
from dataclasses import astuple
from typing import Any

import nats
import orjson
import psycopg
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StorageType, StreamConfig

from core.snapshot import Pool
from events.cursor import Position
from events.hub import OUTAGES, FeedReset, Stretch
from events.interest import Entry
from events.log import Log
from events.postgres import POLL_SECONDS, PostgresSource, connect

log = logging.getLogger(__name__)

# Entries in one message, which keeps it far below what a server takes.
BATCH = 200
# Who publishes: whoever holds this lock of the database, for as long as its connection lives.
_LEADER_LOCK = 0x6331_3630_6E61_7473
_LEADER_SECONDS = 2.0
# What is older reaches nobody through NATS: who was away for longer reads the log.
_MAX_AGE_SECONDS = 3600.0
_MAX_MESSAGES = 20_000
_NATS_SECONDS = 2.0

# The server and its database, so that several can share a NATS.
_IDENTITY = "select (pg_control_system()).system_identifier::text || '/' || current_database()"

_FAILURES = (NatsError, OSError, TimeoutError)


def packed(after: int, stretch: Stretch) -> bytes:
    """A stretch of the feed as a message."""
    entries, upto = stretch
    rows = [(*astuple(entry)[:-2], sorted(entry.former), sorted(entry.partners)) for entry in entries]
    return orjson.dumps({"after": after, "upto": [upto.number, upto.check.hex()], "entries": rows})


def unpacked(message: bytes) -> tuple[int, Stretch]:
    """The number a message follows, and its stretch."""
    found: dict[str, Any] = orjson.loads(message)
    entries = [Entry.of(row) for row in found["entries"]]
    number, check = found["upto"]
    return found["after"], (entries, Position(number, bytes.fromhex(check)))


class JetStream:
    """The connection to NATS, and the stream of one database. Made when first needed, and kept."""

    def __init__(self, url: str, pool: Pool) -> None:
        self._url = url
        self._pool = pool
        self._client: Client | None = None
        self._turn = asyncio.Lock()
        self._failing = False
        self.name = ""

    @property
    def subject(self) -> str:
        """What the feed is published under."""
        return f"c360.feed.{self.name}"

    async def context(self) -> Any:
        """JetStream, with the stream in it. Raises NatsError, OSError, TimeoutError, and psycopg.Error."""
        async with self._turn:
            if not self.name:
                async with self._pool.connection() as connection:
                    (identity,) = await (await connection.execute(_IDENTITY)).fetchone() or ("",)
                self.name = hashlib.sha256(identity.encode()).hexdigest()[:24]
            if self._client is None or self._client.is_closed:
                self._client = await self._connect()
            if not self._client.is_connected:
                raise TimeoutError
            stream = self._client.jetstream(timeout=_NATS_SECONDS)
            await stream.add_stream(
                StreamConfig(
                    name=f"c360-feed-{self.name}",
                    subjects=[self.subject],
                    max_age=_MAX_AGE_SECONDS,
                    max_msgs=_MAX_MESSAGES,
                    storage=StorageType.FILE,
                    duplicate_window=120,
                )
            )
            return stream

    async def _connect(self) -> Client:
        async def quietly(error: Exception) -> None:
            if not self._failing:
                log.warning("NATS: %s", type(error).__name__)
            self._failing = True

        async def again() -> None:
            self._failing = False

        return await nats.connect(
            self._url,
            name="customer360",
            connect_timeout=int(_NATS_SECONDS),
            reconnect_time_wait=1,
            max_reconnect_attempts=-1,
            error_cb=quietly,
            reconnected_cb=again,
        )

    async def close(self) -> None:
        """End the connection."""
        if self._client is not None:
            with contextlib.suppress(*_FAILURES):
                async with asyncio.timeout(_NATS_SECONDS):
                    await self._client.close()


class JetStreamSource:
    """Follows the feed in JetStream, and in the log where something is missing there."""

    def __init__(self, stream: JetStream, feed: Log, poll_seconds: float = POLL_SECONDS) -> None:
        self._stream = stream
        self._log = feed
        self._poll_seconds = poll_seconds

    async def follow(self, after: Position) -> AsyncIterator[Stretch]:
        """The feed after a place. Raises FeedReset, and events.hub.OUTAGES."""
        consumer: Any = None
        while True:
            if consumer is None:
                with contextlib.suppress(*_FAILURES):
                    consumer = await self._consumer()
            message = None
            try:
                if consumer is not None:
                    (message,) = await consumer.fetch(1, timeout=self._poll_seconds)
                else:
                    await asyncio.sleep(self._poll_seconds)
            except TimeoutError:
                pass
            except _FAILURES:
                consumer = None
            if message is not None:
                before, stretch = unpacked(message.data)
                if stretch[1].number <= after.number:
                    continue
                if before <= after.number:
                    after_number, after = after.number, stretch[1]
                    yield [entry for entry in stretch[0] if entry.number > after_number], after
                    continue
            # Nothing came for a while, or not what comes next.
            missed = False
            while True:
                entries, upto = await self._log.read(after.number)
                if upto is None:
                    break
                missed = True
                yield entries, upto
                after = upto
            if missed and message is None:
                # It should have come over NATS: the consumer may be gone without having said so.
                consumer = None
            if not missed and not await self._log.has(after):
                raise FeedReset

    async def _consumer(self) -> Any:
        stream = await self._stream.context()
        return await stream.pull_subscribe(
            self._stream.subject,
            config=ConsumerConfig(deliver_policy=DeliverPolicy.NEW, ack_policy=AckPolicy.NONE, inactive_threshold=60.0),
        )


class Publisher:
    """Publishes the feed as long as no other process does. `run` never ends by itself."""

    def __init__(self, database_url: str, stream: JetStream, feed: Log, source: PostgresSource) -> None:
        self._database_url = database_url
        self._stream = stream
        self._log = feed
        self._source = source
        self._failing = False
        self.leads = False

    async def run(self) -> None:
        """Wait for the lock, publish while it is held, and again."""
        while True:
            with contextlib.suppress(*OUTAGES, psycopg.Error, FeedReset):
                async with await connect(self._database_url) as connection:
                    got = await connection.execute("select pg_try_advisory_lock(%s)", (_LEADER_LOCK,))
                    if await got.fetchone() == (True,):
                        await self._lead(connection)
            await asyncio.sleep(_LEADER_SECONDS)

    async def _lead(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self.leads = True
        watching = asyncio.create_task(_until_lost(connection))
        publishing = asyncio.create_task(self._publish())
        try:
            await asyncio.wait({watching, publishing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.leads = False
            for task in (watching, publishing):
                task.cancel()
            await asyncio.gather(watching, publishing, return_exceptions=True)

    async def _publish(self) -> None:
        # What came before is in the log, where whoever misses it looks.
        after = await self._log.newest()
        async for stretch in self._source.follow(after):
            try:
                context = await self._stream.context()
                for number, part in _parts(after.number, stretch):
                    upto = part[1]
                    await context.publish(
                        self._stream.subject,
                        packed(number, part),
                        timeout=_NATS_SECONDS,
                        headers={"Nats-Msg-Id": f"{upto.number}-{upto.check.hex()}"},
                    )
                self._failing = False
            except _FAILURES as error:
                if not self._failing:
                    log.warning("events cannot be published over NATS at the moment: %s", type(error).__name__)
                self._failing = True
            after = stretch[1]


def _parts(after: int, stretch: Stretch) -> list[tuple[int, Stretch]]:
    """A stretch as several that are small enough for a message, each with the number it follows."""
    entries, upto = stretch
    parts: list[tuple[int, Stretch]] = []
    for first in range(0, len(entries), BATCH):
        some = entries[first : first + BATCH]
        end = upto if first + BATCH >= len(entries) else some[-1].position
        parts.append((after, (some, end)))
        after = end.number
    return parts or [(after, ([], upto))]


async def _until_lost(connection: psycopg.AsyncConnection[Any]) -> None:
    """Returns when the connection, and with it the lock, is gone."""
    with contextlib.suppress(psycopg.Error, OSError, TimeoutError):
        while True:
            await asyncio.sleep(_LEADER_SECONDS)
            async with asyncio.timeout(_LEADER_SECONDS * 2):
                await connection.execute("select 1")
