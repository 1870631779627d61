"""Access tokens as a thief might make them."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth import keys
from auth.keys import SigningKey


def part(value: Any) -> str:
    """A part of a token: the base64 of bytes, or of what JSON makes of anything else."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(good: str, key: SigningKey) -> Iterator[tuple[str, str, str]]:
    """Tokens that are wrong in one way each: what is wrong, the token, and the reason it is refused for."""
    claims = jwt.decode(good, options={"verify_signature": False})
    top = jwt.get_unverified_header(good)
    now = int(time.time())

    def signed(**changes: Any) -> str:
        return jwt.encode({**claims, **changes}, key.private, key.verification.algorithm, top)

    yield "expired", signed(iat=now - 900, nbf=now - 900, exp=now - 60), "EXPIRED"
    yield "not yet valid", signed(nbf=now + 3600), "INVALID"
    yield "for another service", signed(aud="another-service"), "INVALID"
    yield "from another issuer", signed(iss="https://issuer.example"), "INVALID"
    yield "another type", jwt.encode(claims, key.private, key.verification.algorithm, {**top, "typ": "JWT"}), "INVALID"
    for none in ("none", "NONE"):
        yield f"alg {none}", f"{part({**top, 'alg': none})}.{part(claims)}.", "INVALID"
    pem = key.verification.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = f"{part({**top, 'alg': 'HS256'})}.{part(claims)}"
    signature = hmac.new(pem, text.encode(), hashlib.sha256).digest()
    yield "the public key as a secret", f"{text}.{part(signature)}", "INVALID"
    thief = keys.generate()
    yield "another key", jwt.encode(claims, thief.private, thief.verification.algorithm, top), "INVALID"
    own_key = {**top, "jwk": dict(thief.verification.jwk)}
    yield "a key of its own", jwt.encode(claims, thief.private, thief.verification.algorithm, own_key), "INVALID"
    head, _, last = good.split(".")
    yield "another role", f"{head}.{part({**claims, 'roles': ['ADMINISTRATOR']})}.{last}", "INVALID"
    yield "cut short", good[:-10], "INVALID"
    yield "longer than any", good + "A" * 20_000, "MALFORMED"
    yield "no token", "x.y.z", "MALFORMED"
