"""What a worker has to offer to operations besides the graph itself."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from auth import audit
from auth.actor import Actor
from auth.audit import AuditWriter
from auth.audit.security import write_to_audit_log
from auth.scope import role_of
from auth.service import Authentication, make_access, open_authentication
from changes.work import Door
from core.addresses import AddressRules
from core.errors import RequestError, StartError
from core.rate_limit import RateLimiter
from core.sealing import Keyring, SealError, is_sealed, open_keyring
from core.settings import Settings
from core.snapshot import Pool
from events.hub import Hub
from events.service import open_events
from execution.trusted.known import KnownDocuments, known_documents

log = logging.getLogger(__name__)


class KeysUnavailable(RequestError):
    """The keys of the sealed values cannot be had."""

    def __init__(self) -> None:
        super().__init__("KEYS_UNAVAILABLE", "sensitive values cannot be opened at the moment")


class Keys:
    """The keyring of the worker's database, opened when it is first needed: most workers never reveal a value."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keyring: Keyring | None = None
        self._opening = asyncio.Lock()

    async def keyring(self) -> Keyring:
        """The keyring. Raises KeysUnavailable when the master key is not the database's, psycopg.Error."""
        async with self._opening:
            if self._keyring is None:
                assert self._settings.database_url is not None
                try:
                    # In a thread: it reads files, and waits for the database.
                    self._keyring = await asyncio.to_thread(open_keyring, self._settings, self._settings.database_url)
                except StartError as error:
                    log.error("sealed values cannot be opened: %s", error)
                    raise KeysUnavailable from None
            return self._keyring


class SealedSecrets:
    """Seals the secrets of authenticator apps under the service's key; those stored before are read as they are."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def seal(self, secret: str, user_id: UUID) -> str:
        """What to store. Raises KeysUnavailable, psycopg.Error."""
        return (await self._keys.keyring()).secrets.seal(secret, _owner(user_id))

    async def unseal(self, sealed: str, user_id: UUID) -> str:
        """The secret. Raises KeysUnavailable when it does not open, psycopg.Error."""
        if not is_sealed(sealed):
            return sealed
        try:
            return (await self._keys.keyring()).secrets.open(sealed, _owner(user_id))
        except SealError as error:
            log.error("the second factor of user %s cannot be used: %s", user_id, error)
            raise KeysUnavailable from None

    def is_sealed(self, stored: str) -> bool:
        """Whether a stored secret is sealed."""
        return is_sealed(stored)


def _owner(user_id: UUID) -> bytes:
    return b"customer360 second factor\0" + user_id.bytes


@dataclass(frozen=True, slots=True)
class Services:
    """Reached by resolvers through `info.context.services`; lives as long as the worker."""

    settings: Settings
    # Of the user in the URL, who owns the tables: for changes, and for what the service itself does.
    pool: Pool
    # For reading, by the database role that decides which rows and columns there are.
    readers: dict[str, Pool]
    authentication: Authentication
    audit: AuditWriter
    rates: RateLimiter
    # The event feed, which subscriptions follow.
    events: Hub
    documents: KnownDocuments
    keys: Keys
    # Where webhooks may go.
    addresses: AddressRules

    @property
    def door(self) -> Door:
        """What changes are made with."""
        return Door(self.pool, self.keys.keyring, self.addresses)

    def reader(self, actor: Actor) -> Pool:
        """The pool through which the actor reads."""
        return self.readers[role_of(actor).name]


@asynccontextmanager
async def open_services(settings: Settings, pool: Pool, readers: dict[str, Pool]) -> AsyncIterator[Services]:
    """The services of one worker over an open pool and closed readers; they end with all that waits in them written.

    Raises StartError when a setting or a key is wrong.
    """
    addresses = AddressRules.of(settings)
    rates = RateLimiter(settings.rate_limit_storage)
    keys = Keys(settings)
    access = make_access(settings, pool, record=write_to_audit_log, sealer=SealedSecrets(keys))
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(rates.close)
        writer = await stack.enter_async_context(audit.running(settings))
        authentication = await stack.enter_async_context(open_authentication(settings, access))
        for reader in readers.values():
            await stack.enter_async_context(reader)
        hub = await stack.enter_async_context(open_events(settings, pool))
        documents = await stack.enter_async_context(known_documents(pool))
        yield Services(settings, pool, readers, authentication, writer, rates, hub, documents, keys, addresses)
