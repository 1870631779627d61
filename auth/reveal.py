"""Revealing a sealed value: in one transaction with the entry in the audit log that tells of it."""

from uuid import UUID

from auth.actor import Actor
from auth.audit import append, revealed
from auth.sealed import open_value
from core.errors import BadInput
from core.sealing import Keyring
from core.snapshot import Pool

SHORTEST_PURPOSE = 10
LONGEST_PURPOSE = 1000


def checked_purpose(text: str) -> str:
    """The purpose as it is kept. Raises BadInput when it is too short to say anything, too long or not printable."""
    purpose = " ".join(text.split())
    if not SHORTEST_PURPOSE <= len(purpose) <= LONGEST_PURPOSE or not purpose.isprintable():
        raise BadInput(
            f"say in {SHORTEST_PURPOSE} to {LONGEST_PURPOSE} characters what the value is needed for",
            argument="purpose",
        )
    return purpose


async def reveal(
    pool: Pool,
    keyring: Keyring,
    actor: Actor,
    *,
    table: str,
    row_id: UUID,
    field: str,
    customer_id: str,
    shown_as: str,
    purpose: str,
) -> str:
    """The value of `field` in that row of the customer; without its audit entry committed there is no value.

    The caller has checked that the actor may see the row and the value. `shown_as` is the field's name in the log, such
    as Customer.nationalId. Raises NothingSealed, Erased, SealError, psycopg.Error.
    """
    async with pool.connection() as connection, connection.transaction():
        value = await open_value(connection, keyring, table, row_id, field)
        await append(connection, revealed(actor, customer_id, shown_as, purpose))
    return value
