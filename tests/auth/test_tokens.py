"""Access tokens: what is in them, and every way in which one must not be accepted."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth import keys
from auth.actor import ANONYMOUS, ActorKind, Audience
from auth.errors import AuthenticationError
from auth.permissions import ROLES
from auth.service import Authentication
from models.roles import Role
from tests.auth.people import PASSWORD, Clock, actor_of, make_user


async def test_a_token_brings_the_actor(service: Authentication, clock: Clock) -> None:
    user = await make_user(service.access, "anna", Role.AGENT, Role.UNDERWRITER)
    signed_in = await service.sessions.login("anna", PASSWORD)
    actor = await actor_of(service, signed_in)
    assert actor.kind is ActorKind.USER
    assert actor.audience is Audience.STAFF
    assert (actor.id, actor.session_id) == (str(user.id), str(signed_in.session_id))
    assert actor.permissions == ROLES[Role.AGENT] | ROLES[Role.UNDERWRITER]
    assert actor.authenticated_at == clock.now
    assert not actor.second_factor
    assert signed_in.access_token.expires_at == clock.now + timedelta(minutes=10)


async def test_a_partners_token_names_the_partner(service: Authentication) -> None:
    user = await make_user(service.access, "paula", Role.PARTNER)
    actor = await actor_of(service, await service.sessions.login("paula", PASSWORD))
    assert actor.audience is Audience.PARTNER
    assert actor.partner_id == str(user.partner_id)
    assert actor.permissions == ROLES[Role.PARTNER]


async def test_without_a_credential_one_is_nobody(service: Authentication) -> None:
    assert await service.authenticator.actor(None) is ANONYMOUS


async def test_the_claims(service: Authentication, clock: Clock) -> None:
    user = await make_user(service.access)
    text = (await service.sessions.login("anna", PASSWORD)).access_token.text
    claims = jwt.decode(text, options={"verify_signature": False})
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("customer360", "customer360", str(user.id))
    assert claims["amr"] == ["pwd"]
    assert claims["exp"] - claims["iat"] == 600
    assert "login" not in claims
    assert "anna" not in json.dumps(claims)


Change = Callable[[dict[str, Any]], Any]


def _set(**changes: Any) -> Change:
    return lambda claims: claims.update(changes)


def _drop(name: str) -> Change:
    return lambda claims: claims.pop(name)


async def _refusal(service: Authentication, token: str) -> str:
    with pytest.raises(AuthenticationError) as refused:
        await service.authenticator.actor(f"Bearer {token}")
    assert refused.value.code == "UNAUTHENTICATED"
    assert token[:40] not in str(refused.value) or len(token) < 2
    reason: str = refused.value.details["reason"]
    return reason


async def _claims(service: Authentication) -> dict[str, Any]:
    await make_user(service.access)
    text = (await service.sessions.login("anna", PASSWORD)).access_token.text
    return jwt.decode(text, options={"verify_signature": False})


def _signed(service: Authentication, claims: dict[str, Any], **header: Any) -> str:
    key = service.keys.ring.signing
    headers = {"kid": key.verification.kid, "typ": "at+jwt", **header}
    return jwt.encode(claims, key.private, "EdDSA", {name: value for name, value in headers.items() if value})


_CASES: dict[str, tuple[Change, str]] = {
    "expired": (_set(exp=int(time.time()) - 60), "EXPIRED"),
    "not yet valid": (_set(nbf=int(time.time()) + 3600), "INVALID"),
    "issued in the future": (_set(iat=int(time.time()) + 3600), "INVALID"),
    "for another service": (_set(aud="another-service"), "INVALID"),
    "for others": (_set(aud=["another", "third"]), "INVALID"),
    "for nobody": (_set(aud=None), "INVALID"),
    "from another issuer": (_set(iss="https://evil.example"), "INVALID"),
    "expiry is text": (_set(exp="soon"), "MALFORMED"),
    "roles are text": (_set(roles="ADMINISTRATOR"), "INVALID"),
    "unknown role": (_set(roles=["EMPEROR"]), "INVALID"),
    "roles in a list of lists": (_set(roles=[["ADMINISTRATOR"]]), "INVALID"),
    "partner without a partner": (_set(roles=["PARTNER"]), "INVALID"),
    "partner and staff": (_set(roles=["PARTNER", "ADMINISTRATOR"], partner="x"), "INVALID"),
    "staff with a partner": (_set(partner="x"), "INVALID"),
    "authenticated at text": (_set(auth_time="x"), "INVALID"),
    "authenticated at the end of time": (_set(auth_time=10**30), "INVALID"),
    "unknown required action": (_set(required_action="DANCE"), "INVALID"),
    "methods are a number": (_set(amr=7), "INVALID"),
    **{
        f"without {name}": (_drop(name), "INVALID")
        for name in ("iss", "aud", "sub", "sid", "roles", "iat", "nbf", "exp", "jti", "amr", "auth_time", "ver")
    },
}


async def test_claims_that_do_not_hold_are_refused(service: Authentication) -> None:
    claims = await _claims(service)
    await service.authenticator.actor(f"Bearer {_signed(service, claims)}")
    found = {}
    for name, (change, _) in _CASES.items():
        changed = dict(claims)
        change(changed)
        found[name] = await _refusal(service, _signed(service, changed))
    assert found == {name: reason for name, (_, reason) in _CASES.items()}


def _part(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


async def test_unsigned_tokens_are_refused(service: Authentication) -> None:
    claims = await _claims(service)
    kid = service.keys.ring.signing.verification.kid
    for name in ("none", "None", "NONE", "nOnE", ""):
        for signature in ("", "AAAA"):
            header = {"alg": name, "typ": "at+jwt", "kid": kid}
            assert await _refusal(service, f"{_part(header)}.{_part(claims)}.{signature}") == "INVALID"


async def test_the_public_key_is_no_secret_for_hs256(service: Authentication) -> None:
    claims = await _claims(service)
    key = service.keys.ring.signing.verification
    pem = key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    raw = key.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    for secret in (pem, pem.strip(), raw, str(key.jwk["x"]).encode(), json.dumps(dict(key.jwk)).encode(), b""):
        for algorithm, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
            signed = f"{_part({'alg': algorithm, 'typ': 'at+jwt', 'kid': key.kid})}.{_part(claims)}"
            signature = hmac.new(secret, signed.encode(), digest).digest()
            assert await _refusal(service, f"{signed}.{_part(signature)}") == "INVALID"


async def test_the_header_does_not_choose_the_key_or_its_algorithm(service: Authentication) -> None:
    claims = await _claims(service)
    thief = keys.generate()
    own = service.keys.ring.signing.verification.kid
    jwk = {**thief.verification.jwk, "kid": own}
    for header in (
        {"kid": own},
        {"kid": thief.verification.kid},
        {"kid": own, "jwk": jwk},
        {"kid": own, "jku": "https://evil.example/jwks.json"},
        {"kid": "../../dev/null"},
        {"kid": "' or 1=1 --"},
    ):
        token = jwt.encode(claims, thief.private, "EdDSA", {"typ": "at+jwt", **header})
        assert await _refusal(service, token) == "INVALID"


async def test_headers_that_are_not_ours_are_refused(service: Authentication) -> None:
    claims = await _claims(service)
    headers: list[dict[str, Any]] = [{"kid": None}, {"typ": None}, {"typ": "JWT"}, {"crit": ["exp"], "exp": 1}]
    for header in headers:
        assert await _refusal(service, _signed(service, claims, **header)) == "INVALID", header


async def test_a_changed_token_is_refused(service: Authentication) -> None:
    claims = await _claims(service)
    head, _, signature = _signed(service, claims).split(".")
    claims["roles"] = ["ADMINISTRATOR"]
    assert await _refusal(service, f"{head}.{_part(claims)}.{signature}") == "INVALID"


_DEEP = b'{"alg":"EdDSA","kid":' + b"[" * 5000 + b"]" * 5000 + b"}"


_NO_TOKENS = [
    "x",
    "..",
    "a.b.c",
    "a.b.c.d.e",
    "\ud800",
    "é.é.é",
    "x" * 20_000,
    "a." * 8_000,
    f"{_part(b'')}.{_part({})}.AA",
    f"{_part([])}.{_part({})}.AA",
    f"{_part({'alg': 7, 'kid': 7})}.{_part({})}.AA",
    f"{_part(_DEEP)}.{_part({})}.AA",
    f"{_part({'alg': 'EdDSA'})}.{_part(_DEEP)}.AA",
    f"{_part(b'{' + bytes([0xFF]) + b'}')}.{_part({})}.AA",
    f"{_part({'alg': 'EdDSA', 'kid': 'x' * 9000})}.{_part({})}.AA",
]


async def test_what_is_no_token_is_refused_without_an_error(service: Authentication) -> None:
    for token in _NO_TOKENS:
        assert await _refusal(service, token) in {"MALFORMED", "INVALID"}, token[:100]


async def test_malformed_headers_are_refused(service: Authentication) -> None:
    headers = [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "bearer",
        "Basic YTpi",
        "Token x",
        "Bearerx",
        "\x00",
        "Bearer\tx",
        "x" * 10**6,
    ]
    for header in headers:
        with pytest.raises(AuthenticationError) as refused:
            await service.authenticator.actor(header)
        assert refused.value.details["reason"] == "MALFORMED", header[:20]


async def test_two_credentials_are_one_too_many(service: Authentication) -> None:
    with pytest.raises(AuthenticationError, match="one credential"):
        await service.authenticator.actor("Bearer x", "c360_x")


async def test_the_scheme_has_no_case(service: Authentication) -> None:
    await make_user(service.access)
    text = (await service.sessions.login("anna", PASSWORD)).access_token.text
    assert (await service.authenticator.actor(f"bearer {text}")).id
    assert (await service.authenticator.actor(f"BEARER  {text}")).id


async def test_tokens_do_not_show(service: Authentication) -> None:
    await make_user(service.access)
    signed_in = await service.sessions.login("anna", PASSWORD)
    assert signed_in.access_token.text not in repr(signed_in)
    assert signed_in.refresh_token not in repr(signed_in)
