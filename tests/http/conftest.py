"""A client of the whole application, over ASGI."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app import create_app
from core.settings import Settings


@pytest.fixture
async def client(demo_database: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(database_url=demo_database, max_body_bytes=50_000))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service") as client,
    ):
        yield client
