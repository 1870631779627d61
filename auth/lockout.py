"""Lock-out: after a few failed proofs of identity each further one costs a longer wait.

An attempt is counted before it is looked at, in a transaction of its own. However many come at the same time, no more
are looked at than one after the other would be.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

FREE_ATTEMPTS = 3
LONGEST = timedelta(hours=1)
# After so long a quiet the count begins anew.
FORGOTTEN_AFTER = timedelta(days=1)


def delay(failed: int) -> timedelta:
    """The wait after so many failures in a row: none for the first three, then 1, 2, 4 … minutes, at most an hour."""
    if failed <= FREE_ATTEMPTS:
        return timedelta(0)
    return min(timedelta(minutes=1) * (1 << min(failed - FREE_ATTEMPTS - 1, 10)), LONGEST)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted: the how manieth it is, and until when the account is locked should it fail."""

    number: int
    locked_until: datetime | None


async def begin(connection: AsyncConnection[Any], user_id: UUID, now: datetime) -> Attempt | None:
    """Count an attempt as failed, which `succeeded` or `undo` take back; None while the account is locked."""
    async with connection.transaction():
        cursor = await connection.execute(
            "select failed_attempts, locked_until from users where id = %s for update", [user_id]
        )
        row = await cursor.fetchone()
        if row is None:
            return None
        failed, locked_until = row
        if locked_until is not None and locked_until > now:
            return None
        if locked_until is not None and now - locked_until > FORGOTTEN_AFTER:
            failed = 0
        number = failed + 1
        until = now + delay(number) if delay(number) else None
        await connection.execute(
            "update users set failed_attempts = %s, locked_until = %s where id = %s", [number, until, user_id]
        )
    return Attempt(number, until)


async def undo(connection: AsyncConnection[Any], user_id: UUID, attempt: Attempt) -> None:
    """Take back an attempt that neither failed nor succeeded."""
    await connection.execute(
        """
        update users set failed_attempts = greatest(failed_attempts - 1, 0),
               locked_until = case when locked_until is not distinct from %s then null else locked_until end
        where id = %s
        """,
        [attempt.locked_until, user_id],
    )


async def succeeded(connection: AsyncConnection[Any], user_id: UUID) -> None:
    """Forget all failures."""
    await connection.execute("update users set failed_attempts = 0, locked_until = null where id = %s", [user_id])
