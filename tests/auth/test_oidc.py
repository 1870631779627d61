"""An external issuer, real and small: its tokens are accepted when everything about them holds."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth import oidc, users
from auth.actor import SYSTEM, ActorKind, Audience
from auth.errors import AuthenticationError, StepUpRequired
from auth.oidc import OidcRules
from auth.permissions import ROLES
from auth.proof import require_recent
from auth.security_events import SecurityEventKind
from auth.service import Authentication
from core.errors import BadInput, RequestError, StartError
from core.settings import Settings
from models.base import utc_now
from models.roles import Role
from tests.auth.conftest import Open
from tests.auth.issuer import AUDIENCE, Issuer
from tests.auth.people import ENDED_PARTNER, PARTNER, PASSWORD, Clock, Events, actor_of, make_user

ROLE_MAP = {"staff": "agent", "uw": "UNDERWRITER", "brokers": "PARTNER", "root": "ADMINISTRATOR"}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer with one RSA key, k1."""
    issuer = Issuer()
    issuer.add_rsa_key("k1", alg="RS256", use="sig")
    yield issuer
    issuer.stop()


def _settings(issuer: Issuer, **more: Any) -> dict[str, Any]:
    return {
        "oidc_issuer": issuer.url,
        "oidc_audience": AUDIENCE,
        "oidc_role_claim": "groups",
        "oidc_role_map": ROLE_MAP,
        **more,
    }


@pytest.fixture
async def service(open_service: Open, issuer: Issuer) -> AsyncIterator[Authentication]:
    """Authentication that trusts the issuer."""
    async with open_service(**_settings(issuer)) as service:
        yield service


async def _refused(service: Authentication, token: str) -> AuthenticationError:
    with pytest.raises(AuthenticationError) as refused:
        await service.authenticator.actor(f"Bearer {token}")
    return refused.value


async def test_the_claims_become_an_actor(service: Authentication, issuer: Issuer, events: Events) -> None:
    actor = await service.authenticator.actor(f"Bearer {issuer.token(groups=['staff', 'uw', 'other'])}")
    assert actor.kind is ActorKind.USER
    assert actor.audience is Audience.STAFF
    assert actor.permissions == ROLES[Role.AGENT] | ROLES[Role.UNDERWRITER]
    assert actor.session_id is None
    require_recent(actor, service.access.policy.step_up_window, utc_now())
    assert events.kinds == [SecurityEventKind.USER_ADDED]


async def test_a_user_is_made_once(service: Authentication, issuer: Issuer, clock: Clock) -> None:
    tokens = [issuer.token(sub="one"), issuer.token(sub="one", preferred_username="anna"), issuer.token(sub="two")]
    ids = [(await service.authenticator.actor(f"Bearer {token}")).id for token in tokens]
    assert ids[0] == ids[1] != ids[2]
    everybody = await users.all_users(service.access)
    assert [user.external_subject for user in everybody] == ["one", "two"]
    assert all(user.password_hash is None and user.last_login_at == clock.now for user in everybody)


async def test_an_external_user_is_never_a_user_of_ours(service: Authentication, issuer: Issuer) -> None:
    ours = await make_user(service.access, "anna", Role.ADMINISTRATOR)
    token = issuer.token(sub="anna", preferred_username="anna", email="anna")
    actor = await service.authenticator.actor(f"Bearer {token}")
    assert actor.id != str(ours.id)
    assert actor.roles == {Role.AGENT}
    assert (await users.get(service.access, ours.id)).external_issuer is None


async def test_changed_roles_are_taken_over(service: Authentication, issuer: Issuer, events: Events) -> None:
    first = await service.authenticator.actor(f"Bearer {issuer.token(groups=['staff'])}")
    second = await service.authenticator.actor(f"Bearer {issuer.token(groups='uw')}")
    assert first.id == second.id
    assert first.roles == {Role.AGENT}
    assert second.roles == {Role.UNDERWRITER}
    (user,) = await users.all_users(service.access)
    assert user.role_set == {Role.UNDERWRITER}
    assert events.kinds[-1] is SecurityEventKind.ROLES_CHANGED
    with pytest.raises(BadInput, match="come from http"):
        await users.set_roles(service.access, SYSTEM, user.id, [Role.MANAGER])
    with pytest.raises(BadInput, match="keeps the password"):
        await users.reset(service.access, SYSTEM, user.id)


async def test_roles_may_lie_deeper(open_service: Open, issuer: Issuer) -> None:
    for claim, claims in (
        ("realm_access.roles", {"realm_access": {"roles": ["uw"]}}),
        ("https://c360.example/roles", {"https://c360.example/roles": ["uw"]}),
    ):
        async with open_service(**_settings(issuer, oidc_role_claim=claim)) as service:
            actor = await service.authenticator.actor(f"Bearer {issuer.token(groups=None, **claims)}")
            assert actor.roles == {Role.UNDERWRITER}


