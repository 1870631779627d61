"""Opening everything sealed in a database."""

from uuid import UUID

import psycopg
from psycopg import sql

from core.sealing import Keyring, WrappedKey
from models.sealed import SEALED_FIELDS

Place = tuple[str, str, UUID]


def places(url: str) -> list[Place]:
    """Table, field and row of every sealed value."""
    found: list[Place] = []
    with psycopg.connect(url) as connection:
        for field in SEALED_FIELDS.values():
            query = sql.SQL("select id from {} where {} is not null order by id").format(
                sql.Identifier(field.table), sql.Identifier(field.sealed_column)
            )
            found += [(field.table, field.name, row[0]) for row in connection.execute(query)]
    return found


def opened(url: str, keyring: Keyring) -> dict[Place, str]:
    """Every sealed value, opened."""
    texts: dict[Place, str] = {}
    with psycopg.connect(url) as connection:
        for field in SEALED_FIELDS.values():
            owner = sql.SQL("t.id" if field.table == "customers" else "t.customer_id")
            query = sql.SQL(
                "select t.id, {owner}, t.{column}, k.master_key_id, k.wrapped_key from {table} t"
                " join data_keys k on k.customer_id = {owner} where t.{column} is not null"
            ).format(owner=owner, column=sql.Identifier(field.sealed_column), table=sql.Identifier(field.table))
            for row_id, customer_id, sealed, *wrapped in connection.execute(query):
                key = keyring.data_key(customer_id, WrappedKey(*wrapped))
                texts[field.table, field.name, row_id] = key.open(field, row_id, sealed)
    return texts
