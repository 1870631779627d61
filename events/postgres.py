"""The feed from PostgreSQL: NOTIFY wakes the reader, and looking again and again is the safety net."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import psycopg
from psycopg.rows import TupleRow

from core.snapshot import Pool
from events.append import CHANNEL
from events.cursor import Position
from events.hub import OUTAGES, FeedReset, Stretch
from events.log import Log
from events.sequencing import FEED_CHANNEL, sequence

log = logging.getLogger(__name__)

# How long an event waits at most when no NOTIFY told of it: those of the demo world, or of a connection that broke.
POLL_SECONDS = 1.0
_OPTIONS = "-c timezone=UTC -c idle_in_transaction_session_timeout=60s"


class PostgresSource:
    """Follows the feed in PostgreSQL, and numbers what waits for a number."""

    def __init__(self, database_url: str, pool: Pool, feed: Log, poll_seconds: float = POLL_SECONDS) -> None:
        self._database_url = database_url
        self._pool = pool
        self._log = feed
        self._poll_seconds = poll_seconds

    async def follow(self, after: Position) -> AsyncIterator[Stretch]:
        """The feed after a place. Raises FeedReset, and events.hub.OUTAGES."""
        awake = asyncio.Event()
        listening = asyncio.create_task(self._listen(awake))
        try:
            while True:
                # What is there was there before, or it is another feed.
                if not await self._log.has(after):
                    raise FeedReset
                awake.clear()
                async with self._pool.connection() as connection:
                    await sequence(connection)
                while True:
                    entries, upto = await self._log.read(after.number)
                    if upto is None:
                        break
                    yield entries, upto
                    after = upto
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_seconds):
                        await awake.wait()
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    async def _listen(self, awake: asyncio.Event) -> None:
        """Set `awake` whenever events were committed or numbered; over a connection of its own."""
        while True:
            with contextlib.suppress(*OUTAGES, psycopg.Error):
                async with await connect(self._database_url) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    await connection.execute(f"listen {FEED_CHANNEL}")
                    # What came before it listened.
                    awake.set()
                    async for _ in connection.notifies():
                        awake.set()
            await asyncio.sleep(self._poll_seconds)


async def connect(database_url: str) -> psycopg.AsyncConnection[TupleRow]:
    """A connection of the feed's own, besides the pool. Raises psycopg.OperationalError."""
    return await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, connect_timeout=5, application_name="c360 events", options=_OPTIONS
    )
