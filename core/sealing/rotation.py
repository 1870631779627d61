"""Rotation of the master key: every stored key is wrapped anew by the current one; sealed values stay as they are.

It may be interrupted at any time and run again, beside a running service: each batch is a transaction of its own, and a
key is wrapped either by the old master key or by the new one, both of which the service accepts meanwhile.
"""

from collections.abc import Callable
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow

from core.sealing.keyring import data_key_context, masters_in_use, sealing_key_context
from core.sealing.masters import KeySource, WrappedKey

BATCH = 500

_SOME = """
    select customer_id, wrapped_key from data_keys where master_key_id = %s and customer_id > %s
    order by customer_id limit %s for update"""
_WRAPPED_ANEW = """
    update data_keys d set wrapped_key = n.wrapped_key, master_key_id = %s
    from unnest(%s::uuid[], %s::bytea[]) n(customer_id, wrapped_key) where d.customer_id = n.customer_id"""


def rotate_master(
    connection: psycopg.Connection[TupleRow],
    source: KeySource,
    *,
    batch: int = BATCH,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Wrap all keys that another master key wraps by the current one; returns how many data keys there were.

    `progress` is called with that number after each batch. The connection must not be in a transaction. Raises
    SealError when a key does not open: what was done before stays.
    """
    done = 0
    # The index key first: from here on no service starts any more that does not know the new master key.
    _rewrap_sealing_keys(connection, source)
    # Again and again, for a service may have stored new keys under the old one while this ran.
    while others := sorted(masters_in_use(connection) - {source.ids[0]}):
        connection.rollback()
        last = UUID(int=0)
        for other in others:
            while rewrapped := _rewrap_some(connection, source, other, last, batch):
                last = rewrapped[-1]
                done += len(rewrapped)
                if progress:
                    progress(done)
            last = UUID(int=0)
    connection.rollback()
    return done


def _rewrap_some(
    connection: psycopg.Connection[TupleRow], source: KeySource, other: str, after: UUID, batch: int
) -> list[UUID]:
    with connection.transaction():
        rows = connection.execute(_SOME, [other, after, batch]).fetchall()
        wrapped = []
        for customer_id, data in rows:
            context = data_key_context(customer_id)
            wrapped.append(source.wrap(source.unwrap(WrappedKey(other, data), context), context))
        customers = [customer_id for customer_id, _ in rows]
        connection.execute(_WRAPPED_ANEW, [source.ids[0], customers, [new.data for new in wrapped]])
    return customers


def _rewrap_sealing_keys(connection: psycopg.Connection[TupleRow], source: KeySource) -> None:
    with connection.transaction():
        rows = connection.execute(
            "select purpose, master_key_id, wrapped_key from sealing_keys where master_key_id <> %s for update",
            [source.ids[0]],
        ).fetchall()
        for purpose, other, data in rows:
            context = sealing_key_context(purpose)
            new = source.wrap(source.unwrap(WrappedKey(other, data), context), context)
            connection.execute(
                "update sealing_keys set wrapped_key = %s, master_key_id = %s where purpose = %s",
                [new.data, new.master_key_id, purpose],
            )
