"""The whole application over ASGI, with somebody signed in for each role."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
from starlette.applications import Starlette

from app import create_app
from auth import users
from auth.actor import SYSTEM
from auth.passwords import Passwords
from auth.service import make_access
from core.database import make_pool
from core.settings import Settings
from execution.services import Services
from models.roles import Role
from tests.auth.people import CHEAP, PASSWORD
from tests.databases import new_database


@dataclass(frozen=True)
class Service:
    """A running application, and what asks it."""

    app: Starlette
    anonymous: httpx.AsyncClient
    signed_in: Callable[[Role], Awaitable[httpx.AsyncClient]]


Open = Callable[..., AbstractAsyncContextManager[Service]]


@pytest.fixture(scope="module")
def limits_database(postgres: str, demo_template: str) -> Iterator[str]:
    """The URL of a demo world for the tests of one file, which adds users to it."""
    with new_database(postgres, demo_template) as url:
        yield url


@pytest.fixture
def open_service(limits_database: str) -> Open:
    """Opens the application by settings."""

    @asynccontextmanager
    async def open_service(**settings: Any) -> AsyncIterator[Service]:
        chosen = Settings(database_url=limits_database, **settings)
        app = create_app(chosen)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(app.router.lifespan_context(app))

            async def client(**headers: str) -> httpx.AsyncClient:
                transport = httpx.ASGITransport(app=app)
                made = httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers)
                return await stack.enter_async_context(made)

            async def signed_in(role: Role) -> httpx.AsyncClient:
                login = await _user(limits_database, chosen, role)
                services: Services = app.state.services
                session = await services.authentication.sessions.login(login, PASSWORD)
                return await client(authorization=f"Bearer {session.access_token.text}")

            yield Service(app, await client(), signed_in)

    return open_service


@pytest.fixture
async def service(open_service: Open) -> AsyncIterator[Service]:
    """The application by the settings' defaults."""
    async with open_service() as service:
        yield service


async def _user(url: str, settings: Settings, role: Role) -> str:
    """The login of a user with the role, made when first needed; hashed cheaply, for the tests' sake."""
    login = f"{role.value.lower()}@limits"
    with psycopg.connect(url) as connection:
        if connection.execute("select 1 from users where login = %s", [login]).fetchone():
            return login
        partner = connection.execute("select number from partners where status = 'ACTIVE' order by 1").fetchone()
    assert partner
    async with make_pool(url, 2) as pool:
        access = make_access(settings, pool, passwords=Passwords(CHEAP))
        number = partner[0] if role is Role.PARTNER else None
        await users.add(access, SYSTEM, login, [role], password=PASSWORD, partner_number=number)
    return login
