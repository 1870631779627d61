"""What the tests run on: a real PostgreSQL, the embedded one or the server in DATABASE_URL."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from core import embedded_postgres
from core.database import make_pool
from core.snapshot import Pool
from execution.operations import Runner
from imports import demo
from migrations import upgrade
from models.roles import Role
from resolvers.root import schema
from tests.databases import FORGETFUL, begin_run, end_run, new_database, run_folder, shared, url_of
from tests.graph import Graph
from tests.keys import keyring_in
from tests.large import LARGE
from tests.signing_in import service_settings, sign_in_demo_users

DEMO_CUSTOMERS = 150


def pytest_configure() -> None:
    """Begin a run, unless it has begun: this may be a worker of pytest-xdist."""
    # Time would change the world under the tests; those of background work begin it themselves.
    os.environ.setdefault("C360_BACKGROUND", "false")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        begin_run()


def pytest_unconfigure() -> None:
    """End the run where it began; the workers have gone by then."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        end_run()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server on which tests may make databases."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    server = embedded_postgres.start(run_folder() / "postgres", FORGETFUL)
    yield server.uri
    server.stop(wait=True)


@pytest.fixture
def bare_database(postgres: str) -> Iterator[str]:
    """A new database with nothing in it."""
    with new_database(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_template(postgres: str) -> str:
    """The name of a migrated database without rows, to make others from."""
    return shared(postgres, "migrated", None, upgrade)


@pytest.fixture
def empty_database(postgres: str, migrated_template: str) -> Iterator[str]:
    """The URL of a migrated database without rows, the test's own."""
    with new_database(postgres, migrated_template) as url:
        yield url


@pytest.fixture(scope="session")
def demo_template(postgres: str, migrated_template: str) -> str:
    """The name of a database with a small demo world, to make others from."""

    def fill(url: str) -> None:
        demo.generate(url, DEMO_CUSTOMERS, keyring=keyring_in(url))

    return shared(postgres, "demo_template", migrated_template, fill)


@pytest.fixture(scope="session")
def demo_database(postgres: str, demo_template: str) -> str:
    """The URL of a demo world that no test changes."""
    return url_of(postgres, shared(postgres, "demo", demo_template, lambda url: None))


@pytest.fixture
def own_demo_database(postgres: str, demo_template: str) -> Iterator[str]:
    """The URL of a demo world that the test may change."""
    with new_database(postgres, demo_template) as url:
        yield url


@pytest.fixture(scope="session")
def service_database(postgres: str, demo_template: str) -> Iterator[str]:
    """The URL of a demo world for services of tests, which sign in and log there but change nothing else."""
    with new_database(postgres, demo_template) as url:
        yield url


@pytest.fixture(scope="session")
def tokens(service_database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[Role, str]:
    """An access token of a user of each role, good for an hour at every service over `service_database`."""
    home = tmp_path_factory.mktemp("home")
    settings = service_settings(service_database, home, access_token_minutes=60, session_idle_minutes=61)
    return asyncio.run(sign_in_demo_users(settings))


@pytest.fixture(scope="session")
def large_database(postgres: str, migrated_template: str) -> str:
    """The URL of a database with names and contact points of 100,000 customers, for looking at plans."""

    def fill(url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(LARGE)

    return url_of(postgres, shared(postgres, "large", migrated_template, fill))


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
