"""The master key of the tests, and the keyrings of their databases."""

import psycopg

from core.sealing import Keyring, LocalKeys, keyring_of

MASTER_KEY = bytes(range(32))
OTHER_MASTER_KEY = bytes(range(1, 33))


def keyring_in(url: str, *masters: bytes) -> Keyring:
    """The keyring of a migrated database, under the tests' master key unless others are given."""
    with psycopg.connect(url) as connection:
        return keyring_of(LocalKeys(*(masters or (MASTER_KEY,))), connection)
