"""The key ring a process uses, read anew from time to time so that a change needs no restart."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import psycopg
from psycopg_pool import PoolTimeout

from auth import keys, stored_keys
from auth.access import Access
from auth.keys import KeyRing
from core.errors import StartError
from core.settings import Settings

log = logging.getLogger(__name__)

# After a renewal this long none is made for a token that names a key we do not know: anybody can invent names.
_PAUSE_SECONDS = 2.0


class KeySource:
    """Holds the key ring in use. `changes` counts how often it has changed."""

    def __init__(self, ring: KeyRing, read: Callable[[], Awaitable[KeyRing]]) -> None:
        self.ring = ring
        self.changes = 0
        self._read = read
        self._read_at = time.monotonic()
        self._turn = asyncio.Lock()

    async def renew(self) -> None:
        """Read the keys. If that fails those in use stay, and the log says why."""
        async with self._turn:
            await self._renew()

    async def knows(self, kid: str) -> bool:
        """Whether there is a key of this id, after another look if the last one is more than two seconds ago."""
        if kid in self.ring.accepted:
            return True
        async with self._turn:
            if kid not in self.ring.accepted and time.monotonic() - self._read_at > _PAUSE_SECONDS:
                await self._renew()
        return kid in self.ring.accepted

    async def _renew(self) -> None:
        self._read_at = time.monotonic()
        try:
            ring = await self._read()
        except (StartError, ValueError, psycopg.Error, PoolTimeout) as error:
            log.error("the signing keys could not be read anew (%s); those read before stay in use", error)
            return
        if ring.signing.verification.kid != self.ring.signing.verification.kid or set(ring.accepted) != set(
            self.ring.accepted
        ):
            self.ring = ring
            self.changes += 1


async def open_keys(settings: Settings, access: Access) -> KeySource:
    """The keys of the files in the settings; without files, those in the database.

    Raises StartError when a file cannot be used, and in production when there is none: what somebody writes into
    the database must not become able to sign.
    """
    keys.require_own_key(settings)

    async def read() -> KeyRing:
        ring = await asyncio.to_thread(keys.from_files, settings)
        return ring if ring is not None else await stored_keys.load(access)

    return KeySource(await read(), read)
