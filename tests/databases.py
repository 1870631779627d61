"""The databases of a run of the tests, on one server for all of its processes.

A run is one process, or several of pytest-xdist. They share a folder, after which its databases are named. What takes
long to make and is not changed by tests is made once for all of them, by whoever needs it first.
"""

import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.core.embedded_postgres.servers import new_folder

_FOLDER = "C360_TEST_RUN"
_numbers = itertools.count(1)

# What a test database loses in a crash of the machine is not missed; tests of the embedded server start their own.
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}


def begin_run() -> None:
    """Make the folder of the run; the processes that this one starts find it in their environment."""
    os.environ[_FOLDER] = str(new_folder())


def end_run() -> None:
    """Remove the folder, and what is left of the run on a server that is not its own."""
    run = run_folder().name
    server = os.environ.get("DATABASE_URL")
    if server:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server) as connection:
            names = connection.execute("select datname from pg_database where starts_with(datname, %s)", [_prefix(run)])
            left = [str(name) for (name,) in names]
        for name in left:
            drop(server, name)
    shutil.rmtree(run_folder(), ignore_errors=True)
    del os.environ[_FOLDER]


def run_folder() -> Path:
    """The folder that the processes of the run share; every user may enter it."""
    return Path(os.environ[_FOLDER])


def _prefix(run: str) -> str:
    return run.replace("-", "_") + "_"


def _new_name() -> str:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return f"{_prefix(run_folder().name)}{worker}_{next(_numbers)}"


def _execute(server: str, statement: sql.Composed) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def create(server: str, template: str | None = None) -> str:
    """Make a database, the copy of another one if that is named. Returns its name."""
    name = _new_name()
    from_template = sql.SQL(" template {}").format(sql.Identifier(template)) if template else sql.SQL("")
    _execute(server, sql.SQL("create database {}{}").format(sql.Identifier(name), from_template))
    return name


def drop(server: str, name: str) -> None:
    """Drop a database, whoever is still connected to it."""
    _execute(server, sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def url_of(server: str, name: str) -> str:
    """The URL of a database of the server."""
    return make_conninfo(server, dbname=name)


@contextlib.contextmanager
def new_database(server: str, template: str | None = None) -> Iterator[str]:
    """The URL of a new database, dropped at the end."""
    name = create(server, template)
    yield url_of(server, name)
    drop(server, name)


def shared(server: str, purpose: str, template: str | None, fill: Callable[[str], object]) -> str:
    """The name of a database that all processes of the run share, and that no test changes.

    The first to ask makes it, the others wait; `fill` gets its URL. It is dropped when the run ends.
    """
    name = f"{_prefix(run_folder().name)}{purpose}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [name])
        found = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if found is None:
            unfinished = create(server, template)
            fill(url_of(server, unfinished))
            rename = sql.SQL("alter database {} rename to {}")
            connection.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(name)))
    return name
