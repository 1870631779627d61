"""API keys: shown once, narrower than the partner role, rotated with overlap, revoked within seconds."""

import asyncio
from datetime import timedelta

import pytest

from auth import api_keys
from auth.actor import SYSTEM, ActorKind, Audience
from auth.api_keys import NewApiKey
from auth.errors import AuthenticationError
from auth.permissions import PERMISSIONS, ROLES
from auth.security_events import SecurityEventKind
from auth.service import Authentication
from core.errors import BadInput
from core.snapshot import Pool
from models.roles import Role
from tests.auth.conftest import Open
from tests.auth.people import ENDED_PARTNER, PARTNER, PASSWORD, Clock, Events, actor_of, make_user


async def _make(service: Authentication, *scopes: str) -> NewApiKey:
    return await api_keys.create(service.access, SYSTEM, "portal", PARTNER, scopes or None)


async def _refused(service: Authentication, text: str) -> str:
    with pytest.raises(AuthenticationError) as refused:
        await service.authenticator.actor(None, text)
    assert text[-20:] not in str(refused.value) or not text
    reason: str = refused.value.details["reason"]
    return reason


async def test_a_key_brings_an_actor_of_the_partner(service: Authentication) -> None:
    made = await _make(service, "customers:read", "claims:write")
    actor = await service.authenticator.actor(None, made.text)
    assert (actor.kind, actor.audience) == (ActorKind.API_KEY, Audience.PARTNER)
    assert (actor.id, actor.partner_id) == (str(made.key.id), str(made.key.partner_id))
    assert actor.permissions == {"customers:read", "claims:write"}
    assert (await service.authenticator.actor(None, (await _make(service)).text)).permissions == ROLES[Role.PARTNER]


async def test_a_key_is_stored_as_a_digest(service: Authentication, pool: Pool, events: Events) -> None:
    made = await _make(service)
    secret = made.text.split("_", 2)[2]
    async with pool.connection() as connection:
        row = await (await connection.execute("select k::text from api_keys k")).fetchone()
    assert made.text.startswith(f"c360_{made.key.prefix}_")
    assert secret not in str(row)
    assert secret not in repr(made)
    assert secret not in repr(events)
    assert made.key.prefix in str(row)


@pytest.mark.parametrize(
    "scopes",
    [[], ["medical:read"], ["customers:read", "access:write"], ["customers:*"], ["*"], [""], ["CUSTOMERS:READ"]],
)
async def test_scopes_beyond_the_partner_role_are_refused(service: Authentication, scopes: list[str]) -> None:
    with pytest.raises(BadInput, match="scopes are some of"):
        await api_keys.create(service.access, SYSTEM, "portal", PARTNER, scopes)


async def test_no_other_permission_can_be_a_scope(service: Authentication) -> None:
    for permission in set(PERMISSIONS) - ROLES[Role.PARTNER]:
        with pytest.raises(BadInput):
            await api_keys.create(service.access, SYSTEM, "portal", PARTNER, [permission])


async def test_what_a_key_needs(service: Authentication) -> None:
    with pytest.raises(BadInput, match="no partner"):
        await api_keys.create(service.access, SYSTEM, "portal", "P-9999999")
    for life in (timedelta(0), timedelta(days=-1), timedelta(days=731)):
        with pytest.raises(BadInput, match="two years"):
            await api_keys.create(service.access, SYSTEM, "portal", PARTNER, life=life)
    for name in ("", "  ", "x" * 101, "a\x00b"):
        with pytest.raises(BadInput, match="name"):
            await api_keys.create(service.access, SYSTEM, name, PARTNER)


async def test_changed_and_malformed_keys_are_refused(service: Authentication) -> None:
    made = await _make(service)
    other = await _make(service)
    _, prefix, secret = made.text.split("_", 2)
    head = f"c360_{prefix}"
    assert await _refused(service, f"c360_{other.key.prefix}_{secret}") == "INVALID"
    assert await _refused(service, f"{head}_{'A' * 43}") == "INVALID"
    assert await _refused(service, f"c360_aaaaaaaa_{secret}") == "INVALID"
    for text in ("", "c360", "c360__", made.text + "x", made.text[:-1], f" {made.text}", "\x00", "\ud800", "x" * 10**6):
        assert await _refused(service, text) == "MALFORMED"
    # A key is not a token, nor a token a key.
    with pytest.raises(AuthenticationError):
        await service.authenticator.actor(f"Bearer {made.text}")
    await make_user(service.access)
    token = (await service.sessions.login("anna", PASSWORD)).access_token.text
    assert await _refused(service, token) == "MALFORMED"
    await service.authenticator.actor(f"Bearer {token}")
    assert await _refused(service, f"Bearer {token}") == "MALFORMED"


