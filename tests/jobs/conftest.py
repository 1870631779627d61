"""A service with background work over a demo world of the test's own, and a receiver."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from execution.operations import Runner
from tests.jobs.partner import Portal, portal
from tests.jobs.receiver import Receiver, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver over plain HTTP."""
    async with receiving() as made:
        yield made


@pytest.fixture
async def partner(own_demo_database: str, tmp_path: Path, runner: Runner) -> AsyncIterator[Portal]:
    """A partner with customers, by a service that works in the background with short pauses."""
    async with portal(own_demo_database, tmp_path, runner) as made:
        yield made
