"""The blind index: how a sealed identifier is found by its exact value, and what is shown in its place.

It is HMAC-SHA256 of the normalised identifier, with a key of its own for each field. Equal identifiers have equal
indexes, so an ordinary index of the database finds them; without the key nobody can tell by trying which identifier an
index stands for, although there are only few of them (a tax number has some thirty bits).

Cut to 128 bits: half the space of the full 256, and still two of 10^12 identifiers collide with a chance of less than
1 in 10^14, so that a hit need not be opened to be believed.
"""

import hmac
import unicodedata

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import BadInput
from core.sealing.values import KEY_BYTES, SealedField

INDEX_BYTES = 16

MASK = "••••"
_SHOWN = 4
# Of a shorter identifier its end would be too much of it.
_LEAST_LENGTH = 8


def normalised(identifier: str) -> str:
    """The identifier without spaces and separators and in capitals: DE89 3704… and de89-3704… are the same."""
    folded = identifier.upper()
    if not identifier.isascii():
        folded = "".join(filter(str.isascii, unicodedata.normalize("NFKC", identifier).upper()))
    return "".join(filter(str.isalnum, folded))


def masked(plain: str) -> str:
    """What is shown in the place of a normalised identifier: its last four characters, such as •••• 4711."""
    return f"{MASK} {plain[-_SHOWN:]}" if len(plain) >= _LEAST_LENGTH else MASK


class BlindIndex:
    """Makes blind indexes, with keys derived (HKDF) from one index key."""

    __slots__ = ("_key", "_keys")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._keys: dict[bytes, bytes] = {}

    def __repr__(self) -> str:
        return "<BlindIndex>"

    def __call__(self, field: SealedField, plain: str) -> str:
        """The index of a normalised identifier in that field: 32 hexadecimal digits. Raises BadInput if it is empty."""
        if not plain:
            raise BadInput("an identifier has letters or digits", argument=field.name)
        return hmac.digest(self._key_of(field), plain.encode(), "sha256")[:INDEX_BYTES].hex()

    def digest(self, text: str) -> str:
        """A digest of any text, by which equal texts are seen to be equal and nothing else is."""
        return hmac.digest(self._derived(b"customer360 digest"), text.encode("utf-8", "replace"), "sha256").hex()

    def _key_of(self, field: SealedField) -> bytes:
        return self._derived(b"customer360 blind index\0" + field.label)

    def _derived(self, info: bytes) -> bytes:
        key = self._keys.get(info)
        if key is None:
            key = self._keys[info] = HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._key)
        return key
