"""Clients of the whole application, over ASGI."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app import create_app
from models.roles import Role
from tests.signing_in import bearer, service_settings

SignedIn = Callable[[httpx.AsyncClient, Role], httpx.AsyncClient]
OpenClient = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def client_of(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that runs as long as the client is open."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service") as client,
    ):
        yield client


@pytest.fixture
def open_client(service_database: str, tmp_path: Path) -> OpenClient:
    """Opens clients of applications with settings of the test's own, over the shared demo world unless they say so."""

    def open_client(database_url: str = service_database, **settings: Any) -> AbstractAsyncContextManager[Any]:
        return client_of(create_app(service_settings(database_url, tmp_path, **settings)))

    return open_client


@pytest.fixture
async def anonymous(open_client: OpenClient) -> AsyncIterator[httpx.AsyncClient]:
    """A client that has not signed in."""
    async with open_client(max_body_bytes=50_000) as client:
        yield client


@pytest.fixture
def signed_in(tokens: dict[Role, str]) -> SignedIn:
    """Signs a client in as the user of a role."""

    def signed_in(client: httpx.AsyncClient, role: Role) -> httpx.AsyncClient:
        client.headers.update(bearer(tokens[role]))
        return client

    return signed_in


@pytest.fixture
def client(anonymous: httpx.AsyncClient, signed_in: SignedIn) -> httpx.AsyncClient:
    """A client signed in as an agent."""
    return signed_in(anonymous, Role.AGENT)
