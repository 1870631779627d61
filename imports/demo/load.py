"""From the seed to the database: chunks of customers, made in one thread while another copies the chunk before.

One transaction for each chunk, not one for all. A chunk holds whole families and firms and refers to nothing outside
but the catalogue and the staff, so whatever is committed is complete, and an interrupted run leaves a smaller world,
never a torn one. A single long transaction would hold back the feed's cursor and the vacuum for everyone meanwhile.
Only a large world for an empty database is one transaction, because nobody waits there and it is faster (bulk.py).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from core.sealing import Keyring
from imports import audit
from imports.copying import copy_in
from imports.demo import catalogue, staff
from imports.demo.bulk import filling
from imports.demo.dice import Dice
from imports.demo.families import populate
from imports.demo.sealing import Sealer
from imports.demo.world import Rows, World

TODAY = date(2026, 11, 1)
"""The world's today unless told otherwise: the same seed gives the same world next year too."""

CHUNK = 500
"""Customers in a chunk. Larger ones are not faster, and hold more in memory."""

BULK = 2_000
"""Customers from which on it is worth while to fill an empty database without its indexes."""

_PREFIXES = {"customers": "C", "households": "H", "contracts": "K", "orders": "O", "claims": "S", "complaints": "B"}
# Any fixed number nothing else in the database locks: two runs at once must not both write the catalogue.
_CATALOGUE_LOCK = 0x633336306D640001


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What a run wrote: rows by table, and how long it took."""

    rows: dict[str, int]
    seconds: float

    @property
    def total(self) -> int:
        """All rows together."""
        return sum(self.rows.values())

    @property
    def rows_per_second(self) -> float:
        """Rows written per second, from start to end."""
        return self.total / self.seconds if self.seconds else 0.0


class Numbers:
    """Hands out the numbers people say, taken from the tables' sequences a block at a time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._left: dict[str, Iterator[str]] = {}

    def __call__(self, table: str) -> str:
        """The next number of the table."""
        number = next(self._left.get(table, iter(())), None)
        if number is None:
            self._left[table] = iter(self.block(table, 100))
            number = next(self._left[table])
        return number

    def block(self, table: str, size: int) -> list[str]:
        """Numbers nobody else has or gets.

        One nextval for each, because nothing else is safe: between reading a sequence and setting it forward, another
        session may take a number from within the block.
        """
        statement = SQL("select nextval({}) from generate_series(1, {})")
        rows = self._connection.execute(statement.format(Literal(f"{table}_number_seq"), Literal(size))).fetchall()
        return [f"{_PREFIXES[table]}-{row[0]:07}" for row in rows]


def generate(
    database_url: str,
    customers: int,
    seed: int = 360,
    progress: Callable[[int, int], None] | None = None,
    *,
    keyring: Keyring,
    today: date = TODAY,
) -> DemoSummary:
    """Add `customers` customers and all that belongs to them to a migrated database, whose keyring it is.

    The same seed, number and day give the same rows in an empty database, but for what hangs on random keys. In one
    that has customers already the new ones differ from them, whatever the seed. `progress(done, all)` is called after
    each chunk. The run leaves an entry in the audit log.

    Raises ValueError when the number is negative and psycopg.Error when the database does not do its part.
    """
    if customers < 0:
        raise ValueError(f"the number of customers must not be negative, got {customers}")
    started = perf_counter()
    counts: dict[str, int] = {}
    with (
        psycopg.connect(database_url, autocommit=True) as reader,
        psycopg.connect(database_url, autocommit=True) as writer,
        ThreadPoolExecutor(1, "demo-copy") as thread,
    ):
        for connection in (reader, writer):
            connection.execute("set timezone to 'UTC'")
        # A run that the machine's fall interrupts may lose its last chunks, as whole chunks.
        writer.execute("set synchronous_commit to off")
        with reader.transaction():
            reader.execute("select pg_advisory_xact_lock(%s)", (_CATALOGUE_LOCK,))
            catalogue.ensure(reader)
            people = staff.ensure(reader)
        numbers, rows = Numbers(reader), Rows()
        with filling(writer, list(rows.writers)) if customers >= BULK else nullcontext():
            copying: Future[None] | None = None
            try:
                for first in range(0, customers, CHUNK):
                    size = min(CHUNK, customers - first)
                    parts = _chunk(seed, size, today, people, numbers, rows, counts, keyring)
                    if copying:
                        copying.result()
                        if progress:
                            progress(first, customers)
                    copying = thread.submit(_copy, writer, parts)
            finally:
                # Nobody else may use the connection, not even to roll back, while the thread does.
                if copying:
                    wait([copying])
            if copying:
                copying.result()
        for table in [*rows.writers, "products", "product_categories", "agents", "teams", "partners"]:
            writer.execute(SQL("analyze {}").format(Identifier(table)))
        audit.note(writer, "demo", {"customers": customers, "seed": seed})
    if progress:
        progress(customers, customers)
    return DemoSummary(counts, perf_counter() - started)


def _chunk(
    seed: int,
    size: int,
    today: date,
    people: staff.Staff,
    numbers: Numbers,
    rows: Rows,
    counts: dict[str, int],
    keyring: Keyring,
) -> list[tuple[str, bytes]]:
    """Make a chunk: its COPY statements and their data.

    Its chance hangs on the seed and its first customer's number, not on what was made before.
    """
    mine = iter(numbers.block("customers", size))
    first = next(mine)
    sealer = Sealer(keyring, rows, Dice(f"{seed}/{first}/sealed"))
    world = World(Dice(f"{seed}/{first}"), today, people, rows, _with_customers(numbers, first, mine), sealer)
    populate(world, size)
    parts: list[tuple[str, bytes]] = []
    for table, writer in rows.writers.items():
        count, data = writer.take()
        counts[table] = counts.get(table, 0) + count
        parts.append((writer.statement, data))
    return parts


def _with_customers(numbers: Numbers, first: str, rest: Iterator[str]) -> Callable[[str], str]:
    """`numbers`, with the customers' taken from the chunk's own block."""

    def number(table: str) -> str:
        return next(customers) if table == "customers" else numbers(table)

    customers = iter([first, *rest])
    return number


def _copy(connection: psycopg.Connection[Any], parts: list[tuple[str, bytes]]) -> None:
    with connection.transaction():
        copy_in(connection, parts)
