"""The keyring: master keys and index key together, as all those use it who seal, open or search."""

import os
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow

from core.errors import StartError
from core.sealing.blind_index import BlindIndex, masked, normalised
from core.sealing.masters import KeySource, WrappedKey, key_source
from core.sealing.secrets import SecretKey
from core.sealing.values import KEY_BYTES, DataKey, SealedField, SealError
from core.settings import Settings

INDEX_PURPOSE = "blind-index"
SECRETS_PURPOSE = "secrets"

# One look into the index for each master key, however many keys it wraps.
_MASTERS_IN_USE = """
    with recursive used(id) as (
        select min(master_key_id) from data_keys
        union all
        select (select min(d.master_key_id) from data_keys d where d.master_key_id > used.id)
        from used where used.id is not null)
    select id from used where id is not null union select master_key_id from sealing_keys order by 1"""
_SEALING_KEY = "select master_key_id, wrapped_key from sealing_keys where purpose = %s"


def sealing_key_context(purpose: str) -> bytes:
    """What a wrapped key of the service as a whole is bound to."""
    return b"customer360 sealing key\0" + purpose.encode()


def data_key_context(customer_id: UUID) -> bytes:
    """What a customer's wrapped data key is bound to: under another customer it does not open."""
    return b"customer360 data key\0" + customer_id.bytes


class Keyring:
    """Makes and opens data keys, makes blind indexes, and has the key of the service's own `secrets`; for one database.

    It can neither be printed nor pickled.
    """

    __slots__ = ("_index", "secrets", "source")

    def __init__(self, source: KeySource, index_key: bytes, secret_key: bytes) -> None:
        self.source = source
        self._index = BlindIndex(index_key)
        self.secrets = SecretKey(secret_key)

    def __repr__(self) -> str:
        return f"<Keyring {', '.join(self.source.ids)}>"

    def __reduce__(self) -> str:
        raise TypeError("a keyring is not written anywhere")

    def new_data_key(self, customer_id: UUID) -> tuple[DataKey, WrappedKey]:
        """A new key for the customer, and what is stored of it."""
        key = os.urandom(KEY_BYTES)
        return DataKey(customer_id, key), self.source.wrap(key, data_key_context(customer_id))

    def data_key(self, customer_id: UUID, wrapped: WrappedKey) -> DataKey:
        """The customer's stored key. Raises SealError when it does not open."""
        return DataKey(customer_id, self.source.unwrap(wrapped, data_key_context(customer_id)))

    def index(self, field: SealedField, identifier: str) -> str:
        """The blind index of an identifier, in whatever notation, by which its rows are found.

        Raises BadInput when it has neither letters nor digits.
        """
        return self._index(field, normalised(identifier))

    def digest(self, text: str) -> str:
        """What stands in the audit log for a text that must not: equal texts are seen to be equal, and no more."""
        return self._index.digest(text)

    def columns(self, key: DataKey, field: SealedField, row_id: UUID, text: str) -> dict[str, Any]:
        """All columns that a value fills in its row: sealed, and for an identifier its blind index and masked form.

        Raises BadInput when an identifier has neither letters nor digits, ValueError for lone surrogates.
        """
        filled: dict[str, Any] = {field.sealed_column: key.seal(field, row_id, text)}
        if field.identifier:
            plain = normalised(text)
            filled[field.index_column] = self._index(field, plain)
            filled[field.masked_column] = masked(plain)
        return filled


def open_keyring(settings: Settings, database_url: str) -> Keyring:
    """The keyring of a migrated database, with the master keys of the settings.

    Raises StartError when there is no master key, or the database's values are sealed with another one, and
    psycopg.Error when the server is not there or refuses.
    """
    source = key_source(settings)
    with psycopg.connect(database_url) as connection:
        return keyring_of(source, connection)


def masters_in_use(connection: psycopg.Connection[TupleRow]) -> set[str]:
    """The ids of all master keys that wrap a key in this database."""
    return {row[0] for row in connection.execute(_MASTERS_IN_USE)}


def keyring_of(source: KeySource, connection: psycopg.Connection[TupleRow]) -> Keyring:
    """The keyring of a migrated database; makes its index key if it has none yet. Raises StartError."""
    missing = sorted(masters_in_use(connection) - set(source.ids))
    if missing:
        raise StartError(
            f"the database's sensitive values are sealed with master key {', '.join(missing)}, and only "
            f"{', '.join(source.ids)} is given: set C360_MASTER_KEY or C360_MASTER_KEY_FILE to it, or add it to "
            "C360_MASTER_KEYS_OLD"
        )
    index_key = _stored(connection, INDEX_PURPOSE) or _first_index_key(source, connection)
    secret_key = _stored(connection, SECRETS_PURPOSE) or _first_key(source, connection, SECRETS_PURPOSE)
    try:
        return Keyring(
            source,
            source.unwrap(index_key, sealing_key_context(INDEX_PURPOSE)),
            source.unwrap(secret_key, sealing_key_context(SECRETS_PURPOSE)),
        )
    except SealError as error:
        raise StartError(f"a key of the table sealing_keys cannot be used: {error}") from None


def _stored(connection: psycopg.Connection[TupleRow], purpose: str) -> WrappedKey | None:
    row = connection.execute(_SEALING_KEY, [purpose]).fetchone()
    return None if row is None else WrappedKey(*row)


def _first_index_key(source: KeySource, connection: psycopg.Connection[TupleRow]) -> WrappedKey:
    if connection.execute("select from data_keys limit 1").fetchone() is not None:
        # With a new one nothing that is there could be found any more, and nobody would know why.
        raise StartError("the key of the blind index is gone from the table sealing_keys; restore it from a backup")
    return _first_key(source, connection, INDEX_PURPOSE)


def _first_key(source: KeySource, connection: psycopg.Connection[TupleRow], purpose: str) -> WrappedKey:
    """A new key for that purpose; of several processes that make one at once, one is the first."""
    wrapped = source.wrap(os.urandom(KEY_BYTES), sealing_key_context(purpose))
    connection.execute(
        "insert into sealing_keys (purpose, wrapped_key, master_key_id, created_at)"
        " values (%s, %s, %s, now()) on conflict do nothing",
        [purpose, wrapped.data, wrapped.master_key_id],
    )
    connection.commit()
    stored = _stored(connection, purpose)
    assert stored is not None
    return stored
