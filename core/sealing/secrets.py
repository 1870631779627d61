"""Secrets that belong to no customer, such as those of users' authenticator apps: sealed under a key of the service.

    sealed:1:BASE64 of nonce (12 bytes) | AES-256-GCM of the UTF-8 text, its tag at the end (16 bytes)

The associated data names what the secret is of, so that it opens for nothing else.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.sealing.values import NONCE_BYTES, SealError

_MARK = "sealed:1:"


class SecretKey:
    """Seals and opens secrets. It can neither be printed nor pickled."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return "<SecretKey>"

    def __reduce__(self) -> str:
        raise TypeError("a secret key is not written anywhere")

    def seal(self, secret: str, owner: bytes) -> str:
        """The sealed secret, for a text column."""
        nonce = os.urandom(NONCE_BYTES)
        return _MARK + base64.b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), owner)).decode()

    def open(self, sealed: str, owner: bytes) -> str:
        """The secret. Raises SealError when it was changed, moved to another owner, or sealed by another key."""
        try:
            data = base64.b64decode(sealed.removeprefix(_MARK), validate=True)
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], owner).decode()
        except (InvalidTag, ValueError, binascii.Error):
            pass
        raise SealError("a sealed secret does not open")


def is_sealed(stored: str) -> bool:
    """Whether what is stored is a sealed secret."""
    return stored.startswith(_MARK)
