"""The event feed of one worker: its hub, and where that has the feed from."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from core.settings import Settings
from core.snapshot import Pool
from events.hub import Hub
from events.log import Log
from events.postgres import PostgresSource
from events.sequencing import sequence

# How long a start waits for what was written while nobody served: an import, or the demo world.
_BACKLOG_SECONDS = 10.0


@asynccontextmanager
async def open_events(settings: Settings, pool: Pool) -> AsyncIterator[Hub]:
    """The hub over an open pool of the tables' owner; at the end all its subscriptions end.

    Raises ValueError without database_url, psycopg.Error when the database does not answer.
    """
    if settings.database_url is None:
        raise ValueError("the event feed needs a database_url")
    log = Log(pool, settings.feed_days)
    await _number_backlog(pool)
    postgres = PostgresSource(settings.database_url, pool, log)
    if settings.nats_url is None:
        async with Hub(log, postgres) as hub:
            yield hub
        return
    # Here, because a start without NATS need not wait for its client.
    from events.jetstream import JetStream, JetStreamSource, Publisher

    stream = JetStream(settings.nats_url, pool)
    publishing = asyncio.create_task(Publisher(settings.database_url, stream, log, postgres).run())
    try:
        async with Hub(log, JetStreamSource(stream, log)) as hub:
            yield hub
    finally:
        publishing.cancel()
        with suppress(asyncio.CancelledError):
            await publishing
        await stream.close()


async def _number_backlog(pool: Pool) -> None:
    """Give what waits its place before anybody follows, so that it is not taken for news."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_BACKLOG_SECONDS), pool.connection() as connection:
            await sequence(connection)
