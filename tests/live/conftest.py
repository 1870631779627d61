"""Services to follow, over a demo world of each file's own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from models.roles import Role
from tests.databases import new_database
from tests.live.clients import Live, serving
from tests.signing_in import service_settings, sign_in_demo_users

OpenLive = Callable[..., AbstractAsyncContextManager[Live]]


@pytest.fixture(scope="module")
def live_database(postgres: str, demo_template: str) -> Iterator[str]:
    """The URL of a demo world in which events happen."""
    with new_database(postgres, demo_template) as url:
        yield url


@pytest.fixture(scope="module")
def live_tokens(live_database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[Role, str]:
    """An access token of a user of each role."""
    home = tmp_path_factory.mktemp("home")
    settings = service_settings(live_database, home, access_token_minutes=60, session_idle_minutes=61)
    return asyncio.run(sign_in_demo_users(settings))


@pytest.fixture
def open_live(live_database: str, live_tokens: dict[Role, str], tmp_path: Path) -> OpenLive:
    """Starts services with settings of the test's own. Without background work, which follows the feed, too."""

    def open_live(**settings: Any) -> AbstractAsyncContextManager[Live]:
        return serving(service_settings(live_database, tmp_path, background=False, **settings), live_tokens)

    return open_live


@pytest.fixture
async def live(open_live: OpenLive) -> AsyncIterator[Live]:
    """A running service."""
    async with open_live() as live:
        yield live
