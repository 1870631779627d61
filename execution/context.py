"""What one operation carries with it: who asks, its snapshot of the database, its loaders, and what it selects."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from auth.actor import Actor
from core.snapshot import Pool, Snapshot
from events.interest import Delivery
from loaders.batching import EdgeLoader, Loaders

if TYPE_CHECKING:
    from auth.audit import AuditWriter
    from execution.driver import Driver
    from execution.services import Services


class OperationContext:
    """`info.context` of every resolver. One for each operation; close it when the result is complete.

    `statements` and `round_trips` count what was sent to the database, by both drivers if it was run by both.
    """

    driver: "Driver"

    def __init__(
        self, pool: Pool, actor: Actor, services: "Services | None" = None, device: str = "", address: str = ""
    ) -> None:
        """For `actor`, over its pool. `device` is what the client calls itself, `address` its network address."""
        self._pool = pool
        self._services = services
        self.actor = actor
        self.device = device
        self.address = address
        # What a subscription delivers with this execution of it.
        self.delivery: Delivery | None = None
        # Of snapshots that were given up.
        self._statements = self._rows = self._round_trips = 0
        # Of snapshots before a change, whose rows are in the answer.
        self._shown: list[EdgeLoader] = []
        self._begin()

    @property
    def services(self) -> "Services":
        """What mutations work with. Raises RuntimeError in a context made for reading only."""
        if self._services is None:
            raise RuntimeError("this context is for reading only")
        return self._services

    @property
    def limited(self) -> bool:
        """Whether the actor's budget holds here: not in a context made for reading only, which is the service's own."""
        return self._services is not None

    @property
    def audit(self) -> "AuditWriter | None":
        """Where the operation is recorded; nowhere in a context made for reading only."""
        return self._services.audit if self._services is not None else None

    @property
    def statements(self) -> int:
        """How many statements have been sent so far."""
        return self._statements + self.snapshot.statements

    @property
    def round_trips(self) -> int:
        """Round trips to the database so far, without one for the end of the transaction alone."""
        return self._round_trips + self.snapshot.round_trips

    @property
    def rows(self) -> int:
        """How many rows they have brought."""
        return self._rows + self.snapshot.rows

    def _begin(self) -> None:
        self.snapshot = Snapshot(self._pool, self.actor.partner_id)
        self.loaders = Loaders(self.snapshot)
        # Columns selected below a field, by the identity of its first node: computed once, not once per object.
        self.selections: dict[Any, tuple[str, ...]] = {}

    async def restart(self) -> None:
        """Forget everything read so far and begin with a fresh snapshot, for the other driver to start from."""
        await self.close()
        self._statements, self._rows = self.statements, self.rows
        self._round_trips = self.round_trips
        self._begin()

    async def refresh(self) -> None:
        """Begin with a fresh snapshot after a change: what was read before it stays part of the answer."""
        self._shown += self.loaders.used()
        await self.restart()

    def used_loaders(self) -> Iterable[EdgeLoader]:
        """The loaders of all rows that are in the answer."""
        return [*self._shown, *self.loaders.used()]

    async def abandon(self) -> None:
        """End the operation at once: what the database still does for it is cancelled there too."""
        await self.snapshot.abandon()

    async def __aenter__(self) -> "OperationContext":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the database connection back."""
        await self.snapshot.close()
