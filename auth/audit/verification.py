"""Verification: walks the chain from its beginning and says what does not fit.

Whoever can write to the tables past their triggers can also compute hashes, and so make a new chain that fits. That is
found by a head that was noted elsewhere before (`c360 audit head`): the chain must still pass through it.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from auth.audit.chain import SELECT, START, Head, link
from auth.audit.connection import Connection

# Rows read at once: memory stays the same however long the log is.
_ROWS = 2000

_SEALS = f"""
select s.number, s.hash, s.entry_id::text, {SELECT}
from audit_seals s left join audit_entries e on e.id = s.entry_id order by s.number"""

# Of entries without a seal: those by transactions older than what was sealed, or by ones that have never been.
_UNSEALED = """
select e.id::text, e.transaction_id < %s::bigint
                   or e.transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
from audit_entries e where not exists (select from audit_seals s where s.entry_id = e.id)
order by e.transaction_id, e.position"""


class Verification:
    """One walk along the chain; `run` once.

    Afterwards `head` is the end of the chain and `pending` the number of entries that are not sealed yet, because
    transactions that began before theirs ended are still running.
    """

    def __init__(self, horizon: int, expected: Sequence[Head] = ()) -> None:
        """`horizon` is that of a Sealer that has just run; `expected` are heads noted earlier."""
        self.head = START
        self.pending = 0
        self._horizon = horizon
        self._expected = sorted(expected, key=lambda head: head.number)

    async def run(self, connection: Connection) -> AsyncIterator[str]:
        """What does not fit, a line each, naming the entry. All of it is seen at one moment. Raises psycopg.Error."""
        async with connection.transaction():
            await connection.execute("set transaction isolation level repeatable read, read only")
            for line in self._passed(START):
                yield line
            async for rows in _stream(connection, _SEALS, ()):
                for row in rows:
                    for line in self._seal(row[0], row[1], row[2], row[3:]):
                        yield line
            for head in self._expected:
                yield (
                    f"the chain ends at seal {self.head.number}, but once had a seal {head.number}:"
                    " seals were removed at its end"
                )
            async for rows in _stream(connection, _UNSEALED, (self._horizon,)):
                for entry_id, is_foreign in rows:
                    if is_foreign:
                        yield f"entry aud_{entry_id} has no seal: it was inserted, or its seal was removed"
                    else:
                        self.pending += 1

    def _seal(self, number: int, stored: bytes, entry_id: str, entry: tuple[Any, ...]) -> list[str]:
        """Go on by one seal: what does not fit about it."""
        found = []
        last = self.head.number + 1
        if number != last:
            seals = f"seal {last} is" if number == last + 1 else f"seals {last} to {number - 1} are"
            found.append(f"{seals} missing, before entry aud_{entry_id} (seal {number})")
        if entry[0] is None:
            found.append(f"entry aud_{entry_id} (seal {number}) was removed")
        elif number == last and link(self.head.hash, entry) != stored:
            found.append(f"entry aud_{entry_id} (seal {number}) was changed, moved or inserted")
        # On from what is stored, so that one break is not reported for every seal after it.
        self.head = Head(number, stored)
        return [*found, *self._passed(self.head)]

    def _passed(self, head: Head) -> list[str]:
        """What does not fit about the heads that were expected up to here."""
        found = []
        while self._expected and self._expected[0].number <= head.number:
            expected = self._expected.pop(0)
            if expected != head:
                found.append(f"seal {expected.number} is not the one that was noted: the chain up to it was made anew")
        return found


async def _stream(connection: Connection, query: str, values: tuple[Any, ...]) -> AsyncIterator[list[tuple[Any, ...]]]:
    async with connection.cursor(name="c360_audit") as cursor:
        await cursor.execute(query, values)
        while rows := await cursor.fetchmany(_ROWS):
            yield rows
