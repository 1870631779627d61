"""What the tests run on: a real PostgreSQL, the embedded one or the server in DATABASE_URL."""

import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from core import embedded_postgres
from core.database import make_pool
from core.snapshot import Pool
from execution.operations import Runner
from imports import demo
from migrations import upgrade
from resolvers.root import schema
from tests.graph import Graph
from tests.large import LARGE

_names = (f"c360_test_{os.getpid()}_{n}" for n in itertools.count(1))

DEMO_CUSTOMERS = 150


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server on which tests may make databases."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    # Not under pytest's own temporary folder: that is closed to the user the server runs as when tests run as root.
    with tempfile.TemporaryDirectory(prefix="c360-test-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)
        server = embedded_postgres.start(Path(folder, "postgres"))
        yield server.uri
        server.stop(wait=True)


def _execute(server: str, statement: sql.Composed) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _create(server: str, template: str | None = None) -> str:
    name = next(_names)
    from_template = sql.SQL(" template {}").format(sql.Identifier(template)) if template else sql.SQL("")
    _execute(server, sql.SQL("create database {}{}").format(sql.Identifier(name), from_template))
    return name


def _drop(server: str, name: str) -> None:
    _execute(server, sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _url(server: str, name: str) -> str:
    return make_conninfo(server, dbname=name)


@pytest.fixture
def bare_database(postgres: str) -> Iterator[str]:
    """A new database with nothing in it."""
    name = _create(postgres)
    yield _url(postgres, name)
    _drop(postgres, name)


@pytest.fixture(scope="session")
def migrated_template(postgres: str) -> Iterator[str]:
    """The name of a migrated database without rows, to make others from."""
    name = _create(postgres)
    upgrade(_url(postgres, name))
    yield name
    _drop(postgres, name)


@pytest.fixture
def empty_database(postgres: str, migrated_template: str) -> Iterator[str]:
    """The URL of a migrated database without rows, the test's own."""
    name = _create(postgres, migrated_template)
    yield _url(postgres, name)
    _drop(postgres, name)


@pytest.fixture(scope="session")
def demo_template(postgres: str, migrated_template: str) -> Iterator[str]:
    """The name of a database with a small demo world, to make others from."""
    name = _create(postgres, migrated_template)
    demo.generate(_url(postgres, name), DEMO_CUSTOMERS)
    yield name
    _drop(postgres, name)


@pytest.fixture(scope="session")
def demo_database(postgres: str, demo_template: str) -> Iterator[str]:
    """The URL of a demo world that no test changes."""
    name = _create(postgres, demo_template)
    yield _url(postgres, name)
    _drop(postgres, name)


@pytest.fixture
def own_demo_database(postgres: str, demo_template: str) -> Iterator[str]:
    """The URL of a demo world that the test may change."""
    name = _create(postgres, demo_template)
    yield _url(postgres, name)
    _drop(postgres, name)


@pytest.fixture(scope="session")
def large_database(postgres: str, migrated_template: str) -> Iterator[str]:
    """The URL of a database with names and contact points of 100,000 customers, for looking at plans."""
    name = _create(postgres, migrated_template)
    url = _url(postgres, name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(LARGE)
    yield url
    _drop(postgres, name)


@pytest.fixture(scope="session")
def runner() -> Runner:
    """Runs operations against the schema."""
    return Runner(schema._schema)


@pytest.fixture
async def demo_pool(demo_database: str) -> AsyncIterator[Pool]:
    """Connections to the demo world that no test changes."""
    async with make_pool(demo_database, 4) as pool:
        yield pool


@pytest.fixture
async def graph(runner: Runner, demo_pool: Pool) -> Graph:
    """The graph over the demo world that no test changes."""
    return Graph(runner, demo_pool)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return Path(__file__).parent.parent
