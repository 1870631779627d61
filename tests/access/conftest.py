"""A worker over a demo world of its own, by one driver and by the other."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.database import make_pool
from core.scope import ROLES
from core.settings import Settings
from core.snapshot import Pool
from execution.operations import Runner
from execution.services import open_services
from resolvers.root import schema
from tests.access.desk import Desk
from tests.keys import MASTER_KEY


def _settings(url: str, home: Path) -> Settings:
    return Settings(database_url=url, home=home, master_key=SecretStr(base64.b64encode(MASTER_KEY).decode()))


def _readers(url: str) -> dict[str, Pool]:
    return {role.name: make_pool(url, 2, role) for role in ROLES}


@pytest.fixture
async def desk(own_demo_database: str, tmp_path: Path, runner: Runner) -> AsyncIterator[Desk]:
    """A worker."""
    settings = _settings(own_demo_database, tmp_path)
    async with (
        make_pool(own_demo_database, 4) as pool,
        open_services(settings, pool, _readers(own_demo_database)) as services,
    ):
        yield Desk(runner, services, own_demo_database)


@pytest.fixture(params=["compiled", "interpreted"])
async def either(request: pytest.FixtureRequest, own_demo_database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A worker by one driver and by the other."""
    settings = _settings(own_demo_database, tmp_path)
    runner = Runner(schema._schema, compiling=request.param == "compiled")
    async with (
        make_pool(own_demo_database, 4) as pool,
        open_services(settings, pool, _readers(own_demo_database)) as services,
    ):
        yield Desk(runner, services, own_demo_database)
