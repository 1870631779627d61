"""All of authentication as one object that lives as long as a worker."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from psycopg_pool import PoolTimeout

from auth import session_store
from auth.access import Access, Clock, Sealer, Unsealed
from auth.authentication import Authenticator
from auth.key_source import KeySource, open_keys
from auth.oidc import OidcIssuer, OidcRules
from auth.own_account import OwnAccount
from auth.passwords import Passwords
from auth.policy import Policy
from auth.revocations import INTERVAL_SECONDS, Revocations
from auth.security_events import SecurityEventSink, write_to_log
from auth.sessions import Sessions
from auth.tokens import Tokens
from core.settings import Settings
from core.snapshot import Pool
from models.base import utc_now

log = logging.getLogger(__name__)

_KEYS_SECONDS = 10.0
_FORGET_SECONDS = 3600.0
# Sessions are kept for so long after their end, for whoever looks into an incident.
_REMEMBERED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Authentication:
    """What the layers above use: `authenticator` for every request, the others for what users do about access.

    `access` is the first argument of the functions in auth.users and auth.api_keys; `keys.ring.jwks()` the public
    keys.
    """

    access: Access
    authenticator: Authenticator
    sessions: Sessions
    own_account: OwnAccount
    revocations: Revocations
    keys: KeySource


def make_access(
    settings: Settings,
    pool: Pool,
    *,
    record: SecurityEventSink = write_to_log,
    sealer: Sealer | None = None,
    clock: Clock = utc_now,
    passwords: Passwords | None = None,
) -> Access:
    """The shared object by the settings; enough for commands. Raises StartError when a setting is wrong."""
    return Access(pool, Policy.of(settings), passwords or Passwords(), record, sealer or Unsealed(), clock)


@asynccontextmanager
async def open_authentication(settings: Settings, access: Access) -> AsyncIterator[Authentication]:
    """Authentication for one worker, with its background work; `access.pool` must be open.

    Raises StartError when a setting or key is wrong.
    """
    rules = OidcRules.of(settings)
    keys = await open_keys(settings, access)
    revocations = Revocations(access)
    await revocations.renew()
    tokens = Tokens(keys, access.policy, access.clock)
    sessions = Sessions(access, tokens, revocations)
    oidc = OidcIssuer(rules) if rules is not None else None
    authenticator = Authenticator(access, tokens, keys, revocations, oidc)

    async def forget() -> None:
        async with access.transaction() as connection:
            await session_store.forget(connection, access.clock() - _REMEMBERED_FOR)

    work = [
        asyncio.create_task(_again_and_again(INTERVAL_SECONDS, revocations.notice)),
        asyncio.create_task(_again_and_again(_KEYS_SECONDS, keys.renew)),
        asyncio.create_task(_again_and_again(_FORGET_SECONDS, forget)),
    ]
    try:
        yield Authentication(
            access, authenticator, sessions, OwnAccount(access, sessions, revocations), revocations, keys
        )
    finally:
        for task in work:
            task.cancel()
        for task in work:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if oidc is not None:
            await oidc.close()


async def _again_and_again(seconds: float, action: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await action()
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("background work of authentication failed: %s", type(error).__name__)
        except Exception:
            log.exception("background work of authentication failed")
