"""Signing in to the service that is measured, as one of the demo users of the benchmark's database."""

import asyncio
from datetime import timedelta

from auth import demo_users
from auth.access import Access
from auth.policy import Policy
from auth.service import open_authentication
from core.database import make_pool
from core.settings import load
from models.roles import Role

# Longer than any run, so that no request is refused in the midst of one.
_LIFETIME = timedelta(hours=12)
_POLICY = Policy(access_lifetime=_LIFETIME, idle_lifetime=2 * _LIFETIME, session_lifetime=2 * _LIFETIME)


def token(database: str, role: Role) -> str:
    """An access token of the demo user with the role, who is made where there is none yet.

    It is signed with the key that the service finds in its database. Raises SystemExit when there can be no such
    user: without partners no partner's.
    """
    return asyncio.run(_token(database, role))


async def _token(database: str, role: Role) -> str:
    async with make_pool(database, 2) as pool:
        access = Access(pool, _POLICY)
        users = {user.role: user for user in await demo_users.ensure(access, "127.0.0.1")}
        if role not in users:
            raise SystemExit(f"the benchmark's database has no user of the role {role.value}")
        async with open_authentication(load(), access) as authentication:
            signed_in = await authentication.sessions.login(users[role].login, users[role].password)
            return signed_in.access_token.text
