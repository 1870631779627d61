"""Credentials that were verified lately, by their digest, so that the next request costs a look into a dictionary."""

import hashlib
from dataclasses import dataclass

from auth.actor import Actor


@dataclass(frozen=True, slots=True)
class Known:
    """A verified credential: whose it is, until when it may be kept (Unix seconds), and the user's access version."""

    actor: Actor
    expires: float
    version: int


class VerifiedCache:
    """A bounded map; when it is full, what was put in first goes first."""

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._known: dict[bytes, Known] = {}

    @staticmethod
    def key(kind: bytes, credential: str) -> bytes:
        """The digest by which a credential is known; the credential itself is not kept."""
        return hashlib.sha256(kind + credential.encode("utf-8", "surrogatepass")).digest()

    def get(self, key: bytes, now: float) -> Known | None:
        """What is known of a credential, unless it has expired."""
        known = self._known.get(key)
        if known is None:
            return None
        if known.expires > now:
            return known
        del self._known[key]
        return None

    def put(self, key: bytes, known: Known) -> None:
        """Keep what was verified."""
        if len(self._known) >= self._size:
            del self._known[next(iter(self._known))]
        self._known[key] = known

    def drop(self, key: bytes) -> None:
        """Forget a credential."""
        self._known.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()
