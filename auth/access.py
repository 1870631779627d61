"""What the functions of this package share in a process: the database, the rules, and where events go."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from psycopg import AsyncConnection

from auth.passwords import Passwords
from auth.policy import Policy
from auth.security_events import SecurityEventSink, write_to_log
from core.snapshot import Pool
from models.base import utc_now

Connection = AsyncConnection[Any]
Clock = Callable[[], datetime]


class Sealer(Protocol):
    """Encrypts the secrets of authenticator apps before they are stored."""

    async def seal(self, secret: str, user_id: UUID) -> str:
        """What to store of a user's secret; it opens for that user only."""
        ...

    async def unseal(self, sealed: str, user_id: UUID) -> str:
        """The user's secret of what was stored. Raises RequestError when it cannot be opened."""
        ...

    def is_sealed(self, stored: str) -> bool:
        """Whether what is stored is as `seal` would have it, or from before."""
        ...


class Unsealed:
    """The sealer of a service without a master key: stores secrets as they are."""

    async def seal(self, secret: str, user_id: UUID) -> str:
        """The secret itself."""
        return secret

    async def unseal(self, sealed: str, user_id: UUID) -> str:
        """What was stored."""
        return sealed

    def is_sealed(self, stored: str) -> bool:
        """Always: nothing is done to a secret."""
        return True


@dataclass(frozen=True, slots=True)
class Access:
    """Shared by all functions about users, sessions and keys. `pool` connects as the owner of their tables."""

    pool: Pool
    policy: Policy = field(default_factory=Policy)
    passwords: Passwords = field(default_factory=Passwords)
    record: SecurityEventSink = write_to_log
    sealer: Sealer = field(default_factory=Unsealed)
    clock: Clock = utc_now

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection with a transaction that commits at the end, or rolls back on an error."""
        async with self.pool.connection() as connection, connection.transaction():
            yield connection
