"""Signing keys: from files or made by the service, changed with overlap, required in production."""

import asyncio
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from auth import keys, stored_keys
from auth.actor import SYSTEM
from auth.errors import AuthenticationError
from auth.service import Authentication
from core.errors import StartError
from core.settings import Settings, load
from core.snapshot import Pool
from models.roles import Role
from tests.auth.conftest import Open
from tests.auth.people import PASSWORD, Clock, Events, actor_of, make_user


def _write(file: Path, key: keys.SigningKey) -> Path:
    file.write_text(keys.to_pem(key))
    return file


def _p256() -> keys.SigningKey:
    return keys.signing_key(ec.generate_private_key(ec.SECP256R1()))


def _unprotected(private: object) -> bytes:
    assert isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _protected() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
    )


@pytest.mark.parametrize(
    ("pem", "problem"),
    [
        (b"", "no key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no key in PEM"),
        (_unprotected(rsa.generate_private_key(65537, 2048)), "neither Ed25519 nor P-256"),
        (_unprotected(ec.generate_private_key(ec.SECP384R1())), "not P-256"),
        (_protected(), "passphrase"),
    ],
)
def test_a_file_without_a_fitting_key_is_refused(tmp_path: Path, pem: bytes, problem: str) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(pem)
    with pytest.raises(StartError, match=f"^C360_SIGNING_KEY_FILE: .*{problem}"):
        keys.from_files(Settings(signing_key_file=file))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"C360_SIGNING_KEY_FILE: cannot read .*: No such file"):
        keys.from_files(Settings(signing_key_file=tmp_path / "key.pem"))


def test_production_needs_a_key_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="C360_SIGNING_KEY_FILE"):
        keys.require_own_key(Settings(env="production"))
    keys.require_own_key(Settings(env="production", signing_key_file=_write(tmp_path / "key.pem", keys.generate())))
    keys.require_own_key(Settings())


async def test_production_does_not_use_keys_in_the_database(open_service: Open, pool: Pool) -> None:
    async with open_service() as service:
        assert service.keys.ring.accepted
    with pytest.raises(StartError, match="C360_SIGNING_KEY_FILE"):
        async with open_service(env="production"):
            pass


def test_old_files_may_hold_public_keys(tmp_path: Path) -> None:
    old, new = _p256(), keys.generate()
    public = tmp_path / "old.pem"
    public.write_bytes(old.verification.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    ring = keys.from_files(
        Settings(signing_key_file=_write(tmp_path / "new.pem", new), signing_keys_old_files=(public,))
    )
    assert ring is not None
    assert set(ring.accepted) == {old.verification.kid, new.verification.kid}
    assert ring.signing.verification == new.verification


def test_the_key_set_is_public_and_understood_by_others() -> None:
    ring = keys.key_ring(keys.generate(), [_p256().verification])
    document = ring.jwks()
    assert all("d" not in key and key["use"] == "sig" for key in document["keys"])
    for key in jwt.PyJWKSet.from_dict(document).keys:
        known = ring.accepted[key.key_id or ""]
        assert key.key == known.public
        assert key.algorithm_name == known.algorithm


def test_the_key_id_is_the_thumbprint_of_rfc_8037() -> None:
    example = {"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    public = jwt.PyJWK(example, algorithm="EdDSA").key
    assert keys.verification_key(public).kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


async def test_workers_that_start_together_share_the_first_key(open_service: Open) -> None:
    async def first() -> str:
        async with open_service() as service:
            return service.keys.ring.signing.verification.kid

    assert len(set(await asyncio.gather(*(first() for _ in range(3))))) == 1


async def test_a_stored_key_is_changed_with_overlap(open_service: Open, clock: Clock, events: Events) -> None:
    async with open_service() as service, open_service() as other:
        await make_user(service.access)
        old = await service.sessions.login("anna", PASSWORD)
        first = service.keys.ring.signing.verification.kid
        kid, activates_at, retires_at = await stored_keys.rotate(service.access, SYSTEM)
        await service.keys.renew()
        await other.keys.renew()
        # Announced to all before anybody signs with it.
        assert other.keys.ring.signing.verification.kid == first
        assert set(other.keys.ring.accepted) == {first, kid}
        clock.now = activates_at
        await service.keys.renew()
        await other.keys.renew()
        assert service.keys.ring.signing.verification.kid == kid
        new = await service.sessions.login("anna", PASSWORD)
        assert jwt.get_unverified_header(new.access_token.text)["kid"] == kid
        assert (await actor_of(other, old)).roles == {Role.AGENT}
        clock.now = retires_at
        await other.keys.renew()
        assert set(other.keys.ring.accepted) == {kid}
        with pytest.raises(AuthenticationError):
            await actor_of(other, old)
    assert events.kinds.count(events[0].kind.SIGNING_KEY_ROTATED) == 1


async def test_files_are_changed_without_a_restart(open_service: Open, tmp_path: Path) -> None:
    file, next_file = _write(tmp_path / "key.pem", keys.generate()), tmp_path / "next.pem"
    _write(next_file, _p256())
    async with open_service(env="production", signing_key_file=file, signing_keys_old_files=str(next_file)) as service:
        await make_user(service.access)
        old = await service.sessions.login("anna", PASSWORD)
        before = file.read_text()
        file.write_text(next_file.read_text())
        next_file.write_text(before)
        await service.keys.renew()
        new = await service.sessions.login("anna", PASSWORD)
        headers = [jwt.get_unverified_header(signed.access_token.text) for signed in (old, new)]
        assert [header["alg"] for header in headers] == ["EdDSA", "ES256"]
        assert (await actor_of(service, old)).id == (await actor_of(service, new)).id


async def test_a_key_that_is_taken_away_takes_its_tokens_along(open_service: Open, tmp_path: Path) -> None:
    file = _write(tmp_path / "key.pem", keys.generate())
    async with open_service(signing_key_file=file) as service:
        await make_user(service.access)
        signed_in = await service.sessions.login("anna", PASSWORD)
        await actor_of(service, signed_in)
        _write(file, keys.generate())
        await service.keys.renew()
        with pytest.raises(AuthenticationError):
            await actor_of(service, signed_in)


async def test_files_that_break_later_leave_the_keys_in_use(
    open_service: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = _write(tmp_path / "key.pem", keys.generate())
    async with open_service(signing_key_file=file) as service:
        await make_user(service.access)
        file.write_text("broken")
        await service.keys.renew()
        await actor_of(service, await service.sessions.login("anna", PASSWORD))
    assert "could not be read anew" in caplog.text


async def test_private_keys_do_not_show(service: Authentication) -> None:
    assert "Private" not in repr(service.keys.ring)
    assert "Private" not in repr(service)


def test_the_names_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("C360_SIGNING_KEYS_OLD_FILES", "/a.pem, /b.pem")
    monkeypatch.setenv("C360_OIDC_ROLE_MAP", '{"staff": "AGENT"}')
    monkeypatch.setenv("C360_REQUIRE_SECOND_FACTOR", "administrator,MANAGER")
    settings = load()
    assert settings.signing_keys_old_files == (Path("/a.pem"), Path("/b.pem"))
    assert settings.oidc_role_map == {"staff": "AGENT"}
    assert settings.require_second_factor == ("administrator", "MANAGER")
    monkeypatch.setenv("C360_OIDC_ROLE_MAP", "staff=AGENT")
    with pytest.raises(StartError, match=r"^C360_OIDC_ROLE_MAP: .*is not JSON"):
        load()
