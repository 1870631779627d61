"""A worker over a demo world of its own."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import make_pool
from execution.operations import Runner
from execution.services import open_services
from tests.access.conftest import _readers, _settings, desk
from tests.access.desk import Desk
from tests.changes.walking import Walker

__all__ = ["desk"]


@pytest.fixture
def walker(own_demo_database: str, tmp_path: Path, runner: Runner) -> Iterator[Walker]:
    """A worker on a loop of its own, for machines that are not asynchronous."""
    with asyncio.Runner() as loop:
        pool = make_pool(own_demo_database, 4)
        services = open_services(_settings(own_demo_database, tmp_path), pool, _readers(own_demo_database))
        loop.run(pool.__aenter__())
        opened = loop.run(services.__aenter__())
        yield Walker(Desk(runner, opened, own_demo_database), loop.run)
        loop.run(services.__aexit__(None, None, None))
        loop.run(pool.__aexit__(None, None, None))
