"""A server of their own for the tests of the chain.

Entries are sealed in commit order, and the oldest transaction of the whole server is what they wait for: another test
that fills a database in one long transaction would hold them up.
"""

import shutil
from collections.abc import Iterator

import pytest

from core import embedded_postgres
from migrations import upgrade
from tests.core.embedded_postgres.servers import new_folder
from tests.databases import FORGETFUL, create, new_database, url_of


@pytest.fixture(scope="package")
def quiet_server() -> Iterator[tuple[str, str]]:
    """The URL of a server that these tests alone use, and the name of a migrated database on it."""
    folder = new_folder()
    server = embedded_postgres.start(folder / "postgres", FORGETFUL)
    migrated = create(server.uri)
    upgrade(url_of(server.uri, migrated))
    yield server.uri, migrated
    server.stop(wait=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_database(quiet_server: tuple[str, str]) -> Iterator[str]:
    """The URL of a migrated database without rows, the test's own, on the quiet server."""
    with new_database(*quiet_server) as url:
        yield url


@pytest.fixture
def server(quiet_server: tuple[str, str]) -> str:
    """The URL of the quiet server."""
    return quiet_server[0]
