"""Signing in over HTTP in tests: as the users of the demo world, of whom there is one for each role."""

import base64
from pathlib import Path
from typing import Any

from auth import demo_users
from auth.passwords import Argon2Cost, Passwords
from auth.service import make_access, open_authentication
from core.database import make_pool
from core.settings import Settings
from models.roles import Role
from tests.keys import MASTER_KEY

PASSWORD = demo_users.WELL_KNOWN_PASSWORD
# The least argon2 takes; the real cost has tests of its own.
CHEAP = Argon2Cost(passes=1, memory_kib=64, lanes=1)

LOGIN = """
mutation Login($login: String!, $password: String!) {
  login(login: $login, password: $password) {
    session { accessToken expiresAt refreshToken refreshBefore requiredAction }
    userErrors { code message field }
  }
}
"""

Headers = dict[str, str]


def login_of(role: Role) -> str:
    """The login of the demo user with the role."""
    return f"{role.value.lower().replace('_', '.')}@demo"


def login_request(login: str, password: str = PASSWORD) -> dict[str, Any]:
    """The body of a request that signs in."""
    return {"query": LOGIN, "variables": {"login": login, "password": password}}


def bearer(token: str) -> Headers:
    """The header of a request with the access token."""
    return {"authorization": f"Bearer {token}"}


def service_settings(database_url: str, home: Path, **changes: Any) -> Settings:
    """Settings of a whole service for tests: the tests' master key, and nothing in the home of who runs them."""
    key = base64.b64encode(MASTER_KEY).decode()
    return Settings(**{"database_url": database_url, "home": home, "master_key": key, **changes})


async def sign_in_demo_users(settings: Settings) -> dict[Role, str]:
    """Make the demo users in a database, and sign each of them in. Returns their access tokens."""
    assert settings.database_url is not None
    async with make_pool(settings.database_url, 2) as pool:
        access = make_access(settings, pool, passwords=Passwords(CHEAP))
        users = await demo_users.ensure(access, "127.0.0.1")
        async with open_authentication(settings, access) as authentication:
            return {
                user.role: (await authentication.sessions.login(user.login, user.password)).access_token.text
                for user in users
            }
