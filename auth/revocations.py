"""Revocations: which tokens that are still good by their signature are to be refused all the same.

Every worker asks the database every two seconds for what was revoked lately. Only what was revoked within the life of
an access token matters, and of the partners those that are not active, so the answer stays small.
"""

import asyncio
import contextlib
import logging
import time
from datetime import timedelta

import psycopg
from psycopg_pool import PoolTimeout

from auth.access import Access
from auth.errors import Unavailable

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 2.0
# Who asks after so long without an answer waits for one: unknown is not the same as not revoked.
_STALE_SECONDS = 10.0
# What is kept of verified credentials is younger than an access token may get; the rest is for clocks that differ.
_MARGIN = timedelta(minutes=10)

_QUERY = """
select 'session', id::text, 0 from sessions where revoked_at > %(since)s
union all
select 'user', id::text, access_version from users where access_changed_at > %(since)s
union all
select 'api_key', id::text, 0 from api_keys where revoked_at > %(since)s
union all
select 'partner', id::text, 0 from partners where status <> 'ACTIVE'
"""


class Revocations:
    """What was revoked lately, as of the last look. `renew` looks anew; auth/service.py calls it again and again."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._ended: frozenset[str] = frozenset()
        self._versions: dict[str, int] = {}
        self._partners: frozenset[str] = frozenset()
        self._looked_at = float("-inf")
        self._turn = asyncio.Lock()

    def refuse(self, *, user_id: str, session_id: str | None, version: int) -> bool:
        """Whether a user's token is revoked: its session has ended, or the user changed after it was made."""
        return session_id in self._ended or self._versions.get(user_id, 0) > version

    def refuse_key(self, key_id: str) -> bool:
        """Whether an API key is revoked."""
        return key_id in self._ended

    def refuse_partner(self, partner_id: str | None) -> bool:
        """Whether the agreement with a partner has ended or is suspended: nobody acts for it meanwhile."""
        return partner_id in self._partners

    @property
    def is_stale(self) -> bool:
        """Whether the last look is too long ago to go by."""
        return time.monotonic() - self._looked_at > _STALE_SECONDS

    async def renew(self) -> None:
        """Look now. Raises Unavailable when the database does not answer."""
        # One after the other, or an older answer could replace a newer one.
        async with self._turn:
            started = time.monotonic()
            since = self._access.clock() - self._access.policy.access_lifetime - _MARGIN
            try:
                async with self._access.pool.connection() as connection:
                    rows = await (await connection.execute(_QUERY, {"since": since})).fetchall()
            except (psycopg.Error, PoolTimeout) as error:
                log.error("revocations could not be read: %s", type(error).__name__)
                raise Unavailable from None
            self._ended = frozenset(row_id for kind, row_id, _ in rows if kind in ("session", "api_key"))
            self._partners = frozenset(row_id for kind, row_id, _ in rows if kind == "partner")
            self._versions = {row_id: version for kind, row_id, version in rows if kind == "user"}
            self._looked_at = started

    async def notice(self) -> None:
        """Look now if the database answers: after a revocation of our own, so that it holds here at once."""
        with contextlib.suppress(Unavailable):
            await self.renew()

    async def renew_if_stale(self) -> None:
        """Look, unless somebody else has just done so. Raises Unavailable."""
        if self.is_stale:
            await self.renew()
