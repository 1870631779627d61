"""The secrets that sign what is delivered to webhooks: shown once, stored sealed under the service's key."""

import base64
import os
from uuid import UUID

from core.sealing import Keyring

# As Standard Webhooks writes them, so that every library of theirs takes them as they are.
PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A new secret: `whsec_` and the base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(os.urandom(_BYTES)).decode()


def sealed(keyring: Keyring, endpoint_id: UUID, secret: str) -> str:
    """The secret of an endpoint as it is stored."""
    return keyring.secrets.seal(secret, _owner(endpoint_id))


def opened(keyring: Keyring, endpoint_id: UUID, stored: str) -> str:
    """The secret again. Raises SealError when it is not this endpoint's, or of another key."""
    return keyring.secrets.open(stored, _owner(endpoint_id))


def _owner(endpoint_id: UUID) -> bytes:
    return b"customer360 webhook\0" + endpoint_id.bytes
