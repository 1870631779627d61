"""Sequencing: gives committed events their numbers in the feed, one process at a time.

Whoever writes an event leaves a line in `event_queue` in the same transaction (a trigger does). Only what is committed
is seen there by others, so the sequencer never waits for a transaction that still runs, and one that commits late gets
a later number. Numbers have no gaps, and one once given stays: the order never changes (docs/adr/0022-feed.md).
"""

import psycopg

from events.append import CHANNEL

# What a NOTIFY on it says: numbers were given; the feed has grown.
FEED_CHANNEL = "c360_feed"
# Anything, as long as everybody takes the same.
_LOCK = 0x6331_3630_6665_6564 & 0x7FFF_FFFF_FFFF_FFFF
# Events numbered in one transaction.
BATCH = 2_000

# The statement after the lock: its snapshot sees the numbers of whoever had the lock before. An event that has one
# already was queued anew by a restore of data alone.
_NUMBER = """
with waiting as (
    delete from event_queue where position in (select position from event_queue order by position limit %(size)s)
    returning position, event_id, customer_id)
insert into event_feed (number, event_id, customer_id, numbered_at)
select (select coalesce(max(number), 0) from event_feed) + row_number() over (order by position),
       event_id, customer_id, now()
from waiting w where not exists (select from event_feed f where f.event_id = w.event_id)"""


async def sequence(connection: psycopg.AsyncConnection[tuple[object, ...]], size: int = BATCH) -> int:
    """Number all events that are committed and have no number yet, and return how many.

    Leaves it to another process that is at it. `connection` is in autocommit. Raises psycopg.Error; what was numbered
    until then stays.
    """
    waiting = await connection.execute("select exists (select from event_queue)")
    if await waiting.fetchone() == (False,):
        return 0
    numbered = 0
    while True:
        async with connection.transaction():
            # Of this transaction: it ends with it, after the commit is seen, also when the process is killed.
            got = await connection.execute("select pg_try_advisory_xact_lock(%s)", (_LOCK,))
            if await got.fetchone() == (False,):
                return numbered
            count = (await connection.execute(_NUMBER, {"size": size})).rowcount
            if count:
                await connection.execute("select pg_notify(%s, '')", (FEED_CHANNEL,))
        numbered += count
        if count < size:
            return numbered


__all__ = ["BATCH", "CHANNEL", "FEED_CHANNEL", "sequence"]
