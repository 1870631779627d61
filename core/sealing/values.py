"""Sealed values: texts encrypted so that only their own row, column and customer open them again.

    version (1 byte) | nonce (12 bytes) | AES-256-GCM of the UTF-8 text, its tag at the end (16 bytes)

The associated data names table, column, row and customer. So a sealed value that is copied to another place, or put
back from another row, does not open, although it was never changed.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 32


class SealError(Exception):
    """A sealed value or key does not open: it was changed, moved, or sealed by another key. Tells nothing of it."""


@dataclass(frozen=True)
class SealedField:
    """A value that is stored sealed, in the column `<name>_sealed` of `table`.

    An `identifier` is a short number that people search by and know by its end: it has two more columns, its blind
    index `<name>_index` and `<name>_masked`.
    """

    table: str
    name: str
    identifier: bool

    @cached_property
    def sealed_column(self) -> str:
        """The column of the sealed value."""
        return f"{self.name}_sealed"

    @cached_property
    def index_column(self) -> str:
        """The column of an identifier's blind index."""
        return f"{self.name}_index"

    @cached_property
    def masked_column(self) -> str:
        """The column of what is shown in the value's place."""
        return f"{self.name}_masked"

    @cached_property
    def label(self) -> bytes:
        """Names the field in associated data and in the derivation of keys; no two fields have the same."""
        return f"{self.table}\0{self.name}\0".encode()


class DataKey:
    """One customer's key: seals and opens this customer's values. It can neither be printed nor pickled."""

    __slots__ = ("_cipher", "_customer")

    def __init__(self, customer_id: UUID, key: bytes) -> None:
        self._customer = customer_id.bytes
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return "<DataKey>"

    def __reduce__(self) -> str:
        raise TypeError("a data key is not written anywhere")

    def seal(self, field: SealedField, row_id: UUID, text: str) -> bytes:
        """The sealed text for that field of that row; each time another, for the nonce is random.

        Raises ValueError when the text has characters that are none (lone surrogates).
        """
        data = _utf8(text)
        if data is None:
            raise ValueError("a text with lone surrogates cannot be sealed")
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, data, self._place(field, row_id))

    def open(self, field: SealedField, row_id: UUID, sealed: bytes) -> str:
        """The text that was sealed there. Raises SealError when it was not, or not by this key."""
        opened = None
        if sealed[:1] == VERSION and len(sealed) > NONCE_BYTES + TAG_BYTES:
            nonce, data = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
            opened = self._decrypt(nonce, data, self._place(field, row_id))
        if opened is None:
            raise SealError(f"a sealed value of {field.table}.{field.name} does not open")
        return opened.decode()

    def _decrypt(self, nonce: bytes, data: bytes, place: bytes) -> bytes | None:
        try:
            return self._cipher.decrypt(nonce, data, place)
        except InvalidTag:
            return None

    def _place(self, field: SealedField, row_id: UUID) -> bytes:
        return b"customer360 value\0" + field.label + row_id.bytes + self._customer


def _utf8(text: str) -> bytes | None:
    # The error would carry the text; here it ends with the function, and no later error has it as its context.
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None
