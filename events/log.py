"""Reading the feed: in the order of its numbers, after a place, in batches."""

from datetime import timedelta
from typing import Any

from core.snapshot import Pool
from events.cursor import BEGINNING, CursorInvalid, CursorTooOld, Position
from events.interest import Entry, Interest

# Entries read at once.
BATCH = 500
# Numbers that one statement looks through for somebody who wants few of them.
STRETCH = 20_000

_ENTRY = """
select f.number, f.event_id::text, e.type, e.category, e.customer_id::text, e.subject_kind, e.subject_id::text,
       (select array_agg(m.merged_id::text) from customer_merges m
        where m.customer_id = f.customer_id and m.undone_at is null),
       (select array_agg(b.partner_id::text) from partner_book b
        where b.object_id = e.subject_id and b.kind = e.subject_kind)
from event_feed f"""

# An event that is no longer there leaves its number behind, and is passed over.
_NEXT = f"""{_ENTRY} left join events e on e.id = f.event_id
where f.number > %(after)s order by f.number limit %(limit)s"""

# Each condition of an interest: the SQL that holds for the rows wanted.
_CONDITIONS = {
    "types": "e.type = any(%(types)s)",
    "categories": "e.category = any(%(categories)s)",
    "kinds": "e.subject_kind = any(%(kinds)s)",
    "customers": "(f.customer_id = any(%(customers)s::uuid[]) or f.customer_id in (select m.customer_id"
    " from customer_merges m where m.merged_id = any(%(customers)s::uuid[]) and m.undone_at is null))",
    "subjects": "e.subject_id = any(%(subjects)s::uuid[])",
    "partner": "exists (select from partner_book b where b.object_id = e.subject_id"
    " and b.partner_id = %(partner)s::uuid and b.kind = e.subject_kind)",
}

_NEWEST = "select number, event_id::text from event_feed order by number desc limit 1"

_AT = "select event_id::text from event_feed where number = %s"

_KNOWN = """
select (select event_id::text from event_feed where number = %(number)s),
       (select numbered_at < now() - %(window)s from event_feed where number > %(number)s order by number limit 1)"""


class Log:
    """The feed of one database. `days` is how far back a cursor may reach."""

    def __init__(self, pool: Pool, days: int) -> None:
        self._pool = pool
        self._days = days

    async def newest(self) -> Position:
        """The place of the newest event. Raises psycopg.Error, PoolTimeout."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_NEWEST)).fetchone()
        return BEGINNING if row is None else Position.of(*row)

    async def has(self, position: Position) -> bool:
        """Whether this is the feed that a place was taken from. Raises psycopg.Error, PoolTimeout."""
        if position == BEGINNING:
            return True
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_AT, (position.number,))).fetchone()
        return row is not None and Position.of(position.number, row[0]) == position

    async def check(self, position: Position) -> None:
        """Raise CursorInvalid for a place this feed does not have, CursorTooOld when what follows it is too old.

        Too old is what follows, not the cursor: who missed nothing may come back after any time. Raises psycopg.Error
        and PoolTimeout too.
        """
        parameters = {"number": position.number, "window": timedelta(days=self._days)}
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_KNOWN, parameters)).fetchone()
        event_id, is_old = row or (None, None)
        known = BEGINNING if position.number == 0 else event_id and Position.of(position.number, event_id)
        if known != position:
            raise CursorInvalid(
                "this feed has no such place; it may be of another database, or of one that was restored since"
            )
        if is_old:
            raise CursorTooOld(self._days)

    async def read(self, after: int, limit: int = BATCH) -> tuple[list[Entry], Position | None]:
        """The entries after a number, and the place up to which that is all; None when nothing follows.

        Raises psycopg.Error, PoolTimeout.
        """
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_NEXT, {"after": after, "limit": limit})).fetchall()
        if not rows:
            return [], None
        entries = [Entry.of(row) for row in rows if row[2] is not None]
        return entries, Position.of(rows[-1][0], rows[-1][1])

    async def matching(self, interest: Interest, after: int, until: int, limit: int = BATCH) -> tuple[list[Entry], int]:
        """The first entries of an interest with numbers over `after` up to `until`, and the number they are all up to.

        Looks through STRETCH numbers at most. Raises psycopg.Error, PoolTimeout.
        """
        until = min(until, after + STRETCH)
        parameters: dict[str, Any] = {"after": after, "until": until, "limit": limit}
        conditions = ["f.number > %(after)s", "f.number <= %(until)s"]
        for name, condition in _CONDITIONS.items():
            wanted = getattr(interest, name)
            if wanted is not None:
                conditions.append(condition)
                parameters[name] = wanted if isinstance(wanted, str) else sorted(wanted)
        sql = f"{_ENTRY} join events e on e.id = f.event_id where {' and '.join(conditions)}"
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(f"{sql} order by f.number limit %(limit)s", parameters)).fetchall()
        entries = [Entry.of(row) for row in rows]
        return entries, entries[-1].number if len(entries) == limit else until
