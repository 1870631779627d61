"""What one operation carries with it: its snapshot of the database, its loaders, and what it selects."""

from typing import TYPE_CHECKING, Any

from core.snapshot import Pool, Snapshot
from loaders.batching import Loaders

if TYPE_CHECKING:
    from execution.driver import Driver


class OperationContext:
    """`info.context` of every resolver. One for each operation; close it when the result is complete."""

    driver: "Driver"

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._begin()

    def _begin(self) -> None:
        self.snapshot = Snapshot(self._pool)
        self.loaders = Loaders(self.snapshot)
        # Columns selected below a field, by the identity of its first node: computed once, not once per object.
        self.selections: dict[Any, tuple[str, ...]] = {}

    async def restart(self) -> None:
        """Forget everything read so far and begin with a fresh snapshot: after a statement failed."""
        await self.close()
        self._begin()

    async def __aenter__(self) -> "OperationContext":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the database connection back."""
        await self.snapshot.close()
