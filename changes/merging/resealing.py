"""Sealed values of rows that go to another customer: opened by the one's key, sealed by the other's.

A value is bound to its row and its customer, so moving the row alone would leave it closed for good. All that a
customer has is under one key at any time: destroying it leaves nothing readable (docs/adr/0015-sensitive-values.md).
"""

from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from auth.sealed import data_key
from changes.errors import Impossible
from changes.rows import Connection
from changes.work import Work
from core.sealing import SealedField
from models.merges import MergeEffect
from models.sealed import SEALED_FIELDS

# What merges keep: removed rows whole, and the survivor's own values, each as it was before and after.
_KEPT = """
select id, effect, row_key, kept from customer_merge_moves where customer_id = %s and place = %s and kept ? %s"""
_BOTH = ("before", "after")
# How PostgreSQL writes bytes in JSON.
_HEX = "\\x"


async def reseal(work: Work, rows_of: UUID, *, opened_by: UUID, sealed_by: UUID) -> None:
    """Seal all values in the rows of a customer by the key of another, which is made if there is none: those that are
    there, and those that earlier merges into the customer keep.

    Raises SealError for what was tampered with.
    """
    for field in SEALED_FIELDS.values():
        found = await _values(work.connection, field, rows_of)
        kept = await (await work.connection.execute(_KEPT, [rows_of, field.table, field.sealed_column])).fetchall()
        if not found and not kept:
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
        for move, effect, row_key, values in kept:
            removed = effect == MergeEffect.REMOVED.value
            place, names = (values, (field.sealed_column,)) if removed else (values[field.sealed_column], _BOTH)
            row_id = UUID((values if removed else row_key)["id"])
            for name in names:
                if place[name] is not None:
                    text = old.open(field, row_id, _bytes(place[name]))
                    place[name] = _HEX + new.seal(field, row_id, text).hex()
            await work.connection.execute(
                "update customer_merge_moves set kept = %s where id = %s", [Jsonb(values), move]
            )


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix(_HEX))


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
