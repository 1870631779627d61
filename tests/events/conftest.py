"""Services over a demo world of the test's own, and the writing of events."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.database import make_pool
from core.scope import ROLES
from core.snapshot import Pool
from execution.operations import Runner
from execution.services import Services, open_services
from resolvers.root import schema
from tests.events.following import Feed
from tests.events.nats_server import NATS, answers
from tests.signing_in import service_settings


@asynccontextmanager
async def services_over(url: str, home: Path) -> AsyncIterator[Services]:
    """What a worker has, over a database."""
    pool = make_pool(url, 6)
    readers = {role.name: make_pool(url, 4, role) for role in ROLES}
    async with pool, open_services(service_settings(url, home), pool, readers) as services:
        yield services


@pytest.fixture
async def services(own_demo_database: str, tmp_path: Path) -> AsyncIterator[Services]:
    """What a worker has, over a demo world of the test's own."""
    async with services_over(own_demo_database, tmp_path) as made:
        yield made


@pytest.fixture
async def feed(services: Services) -> Feed:
    """The graph's subscriptions over those services."""
    return Feed(Runner(schema._schema), services)


@pytest.fixture
async def pool(empty_database: str) -> AsyncIterator[Pool]:
    """Connections to a database without rows."""
    async with make_pool(empty_database, 20) as made:
        yield made


@pytest.fixture(params=["postgres", "nats"])
def over(request: pytest.FixtureRequest) -> str | None:
    """Where processes have the feed from: None for PostgreSQL alone, or the URL of a NATS."""
    if request.param == "postgres":
        return None
    if not answers(NATS):
        pytest.skip("no NATS answers at 127.0.0.1:4222")
    return f"nats://127.0.0.1:{NATS}"
