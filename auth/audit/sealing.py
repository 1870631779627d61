"""Sealing: extends the chain by the entries that were committed since.

Entries are sealed in the order of (transaction id, position), once their transaction is older than every transaction
that still runs (`pg_snapshot_xmin`): nothing can come in before them any more. So the end of the chain is at once the
place to go on from, and whoever writes entries never waits for the chain.

A dump that is restored into another server brings entries whose transaction ids say nothing there. They show by ids
that this server has not given out yet, or by a chain that ends beyond its oldest transaction; then what has no seal is
looked for in the whole log.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from auth.audit.chain import CHAIN_LOCK, GENESIS, SELECT, Head, link
from auth.audit.connection import Connection

# Entries sealed in one transaction. Hashing that many keeps the event loop for a few milliseconds.
BATCH = 500

_HEAD = """
select coalesce(h.number, 0), h.hash, e.transaction_id, e.position,
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint
from (select) one
left join (select number, hash from audit_seals order by number desc limit 1) h on true
left join lateral (
    select e.transaction_id, e.position from audit_seals s join audit_entries e on e.id = s.entry_id
    order by s.number desc limit 1) e on true"""

_COMMITTED = f"""
select {SELECT} from audit_entries e
where (e.transaction_id, e.position) > (%s::bigint, %s::bigint) and e.transaction_id < %s::bigint
  and not exists (select from audit_seals s where s.entry_id = e.id)
order by e.transaction_id, e.position limit %s"""

# Committed, as we see it, by a transaction that this server has not begun yet.
_FROM_ELSEWHERE = f"""
select {SELECT} from audit_entries e
where e.transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
  and not exists (select from audit_seals s where s.entry_id = e.id)
order by e.transaction_id, e.position limit %s"""

_WAITING = """
select exists (select from audit_entries e
               where e.transaction_id >= %s::bigint
                 and e.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"""


@dataclass(frozen=True, slots=True)
class _Batch:
    sealed: int
    complete: bool
    horizon: int


class Sealer:
    """Extends the chain. Any number may be at work in any number of processes; one at a time gets on."""

    def __init__(self, batch: int = BATCH) -> None:
        self._size = batch
        # Everything by transactions before this one is sealed; a hint that saves looking, never one that is relied on.
        self.horizon = 0

    async def seal(self, connection: Connection) -> int:
        """Seal what is committed, and say how many entries that were.

        `horizon` then tells before which transaction nothing is left. Raises psycopg.Error; what was sealed until then
        stays.
        """
        sealed = 0
        async for batch in self._batches(connection, wait=True):
            sealed += batch.sealed
        return sealed

    async def seal_if_free(self, connection: Connection) -> int:
        """Like `seal`, but leave it to another process that is at it, and look first whether there is anything."""
        cursor = await connection.execute(_WAITING, (self.horizon,))
        if await cursor.fetchone() == (False,):
            return 0
        sealed = 0
        async for batch in self._batches(connection, wait=False):
            sealed += batch.sealed
        return sealed

    async def _batches(self, connection: Connection, *, wait: bool) -> AsyncIterator[_Batch]:
        while (batch := await self._batch(connection, wait=wait)) is not None:
            yield batch
            if batch.complete:
                self.horizon = batch.horizon
                return
            # Let others have the event loop between two batches.
            await asyncio.sleep(0)

    async def _batch(self, connection: Connection, *, wait: bool) -> _Batch | None:
        # The lock is of this transaction and comes before everything that is read: whoever gets it sees the seals of
        # whoever had it before. It ends with the transaction, also when the process is killed.
        async with connection.transaction():
            if wait:
                await connection.execute("select pg_advisory_xact_lock(%s)", (CHAIN_LOCK,))
            else:
                got = await connection.execute("select pg_try_advisory_xact_lock(%s)", (CHAIN_LOCK,))
                if await got.fetchone() == (False,):
                    return None
            cursor = await connection.execute(_HEAD)
            number, last_hash, transaction, position, horizon = await cursor.fetchone() or (0, None, None, None, 0)
            entries = await self._entries(connection, transaction, position, horizon)
            if entries:
                await _write(connection, Head(number, last_hash or GENESIS), entries)
            return _Batch(len(entries), len(entries) < self._size, horizon)

    async def _entries(
        self, connection: Connection, transaction: int | None, position: int | None, horizon: int
    ) -> list[tuple[Any, ...]]:
        """The next entries to seal, the chain ending with an entry by `transaction` at `position`."""
        after = (0, 0)
        if transaction is not None and position is not None and transaction < horizon:
            after = (transaction, position)
        if self.horizon <= horizon:
            after = max(after, (self.horizon, 0))
        found: list[tuple[Any, ...]] = []
        if after == (0, 0):
            cursor = await connection.execute(_FROM_ELSEWHERE, (self._size,))
            found = await cursor.fetchall()
        if len(found) < self._size:
            cursor = await connection.execute(_COMMITTED, (*after, horizon, self._size - len(found)))
            found += await cursor.fetchall()
        return found


async def _write(connection: Connection, head: Head, entries: list[tuple[Any, ...]]) -> None:
    number, previous, lines = head.number, head.hash, []
    for entry in entries:
        number += 1
        previous = link(previous, entry)
        lines.append(f"{number}\t{entry[0]}\t\\\\x{previous.hex()}\n")
    async with (
        connection.cursor() as cursor,
        cursor.copy("copy audit_seals (number, entry_id, hash) from stdin") as copy,
    ):
        await copy.write("".join(lines))


async def current_head(connection: Connection) -> Head:
    """The end of the chain as it stands. Raises psycopg.Error."""
    cursor = await connection.execute("select number, hash from audit_seals order by number desc limit 1")
    number, last_hash = await cursor.fetchone() or (0, GENESIS)
    return Head(number, last_hash)
