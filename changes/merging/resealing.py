"""Sealed values of rows that go to another customer: opened by the one's key, sealed by the other's.

A value is bound to its row and its customer, so moving the row alone would leave it closed for good. All that a
customer has is under one key at any time: destroying it leaves nothing readable (docs/adr/0015-sensitive-values.md).
"""

from uuid import UUID

from psycopg import sql

from auth.sealed import data_key
from changes.errors import Impossible
from changes.rows import Connection
from changes.work import Work
from core.sealing import SealedField
from models.sealed import SEALED_FIELDS


async def reseal(work: Work, rows_of: UUID, *, opened_by: UUID, sealed_by: UUID) -> None:
    """Seal all values in the rows of a customer by the key of another, which is made if there is none.

    Raises SealError for what was tampered with.
    """
    for field in SEALED_FIELDS.values():
        found = await _values(work.connection, field, rows_of)
        if not found:
            continue
        keyring = await work.keyring()
        old = await data_key(work.connection, keyring, opened_by)
        new = await data_key(work.connection, keyring, sealed_by)
        statement = sql.SQL("update {} set {} = %s where id = %s").format(
            sql.Identifier(field.table), sql.Identifier(field.sealed_column)
        )
        for row_id, sealed in found:
            text = old.open(field, row_id, bytes(sealed))
            await work.connection.execute(statement, [new.seal(field, row_id, text), row_id])


async def require_readable(work: Work, *customers: UUID) -> None:
    """Raise Impossible (ERASED) when a customer has sealed values and their key was destroyed."""
    for customer in customers:
        found = await work.connection.execute("select from data_keys where customer_id = %s", [customer])
        if found.rowcount:
            continue
        for field in SEALED_FIELDS.values():
            if await _values(work.connection, field, customer):
                raise Impossible("ERASED", "the sensitive values of one of the customers were erased")


async def _values(connection: Connection, field: SealedField, owner: UUID) -> list[tuple[UUID, bytes]]:
    statement = sql.SQL("select id, {sealed} from {table} where {owner} = %s and {sealed} is not null").format(
        sealed=sql.Identifier(field.sealed_column),
        table=sql.Identifier(field.table),
        owner=sql.Identifier("id" if field.table == "customers" else "customer_id"),
    )
    return await (await connection.execute(statement, [owner])).fetchall()
