"""Sealing: sensitive values encrypted at rest, and still found by their exact value (docs/adr/0015).

keyring = open_keyring(settings, database_url)
key, wrapped = keyring.new_data_key(customer_id)    # one key for each customer, kept wrapped by the master key
sealed = key.seal(field, row_id, "DE89…")           # opens in this row and column of this customer, nowhere else
keyring.index(field, "DE89…")                       # the blind index: what an exact search compares
keyring.secrets.seal("JBSW…", user_id.bytes)        # a secret of the service itself
"""

from core.sealing.blind_index import MASK, masked, normalised
from core.sealing.keyring import Keyring, keyring_of, open_keyring
from core.sealing.masters import (
    KeySource,
    LocalKeys,
    WrappedKey,
    key_source,
    new_master_key,
    require_master_key,
)
from core.sealing.rotation import rotate_master
from core.sealing.secrets import SecretKey, is_sealed
from core.sealing.values import DataKey, SealedField, SealError

__all__ = [
    "MASK",
    "DataKey",
    "KeySource",
    "Keyring",
    "LocalKeys",
    "SealError",
    "SealedField",
    "SecretKey",
    "WrappedKey",
    "is_sealed",
    "key_source",
    "keyring_of",
    "masked",
    "new_master_key",
    "normalised",
    "open_keyring",
    "require_master_key",
    "rotate_master",
]