async def test_a_key_expires(service: Authentication, clock: Clock) -> None:
    clock.turn(days=-364)
    made = await _make(service)
    await service.authenticator.actor(None, made.text)
    clock.turn(days=365)
    service.authenticator._cache.clear()
    assert await _refused(service, made.text) == "EXPIRED"


async def test_a_known_key_expires_as_well(service: Authentication, clock: Clock) -> None:
    """The cache goes by the real time: here the key has less than a second to live."""
    made = await _make(service)
    async with service.access.transaction() as connection:
        await connection.execute("update api_keys set expires_at = now() + interval '0.7 seconds'")
    await service.authenticator.actor(None, made.text)
    await asyncio.sleep(0.8)
    clock.turn(minutes=3)
    assert await _refused(service, made.text) == "EXPIRED"


async def test_a_revoked_key_is_refused_by_all_within_seconds(open_service: Open, events: Events) -> None:
    async with open_service() as here, open_service() as there:
        made = await _make(here)
        await there.authenticator.actor(None, made.text)
        await api_keys.revoke(here.access, SYSTEM, made.key.id)
        await api_keys.revoke(here.access, SYSTEM, made.key.id)
        await asyncio.sleep(2.5)
        assert await _refused(there, made.text) == "REVOKED"
    assert events.kinds.count(SecurityEventKind.API_KEY_REVOKED) == 1


async def test_a_rotated_key_works_on_for_the_overlap(service: Authentication, clock: Clock) -> None:
    old = await _make(service, "claims:read")
    new = await api_keys.rotate(service.access, SYSTEM, old.key.id, overlap=timedelta(days=2))
    assert new.key.rotated_from_id == old.key.id
    assert (new.key.scopes, new.key.name) == (["claims:read"], "portal")
    for made in (old, new):
        assert (await service.authenticator.actor(None, made.text)).id == str(made.key.id)
    clock.turn(days=2)
    service.authenticator._cache.clear()
    assert await _refused(service, old.text) == "EXPIRED"
    await service.authenticator.actor(None, new.text)
    with pytest.raises(BadInput, match="works no longer"):
        await api_keys.rotate(service.access, SYSTEM, old.key.id)


async def test_rotating_does_not_lengthen_the_life_of_the_old_key(service: Authentication, clock: Clock) -> None:
    old = await api_keys.create(service.access, SYSTEM, "portal", PARTNER, life=timedelta(hours=2))
    await api_keys.rotate(service.access, SYSTEM, old.key.id, overlap=timedelta(days=7))
    assert (await api_keys.find(service.access, old.key.prefix)).expires_at == old.key.expires_at


async def test_without_overlap_the_old_key_is_revoked(service: Authentication) -> None:
    old = await _make(service)
    await service.authenticator.actor(None, old.text)
    await api_keys.rotate(service.access, SYSTEM, old.key.id, overlap=timedelta(0))
    await service.revocations.renew()
    assert await _refused(service, old.text) in {"REVOKED", "EXPIRED"}


async def test_the_last_use_is_written_once_a_minute(service: Authentication, clock: Clock) -> None:
    made = await _make(service)

    async def use() -> object:
        service.authenticator._cache.clear()
        await service.authenticator.actor(None, made.text)
        return (await api_keys.find(service.access, f"c360_{made.key.prefix}_")).last_used_at

    first = clock.now
    assert await use() == first
    clock.turn(seconds=59)
    assert await use() == first
    clock.turn(seconds=1)
    assert await use() == clock.now


async def test_a_key_of_a_partner_who_has_left_is_refused(service: Authentication) -> None:
    made = await api_keys.create(service.access, SYSTEM, "portal", ENDED_PARTNER)
    assert await _refused(service, made.text) == "REVOKED"


async def test_who_made_a_key_is_kept(service: Authentication, events: Events) -> None:
    user = await make_user(service.access, "anna", Role.ADMINISTRATOR)
    actor = await actor_of(service, await service.sessions.login("anna", PASSWORD))
    made = await api_keys.create(service.access, actor, "portal", PARTNER)
    async with service.access.transaction() as connection:
        row = await (await connection.execute("select created_by_id from api_keys")).fetchone()
    assert row == (user.id,)
    assert (events[-1].actor_id, events[-1].subject_id) == (str(user.id), str(made.key.id))
    assert [key.prefix for key in await api_keys.all_keys(service.access)] == [made.key.prefix]