async def test_a_partners_user_names_the_partner(service: Authentication, issuer: Issuer) -> None:
    actor = await service.authenticator.actor(f"Bearer {issuer.token(groups=['brokers'], partner=PARTNER)}")
    assert actor.audience is Audience.PARTNER
    assert actor.partner_id is not None
    for number, sub in ((None, "2"), ("P-9999999", "3"), ("\x00", "4"), (7, "5"), (ENDED_PARTNER, "6")):
        await _refused(service, issuer.token(sub=sub, groups=["brokers"], partner=number))
    await _refused(service, issuer.token(groups=["brokers", "staff"], partner=PARTNER))
    # The claim means nothing for staff.
    assert (await service.authenticator.actor(f"Bearer {issuer.token(sub='7', partner=PARTNER)}")).partner_id is None


async def test_claims_that_do_not_hold_are_refused(service: Authentication, issuer: Issuer) -> None:
    now = int(time.time())
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "expired": ({"exp": now - 60}, "EXPIRED"),
        "issued in the future": ({"iat": now + 600}, "INVALID"),
        "not yet valid": ({"nbf": now + 600}, "INVALID"),
        "for another service": ({"aud": "another"}, "INVALID"),
        "from another issuer": ({"iss": "https://evil.example"}, "INVALID"),
        "from nobody": ({"iss": None}, "INVALID"),
        "from us": ({"iss": "customer360"}, "INVALID"),
        "nearly the issuer": ({"iss": issuer.url + "/"}, "INVALID"),
        "without audience": ({"aud": None}, "INVALID"),
        "without expiry": ({"exp": None}, "INVALID"),
        "without subject": ({"sub": None}, "INVALID"),
        "empty subject": ({"sub": ""}, "INVALID"),
        "subject with NUL": ({"sub": "a\x00b"}, "INVALID"),
        "long subject": ({"sub": "x" * 256}, "INVALID"),
        "no role": ({"groups": ["others"]}, "INVALID"),
        "roles of another shape": ({"groups": {"staff": True}}, "INVALID"),
    }
    found = {
        name: (await _refused(service, issuer.token(**claims))).details["reason"] for name, (claims, _) in cases.items()
    }
    assert found == {name: reason for name, (_, reason) in cases.items()}
    assert await users.all_users(service.access) == []


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_the_key_decides_the_algorithm(service: Authentication, issuer: Issuer) -> None:
    claims = issuer.claims()
    # k1 says it is for RS256.
    await _refused(service, issuer.token(algorithm="PS256"))
    await _refused(service, issuer.token(algorithm="RS512"))
    await _refused(service, f"{_part({'alg': 'none', 'kid': 'k1'})}.{_part(claims)}.")
    public = jwt.PyJWK(issuer.keys[0]).key
    assert isinstance(public, rsa.RSAPublicKey)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{_part({'alg': 'HS256', 'kid': 'k1', 'typ': 'JWT'})}.{_part(claims)}"
    signature = base64.urlsafe_b64encode(hmac.new(pem, signed.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    await _refused(service, f"{signed}.{signature}")
    await _refused(service, issuer.token(header={"kid": None}))


async def test_keys_that_are_not_for_signatures_are_not_used(open_service: Open, issuer: Issuer) -> None:
    issuer.add_rsa_key("weak", bits=1024)
    issuer.add_rsa_key("enc", use="enc")
    issuer.add_ec_key("ec")
    issuer.keys += [
        {"kty": "oct", "k": "AAAA", "kid": "oct", "alg": "HS256"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
        {"kty": "RSA"},
        "nonsense",  # type: ignore[list-item]
    ]
    async with open_service(**_settings(issuer)) as service:
        await service.authenticator.actor(f"Bearer {issuer.token()}")
        await service.authenticator.actor(f"Bearer {issuer.token('ec', 'ES256')}")
        for kid in ("weak", "enc"):
            await _refused(service, issuer.token(kid))
        forged = jwt.encode(issuer.claims(), base64.urlsafe_b64decode("AAAA") * 16, "HS256", {"kid": "oct"})
        await _refused(service, forged)


async def test_a_new_key_is_found_and_inventions_do_not_flood_the_issuer(
    open_service: Open, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_service(**_settings(issuer)) as service:
        trusted = service.authenticator._oidc
        assert trusted is not None
        await service.authenticator.actor(f"Bearer {issuer.token()}")
        assert issuer.requests == ["/.well-known/openid-configuration", "/keys"]
        issuer.add_rsa_key("k2")
        await _refused(service, issuer.token("k2"))
        assert len(issuer.requests) == 2
        trusted._pause = 0.0
        await service.authenticator.actor(f"Bearer {issuer.token('k2')}")
        assert len(issuer.requests) == 4
        trusted._pause = oidc.PAUSE_SECONDS
        for number in range(20):
            await _refused(service, issuer.token("k2", header={"kid": f"invented-{number}"}))
        assert len(issuer.requests) == 4


async def test_a_key_that_is_withdrawn_is_refused_once_the_keys_are_old(
    service: Authentication, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer.add_rsa_key("k2")
    await service.authenticator.actor(f"Bearer {issuer.token()}")
    issuer.keys.pop(0)
    monkeypatch.setattr(oidc, "KEYS_FRESH_SECONDS", 0.0)
    trusted = service.authenticator._oidc
    assert trusted is not None
    trusted._pause = 0.0
    await _refused(service, issuer.token(sub="another"))
    await service.authenticator.actor(f"Bearer {issuer.token('k2')}")


async def test_an_issuer_that_does_not_answer(
    service: Authentication, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    trusted = service.authenticator._oidc
    assert trusted is not None
    trusted._pause = 0.0
    discovery, key_set = "/.well-known/openid-configuration", "/keys"
    for path, answer in (
        (discovery, (500, b"")),
        (discovery, (302, b"")),
        (discovery, (200, b"not json")),
        (discovery, (200, b"[" * 100_000)),
        (discovery, (200, b"{}")),
        (discovery, (200, json.dumps({"issuer": issuer.url, "jwks_uri": "http://keys.example/"}).encode())),
        (discovery, (200, json.dumps({"issuer": "https://evil.example", "jwks_uri": f"{issuer.url}/keys"}).encode())),
        (key_set, (200, b"[]")),
        (key_set, (200, b'{"keys": {}}')),
        (key_set, (200, b" " * 2_000_000)),
    ):
        issuer.answers = {path: answer}
        with pytest.raises(RequestError) as refused:
            await service.authenticator.actor(f"Bearer {issuer.token()}")
        assert refused.value.code == "SERVICE_UNAVAILABLE", answer
    issuer.answers = {}
    await service.authenticator.actor(f"Bearer {issuer.token()}")
    # Keys once fetched serve on while the issuer is away.
    issuer.answers = {discovery: (503, b"")}
    monkeypatch.setattr(oidc, "KEYS_FRESH_SECONDS", 0.0)
    await service.authenticator.actor(f"Bearer {issuer.token(sub='another')}")
    monkeypatch.setattr(oidc, "KEYS_USABLE_SECONDS", 0.0)
    with pytest.raises(RequestError):
        await service.authenticator.actor(f"Bearer {issuer.token(sub='third')}")
    assert "could not be fetched" in caplog.text


async def test_a_disabled_user_is_refused_though_the_token_is_good(service: Authentication, issuer: Issuer) -> None:
    header = f"Bearer {issuer.token()}"
    actor = await service.authenticator.actor(header)
    (user,) = await users.all_users(service.access)
    assert actor.id == str(user.id)
    await users.disable(service.access, SYSTEM, user.id)
    await service.revocations.renew()
    with pytest.raises(AuthenticationError):
        await service.authenticator.actor(header)
    await users.enable(service.access, SYSTEM, user.id)
    await service.revocations.renew()
    assert (await service.authenticator.actor(header)).id == actor.id


async def test_the_second_factor_is_the_issuers_to_ask(open_service: Open, issuer: Issuer) -> None:
    async with open_service(**_settings(issuer, require_second_factor=("administrator",))) as service:
        refused = await _refused(service, issuer.token(groups=["root"], amr=["pwd"]))
        assert "second factor" in str(refused)
        actor = await service.authenticator.actor(f"Bearer {issuer.token(groups=['root'], amr=['pwd', 'mfa'])}")
        assert actor.second_factor
        await service.authenticator.actor(f"Bearer {issuer.token(sub='2')}")


async def test_without_a_time_of_proof_sensitive_actions_stay_closed(service: Authentication, issuer: Issuer) -> None:
    for auth_time, sub in ((None, "1"), ("x", "2"), (10**30, "3")):
        actor = await service.authenticator.actor(f"Bearer {issuer.token(sub=sub, auth_time=auth_time)}")
        with pytest.raises(StepUpRequired):
            require_recent(actor, service.access.policy.step_up_window, utc_now())
        with pytest.raises(AuthenticationError, match="sign in to this service"):
            await service.own_account.step_up(actor, password=PASSWORD)


async def test_our_own_tokens_work_beside(service: Authentication) -> None:
    await make_user(service.access)
    assert (await actor_of(service, await service.sessions.login("anna", PASSWORD))).session_id


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"oidc_audience": None}, "C360_OIDC_AUDIENCE"),
        ({"oidc_role_map": {}}, "C360_OIDC_ROLE_MAP"),
        ({"oidc_role_map": {"x": "KING"}}, "C360_OIDC_ROLE_MAP: KING is no role"),
        ({"oidc_issuer": "http://idp.example"}, "https://"),
        ({"oidc_issuer": "ftp://127.0.0.1"}, "https://"),
        ({"oidc_issuer": "https://[::1"}, "https://"),
        ({"token_issuer": "https://idp.example"}, "must differ"),
    ],
)
def test_half_a_setting_is_refused(changes: dict[str, Any], problem: str) -> None:
    good: dict[str, Any] = {"oidc_issuer": "https://idp.example", "oidc_audience": "x", "oidc_role_map": {"a": "AGENT"}}
    assert OidcRules.of(Settings(**good)) is not None
    with pytest.raises(StartError, match=problem):
        OidcRules.of(Settings(**{**good, **changes}))
