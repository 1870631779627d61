"""What the tests of the audit log share: making entries, looking at the chain, and taking the database away."""

import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from auth.actor import user
from auth.audit.chain import Head
from auth.audit.connection import Connection, connect
from auth.audit.entries import Entry, changed
from auth.audit.sealing import Sealer, current_head
from auth.audit.verification import Verification
from models.roles import Role

AGENT = user("0192f0c1-7c3e-7b11-a0b1-000000000001", frozenset({Role.AGENT}))


def entry(operation: str = "changeAddress", **facts: Any) -> Entry:
    """An entry as any mutation makes it."""
    return changed(AGENT, operation, fields=("street", "city"), **facts)


def rows(url: str, query: Any, *values: object) -> list[Any]:
    """The rows of a query."""
    with psycopg.connect(url) as connection:
        return connection.execute(query, values).fetchall()


def written(url: str) -> set[UUID]:
    """The ids of all entries in the log."""
    return {row[0] for row in rows(url, "select id from audit_entries")}


def fill(url: str, entries: int, per_transaction: int = 50) -> None:
    """Many different entries, some in one transaction; returns when they can be sealed.

    An entry can be once no older transaction runs in the whole cluster, so also none of a test in another process.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        for first in range(0, entries, per_transaction):
            connection.execute(
                "insert into audit_entries (id, kind, actor_kind, actor_id, operation, customer_ids, sensitive_fields,"
                " purpose, details) select gen_random_uuid(), 'MUTATION', 'USER', gen_random_uuid(), 'change' || n,"
                " array[gen_random_uuid(), gen_random_uuid()], array['Customer.income'], 'asked for, “grüß Gott”',"
                " jsonb_build_object('n', n, 'b', array[1, 2], 'a', '\"\\/' || chr(9))"
                " from generate_series(%s::int, %s) n",
                (first, min(first + per_transaction, entries) - 1),
            )
        _wait_for_older_transactions(connection)


def _wait_for_older_transactions(connection: psycopg.Connection[Any]) -> None:
    """Up to half a minute: a test may hold a transaction open on purpose."""
    [(newest,)] = connection.execute("select pg_current_xact_id()::text::bigint").fetchall()
    passed = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %s"
    deadline = time.monotonic() + 30
    while connection.execute(passed, [newest]).fetchone() != (True,) and time.monotonic() < deadline:
        time.sleep(0.02)


async def seal(url: str) -> tuple[int, int]:
    """Seal what can be: how many entries, and the horizon."""
    async with await connect(url) as connection:
        sealer = Sealer()
        return await sealer.seal(connection), sealer.horizon


async def head(url: str) -> Head:
    """The end of the chain."""
    async with await connect(url) as connection:
        return await current_head(connection)


async def findings(url: str, *expected: Head) -> list[str]:
    """What `c360 audit verify` would say."""
    return (await verified(url, expected))[0]


async def verified(url: str, expected: Sequence[Head] = ()) -> tuple[list[str], Verification]:
    """What `c360 audit verify` would say, and the walk that found it."""
    _, horizon = await seal(url)
    verification = Verification(horizon, expected)
    async with await connect(url) as connection:
        return [line async for line in verification.run(connection)], verification


@contextlib.asynccontextmanager
async def connections(url: str, number: int) -> AsyncIterator[list[Connection]]:
    """So many connections of their own."""
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(await connect(url)) for _ in range(number)]


def take_away(server: str, url: str) -> None:
    """Throw everybody out of the database and let nobody in."""
    name = str(conninfo_to_dict(url)["dbname"])
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("alter database {} allow_connections false").format(sql.Identifier(name)))
        connection.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", (name,))


def give_back(server: str, url: str) -> None:
    """Let everybody in again."""
    name = str(conninfo_to_dict(url)["dbname"])
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("alter database {} allow_connections true").format(sql.Identifier(name)))


@contextlib.contextmanager
def gone(server: str, url: str) -> Iterator[None]:
    """A time without the database."""
    take_away(server, url)
    try:
        yield
    finally:
        give_back(server, url)
