"""The keys that sign access tokens: asymmetric, named by their thumbprint, changed with overlap."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from core.errors import StartError
from core.settings import Settings

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key: it alone decides by which algorithm a token that names it is checked."""

    kid: str
    algorithm: str
    public: PublicKey
    jwk: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the public one that belongs to it."""

    private: PrivateKey = field(repr=False)
    verification: VerificationKey


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The key that signs, and all keys whose tokens are accepted, by their id."""

    signing: SigningKey
    accepted: Mapping[str, VerificationKey]

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517), for others who check our tokens."""
        return {"keys": [dict(key.jwk) for key in self.accepted.values()]}


def key_ring(signing: SigningKey, others: Iterable[VerificationKey] = ()) -> KeyRing:
    """A ring that signs with one key and accepts it and the others."""
    keys = [signing.verification, *others]
    return KeyRing(signing, {key.kid: key for key in keys})


def verification_key(public: PublicKey) -> VerificationKey:
    """The public key with its id (the thumbprint of RFC 7638) and its one algorithm.

    Raises ValueError for an elliptic curve other than P-256.
    """
    if isinstance(public, ed25519.Ed25519PublicKey):
        algorithm, jwk = "EdDSA", dict(OKPAlgorithm.to_jwk(public, as_dict=True))
    elif isinstance(public.curve, ec.SECP256R1):
        algorithm, jwk = "ES256", dict(ECAlgorithm.to_jwk(public, as_dict=True))
    else:
        raise ValueError("the curve of the key is not P-256")
    members: dict[str, Any] = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    kid = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return VerificationKey(kid, algorithm, public, {**members, "kid": kid, "alg": algorithm, "use": "sig"})


def signing_key(private: PrivateKey) -> SigningKey:
    """The private key with its public one."""
    return SigningKey(private, verification_key(private.public_key()))


def generate() -> SigningKey:
    """A new Ed25519 key."""
    return signing_key(ed25519.Ed25519PrivateKey.generate())


def to_pem(key: SigningKey) -> str:
    """The private key as PEM (PKCS 8, not encrypted)."""
    return key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def from_pem(pem: bytes) -> SigningKey:
    """The private key in a PEM. Raises ValueError when it holds none of Ed25519 or P-256."""
    private = _load(load_pem_private_key, pem, None)
    if not isinstance(private, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("the key is neither Ed25519 nor P-256")
    return signing_key(private)


def _public_from_pem(pem: bytes) -> VerificationKey:
    if b"PRIVATE KEY" in pem:
        return from_pem(pem).verification
    public = _load(load_pem_public_key, pem)
    if not isinstance(public, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey):
        raise ValueError("the key is neither Ed25519 nor P-256")
    return verification_key(public)


def _load(load: Any, *arguments: Any) -> Any:
    try:
        return load(*arguments)
    except TypeError:
        raise ValueError("the key is protected by a passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("it holds no key in PEM") from None


def from_files(settings: Settings) -> KeyRing | None:
    """The key ring of the files in the settings; None when they name none.

    Raises StartError naming the variable when a file cannot be read or holds no fitting key.
    """
    if settings.signing_key_file is None:
        if settings.signing_keys_old_files:
            raise StartError("C360_SIGNING_KEYS_OLD_FILES needs C360_SIGNING_KEY_FILE beside it")
        return None
    signing = _read(settings.signing_key_file, "C360_SIGNING_KEY_FILE", from_pem)
    others = [_read(file, "C360_SIGNING_KEYS_OLD_FILES", _public_from_pem) for file in settings.signing_keys_old_files]
    return key_ring(signing, others)


def _read(file: Path, variable: str, parse: Callable[[bytes], _Key]) -> _Key:
    try:
        return parse(file.expanduser().read_bytes())
    except OSError as error:
        raise StartError(f"{variable}: cannot read {file}: {error.strerror}") from None
    except ValueError as error:
        raise StartError(f"{variable}: {file}: {error}") from None


def require_own_key(settings: Settings) -> None:
    """Refuse to start in production without a signing key of one's own.

    Raises StartError saying how to make one; also when the key named cannot be used.
    """
    if from_files(settings) is None and settings.env == "production":
        raise StartError(
            "C360_ENV=production needs a signing key: make one with `c360 keys new-signing FILE` and name the file in "
            "C360_SIGNING_KEY_FILE"
        )
