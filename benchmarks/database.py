"""The one database every server is measured on: a demo world of its own, kept from run to run."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import orjson
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core import embedded_postgres
from core.sealing import open_keyring
from core.settings import load
from imports import demo
from imports.progress import progress_bar
from migrations import upgrade

LOCAL = "postgresql://postgres@127.0.0.1/postgres"
EXTRAS = Path(__file__).parent / "peers" / "extras.sql"
PAGES = 20


@contextlib.contextmanager
def server(url: str | None) -> Iterator[str]:
    """The URL of a PostgreSQL to use: `url`, the local one, or else the embedded one, which is stopped afterwards."""
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url or LOCAL, connect_timeout=3):
        yield url or LOCAL
        return
    if url:
        raise SystemExit(f"no PostgreSQL answers at {conninfo_to_dict(url).get('host')}")
    embedded = embedded_postgres.start(load().home_folder / "postgres")
    try:
        yield embedded.uri
    finally:
        embedded.stop(wait=True)


def prepare(url: str, customers: int) -> str:
    """The URL of the benchmark's database on that server; made, and filled with the demo world, where it is not yet."""
    name = f"c360_bench_{customers}"
    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    parts = conninfo_to_dict(url)
    password = f":{parts['password']}" if "password" in parts else ""
    address = f"{parts.get('host', '127.0.0.1')}:{parts.get('port', 5432)}"
    database = f"postgresql://{parts.get('user', 'postgres')}{password}@{address}/{name}"
    upgrade(database)
    with psycopg.connect(make_conninfo(database), autocommit=True) as connection:
        held = len(_column(connection, "select id::text from customers"))
        if held < customers:
            with progress_bar("customers") as advance:
                keyring = open_keyring(load(), database)
                demo.generate(database, customers - held, keyring=keyring, progress=advance)
            # The peers know nothing of restricted customers; with some, the pages of their lists would be others.
            connection.execute(
                "update customers set restricted = false, restricted_at = null, restriction_reason = null"
                " where restricted"
            )
            connection.execute("vacuum full analyze")
        connection.execute(EXTRAS.read_bytes())
    return database


def _column(connection: psycopg.Connection, query: LiteralString) -> list[str]:
    return [str(row[0]) for row in connection.execute(query)]


# Customers of the demo partner of whom it sees all: every contract, order and claim is in its book.
_ALL_IN_THE_BOOK = """
with partner as (
    select p.id from partners p left join contracts c on c.partner_id = p.id
    where p.status = 'ACTIVE' group by p.id, p.number order by count(c.id) desc, p.number limit 1
), hidden as (
    select customer_id from (
        select customer_id, id from contracts union all select customer_id, id from orders
        union all select customer_id, id from claims
    ) object
    where not exists (select from partner_book b, partner p where b.object_id = object.id and b.partner_id = p.id)
)
select number from customers c, partner p
where exists (select from partner_book b where b.object_id = c.id and b.partner_id = p.id)
    and not exists (select from hidden where hidden.customer_id = c.id)
order by number limit 200"""


class Samples:
    """What the queries are asked with."""

    def __init__(self, url: str) -> None:
        with psycopg.connect(url) as connection:
            # Spread over the whole world: customers with much and with little history.
            step = "select number from customers where right(number, 2) = '50' or right(number, 2) = '01'"
            self.numbers = _column(connection, f"{step} order by number limit 200")
            self.names = _column(connection, "select last_name from customers where last_name is not null limit 200")
            self.partner_numbers = _column(connection, _ALL_IN_THE_BOOK)
            ends = connection.execute(
                "select sort_name, id::text from (select sort_name, id, row_number() over (order by sort_name, id) as n"
                " from customers) c where n %% 50 = 0 order by n limit %s",
                [PAGES - 1],
            )
            # Where each page but the last ends, for those servers whose cursor is the order's values.
            self.cursors: list[str | None] = [None, *(orjson.dumps(row).decode() for row in ends)]


class Backends:
    """The server processes at work for the benchmark's database."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True, application_name="benchmarks")

    def pids(self) -> list[int]:
        """Their process ids; none when the server runs where we cannot see its processes."""
        rows = self.connection.execute(
            "select pid from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
        return [pid for (pid,) in rows if _is_postgres(pid)]

    def pin(self, core: int) -> None:
        """Keep them on one core, as far as we may."""
        for pid in self.pids():
            with contextlib.suppress(OSError):
                os.sched_setaffinity(pid, {core})

    def version(self) -> str:
        """The version of PostgreSQL."""
        return _column(self.connection, "show server_version")[0]

    def close(self) -> None:
        """Close the connection that watches them."""
        self.connection.close()


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().startswith("postgres")
    except OSError:
        return False
