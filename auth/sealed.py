"""Sealed values in the database: writing one, opening one, and making a customer's unreadable for good.

Nothing here asks who may: whoever calls has checked that, and writes the audit entry.
"""

import asyncio
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql

from core.errors import BadInput, RequestError
from core.sealing import MASK, DataKey, Keyring, SealedField, WrappedKey
from models.sealed import SEALED_FIELDS

Connection = AsyncConnection[Any]


class NothingSealed(RequestError):
    """There is no such row, or it has no such value."""

    def __init__(self) -> None:
        super().__init__("NOT_FOUND", "there is no such value")


class Erased(RequestError):
    """The value was made unreadable for good, when its customer was erased."""

    def __init__(self) -> None:
        super().__init__("ERASED", "the value was erased and cannot be read any more")


def sealed_field(table: str, field: str) -> SealedField:
    """The sealed field of that name, such as ("customers", "national_id"). Raises BadInput when there is none."""
    try:
        return SEALED_FIELDS[table, field]
    except KeyError:
        raise BadInput("this field is not sealed", argument="field") from None


async def open_value(connection: Connection, keyring: Keyring, table: str, row_id: UUID, field: str) -> str:
    """The text that the field of that row holds.

    Raises BadInput when the field is not a sealed one, NothingSealed, Erased, or SealError when the stored value was
    tampered with or its master key is not known here.
    """
    value = sealed_field(table, field)
    found = await connection.execute(_SELECT[value], [row_id])
    row = await found.fetchone()
    if row is None or row[1] is None:
        raise NothingSealed
    customer_id, sealed, master_key_id, wrapped_key = row
    if wrapped_key is None:
        raise Erased
    wrapped = WrappedKey(master_key_id, wrapped_key)
    # In a thread, for the master key may be on another machine.
    key = await asyncio.to_thread(keyring.data_key, customer_id, wrapped)
    return key.open(value, row_id, bytes(sealed))


async def data_key(connection: Connection, keyring: Keyring, customer_id: UUID) -> DataKey:
    """The key that seals the customer's values (`Keyring.columns`); made and stored if there is none.

    Raises SealError when the stored one does not open, psycopg.Error when there is no such customer.
    """
    stored = await _stored_key(connection, customer_id)
    if stored is None:
        _, wrapped = await asyncio.to_thread(keyring.new_data_key, customer_id)
        await connection.execute(
            "insert into data_keys (customer_id, wrapped_key, master_key_id, created_at)"
            " values (%s, %s, %s, now()) on conflict do nothing",
            [customer_id, wrapped.data, wrapped.master_key_id],
        )
        # Another transaction may have been first; then its key is the one.
        stored = await _stored_key(connection, customer_id)
        assert stored is not None
    return await asyncio.to_thread(keyring.data_key, customer_id, stored)


async def _stored_key(connection: Connection, customer_id: UUID) -> WrappedKey | None:
    found = await connection.execute(
        "select master_key_id, wrapped_key from data_keys where customer_id = %s", [customer_id]
    )
    row = await found.fetchone()
    return None if row is None else WrappedKey(*row)


async def shred(connection: Connection, customer_id: UUID) -> bool:
    """Make all sealed values of a customer unreadable by destroying their key (crypto-shredding).

    Blind indexes go too, by which values could still be guessed, and so do the ends that masks show, and what merges
    keep of removed rows: they cannot be taken back then. Returns whether
    there was a key. Copies of the table `data_keys`, such as backups, are not reached: see docs/operations.md.
    """
    async with connection.transaction():
        deleted = await connection.execute("delete from data_keys where customer_id = %s", [customer_id])
        for statement in _FORGET:
            await connection.execute(statement, [MASK, customer_id])
        # What merges removed is kept there whole, indexes and masks included.
        await connection.execute("update customer_merge_moves set kept = '{}' where customer_id = %s", [customer_id])
    return deleted.rowcount > 0


def _owner(field: SealedField) -> sql.Identifier:
    return sql.Identifier("id" if field.table == "customers" else "customer_id")


def _select(field: SealedField) -> sql.Composed:
    return sql.SQL(
        "select t.{owner}, t.{sealed}, k.master_key_id, k.wrapped_key"
        " from {table} t left join data_keys k on k.customer_id = t.{owner} where t.id = %s"
    ).format(owner=_owner(field), sealed=sql.Identifier(field.sealed_column), table=sql.Identifier(field.table))


def _forget(field: SealedField) -> sql.Composed:
    return sql.SQL(
        "update {table} set {index} = null, {masked} = %s where {owner} = %s and {masked} is not null"
    ).format(
        owner=_owner(field),
        table=sql.Identifier(field.table),
        index=sql.Identifier(field.index_column),
        masked=sql.Identifier(field.masked_column),
    )


_SELECT = {field: _select(field) for field in SEALED_FIELDS.values()}
_FORGET = [_forget(field) for field in SEALED_FIELDS.values() if field.identifier]
