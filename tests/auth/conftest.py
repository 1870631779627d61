"""A service of authentication on a database of the test's own, with a clock that the test turns."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import psycopg
import pytest

from auth.access import Access
from auth.passwords import Passwords
from auth.service import Authentication, make_access, open_authentication
from core.database import make_pool
from core.settings import Settings
from core.snapshot import Pool
from tests.auth.people import CHEAP, Clock, Events
from tests.databases import new_database

Open = Callable[..., AbstractAsyncContextManager[Authentication]]


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is turned."""
    return Clock()


@pytest.fixture
def events() -> Events:
    """The security events of the test."""
    return Events()


_PARTNERS = """
insert into partners (id, created_at, updated_at, name, kind, status, country, since)
select gen_random_uuid(), now(), now(), name, 'BROKER', status, 'DE', '2020-01-01'
from (values ('Nord', 'ACTIVE'), ('Gone', 'ENDED')) partner (name, status)
"""

_CLEAN = "; ".join(
    f"delete from {table}"
    for table in ("refresh_tokens", "sessions", "recovery_codes", "api_keys", "signing_keys", "users")
)


@pytest.fixture(scope="module")
def access_database(postgres: str, migrated_template: str) -> Iterator[str]:
    """The URL of a migrated database with two partners in it, for the tests of one file."""
    with new_database(postgres, migrated_template) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_PARTNERS)
        yield url


@pytest.fixture
async def pool(access_database: str) -> AsyncIterator[Pool]:
    """Connections to a database with two partners and without users."""
    async with make_pool(access_database, 6) as pool:
        async with pool.connection() as connection:
            await connection.execute(_CLEAN)
        yield pool


@pytest.fixture
def open_service(pool: Pool, clock: Clock, events: Events) -> Open:
    """Opens authentication by settings; several may be open at once, as workers are."""

    @asynccontextmanager
    async def open_service(**settings: Any) -> AsyncIterator[Authentication]:
        chosen = Settings(**settings)
        access = make_access(chosen, pool, record=events, clock=clock, passwords=Passwords(CHEAP))
        async with open_authentication(chosen, access) as service:
            yield service

    return open_service


@pytest.fixture
async def service(open_service: Open) -> AsyncIterator[Authentication]:
    """Authentication by the settings' defaults."""
    async with open_service() as service:
        yield service


@pytest.fixture
def access(service: Authentication) -> Access:
    """The shared object of the service."""
    return service.access
