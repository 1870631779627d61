"""Passwords: argon2id hashes and a rule of strength.

Hashing is slow on purpose. It runs in threads, few at a time, so that neither the event loop nor the memory suffers.
"""

import asyncio
import secrets
import threading
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn  # type: ignore[import-untyped]

from auth.errors import WeakPassword

SHORTEST = 12
LONGEST = 128
_SCORE = 3
# zxcvbn refuses more, because its time grows with the square of the length.
_LOOKED_AT = 72

# Without letters and digits that are taken for one another.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """The work of one hash: passes over the memory, memory in KiB, threads (RFC 9106, second recommendation)."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4


class Passwords:
    """Hashes and checks passwords at one cost; `at_once` bounds how many are worked on together."""

    def __init__(self, cost: Argon2Cost | None = None, at_once: int = 4) -> None:
        cost = cost or Argon2Cost()
        self._hasher = PasswordHasher(cost.passes, cost.memory_kib, cost.lanes)
        self._turns = asyncio.Semaphore(at_once)
        # What the password of an unknown login is compared with, so that it takes as long as that of a known one.
        # Made by the first comparison of any kind: a command that compares nothing need not wait for it.
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The argon2id hash of a password, with its parameters in front."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one hashed. Without a hash the answer is no, after the same work."""
        async with self._turns:
            return await asyncio.to_thread(self._verify, password_hash, password)

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made at another cost and should be made anew, now that the password is at hand."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str | None, password: str) -> bool:
        if len(password) > LONGEST:
            password_hash, password = None, password[:LONGEST]
        if self._nobody is None:
            self._nobody = self._hasher.hash(secrets.token_urlsafe())
        try:
            matches = self._hasher.verify(password_hash or self._nobody, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return matches and password_hash is not None


def _bytes(password: str) -> bytes:
    # The same characters may be typed in different ways; half of a surrogate pair may come in JSON.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


# zxcvbn keeps what it is given in a dictionary of its module.
_zxcvbn_turn = threading.Lock()


async def check_strength(password: str, login: str) -> None:
    """Refuse a new password that is easy to guess.

    Raises WeakPassword: shorter than 12 or longer than 128 characters, with the login in it, or guessable by zxcvbn's
    estimate (a score below 3 of 4).
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"the password must have {SHORTEST} to {LONGEST} characters; this one has {len(password)}")
    name = login.partition("@")[0].casefold()
    if login.casefold() in password.casefold() or (len(name) > 2 and name in password.casefold()):
        raise WeakPassword("the password must not contain the login")
    problem = await asyncio.to_thread(_problem, password, login)
    if problem is not None:
        raise WeakPassword(f"the password is too easy to guess. {problem}")


def _problem(password: str, login: str) -> str | None:
    with _zxcvbn_turn:
        result = zxcvbn(password[:_LOOKED_AT], user_inputs=[login, "customer360"])
    if result["score"] >= _SCORE:
        return None
    feedback = result["feedback"]
    hints = [feedback["warning"], *feedback["suggestions"]]
    return " ".join(hint.rstrip(".") + "." for hint in hints if hint) or "Add another word or two."


def one_time_password() -> str:
    """A random password to be read out or typed once: 20 characters, 98 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
