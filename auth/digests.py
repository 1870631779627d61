"""Random secrets, and the digests of them that are stored.

A digest without salt or stretching is enough, because what is digested is random and too long to be tried out.
"""

import hashlib
import secrets


def random_secret() -> str:
    """43 characters of the URL-safe alphabet: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
