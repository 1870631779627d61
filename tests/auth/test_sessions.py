"""Sessions: refresh tokens are good once, time-outs end them, and a copy in wrong hands ends them too."""

import asyncio

import pytest

from auth import session_store, users
from auth.actor import SYSTEM, RequiredAction
from auth.digests import digest
from auth.errors import AuthenticationError, SignInFailed, StepUpRequired, WeakPassword
from auth.passwords import Argon2Cost, Passwords
from auth.proof import require_recent
from auth.security_events import SecurityEventKind
from auth.service import Authentication, make_access, open_authentication
from auth.sessions import SignedIn
from core.errors import BadInput, StartError
from core.settings import Settings
from core.snapshot import Pool
from models.roles import Role
from tests.auth.conftest import Open
from tests.auth.people import CHEAP, PASSWORD, Clock, Events, actor_of, make_user


async def _refused(service: Authentication, refresh_token: str) -> str:
    with pytest.raises(AuthenticationError) as refused:
        await service.sessions.refresh(refresh_token)
    reason: str = refused.value.details["reason"]
    return reason


async def _reason(pool: Pool, signed_in: SignedIn) -> str | None:
    async with pool.connection() as connection:
        cursor = await connection.execute("select revoked_reason from sessions where id = %s", [signed_in.session_id])
        row = await cursor.fetchone()
    assert row is not None
    reason: str | None = row[0]
    return reason


async def test_the_login_has_no_case(service: Authentication) -> None:
    user = await make_user(service.access, "Anna.Berg@example.com")
    assert (await service.sessions.login("anna.BERG@EXAMPLE.com", PASSWORD)).user_id == user.id


async def test_a_refresh_brings_new_tokens_of_the_same_session(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    first = await service.sessions.login("anna", PASSWORD)
    clock.turn(seconds=1)
    second = await service.sessions.refresh(first.refresh_token)
    assert second.session_id == first.session_id
    assert second.refresh_token != first.refresh_token
    assert second.access_token.text != first.access_token.text
    # Nobody proved anything anew.
    assert (await actor_of(service, second)).authenticated_at == (await actor_of(service, first)).authenticated_at


async def test_a_refresh_token_that_comes_twice_ends_the_session(
    service: Authentication, pool: Pool, clock: Clock, events: Events
) -> None:
    await make_user(service.access)
    first = await service.sessions.login("anna", PASSWORD)
    other = await service.sessions.login("anna", PASSWORD)
    second = await service.sessions.refresh(first.refresh_token)
    clock.turn(seconds=1)
    assert await _refused(service, first.refresh_token) == "REVOKED"
    assert await _refused(service, second.refresh_token) == "REVOKED"
    assert await _refused(service, first.refresh_token) == "REVOKED"
    with pytest.raises(AuthenticationError):
        await actor_of(service, second)
    assert await _reason(pool, first) == "REFRESH_REUSED"
    assert events.kinds.count(SecurityEventKind.REFRESH_REUSED) == 1
    await service.sessions.refresh(other.refresh_token)


async def test_of_two_refreshes_at_once_one_wins_and_the_session_ends(
    open_service: Open, pool: Pool, events: Events
) -> None:
    async with open_service() as here, open_service() as there:
        await make_user(here.access)
        for _ in range(10):
            signed_in = await here.sessions.login("anna", PASSWORD)
            results = await asyncio.gather(
                *(worker.sessions.refresh(signed_in.refresh_token) for worker in (here, there, here)),
                return_exceptions=True,
            )
            won = [result for result in results if isinstance(result, SignedIn)]
            assert len(won) == 1
            assert sum(isinstance(result, AuthenticationError) for result in results) == 2
            assert await _reason(pool, signed_in) == "REFRESH_REUSED"
            assert await _refused(here, won[0].refresh_token) == "REVOKED"
    assert events.kinds.count(SecurityEventKind.REFRESH_REUSED) == 10


@pytest.mark.parametrize(
    "token", ["", "x", "c360r_", "c360r_" + "A" * 43, "\x00", "\ud800", "' or 1=1 --", "x" * 10**6]
)
async def test_unknown_refresh_tokens_are_refused(service: Authentication, token: str) -> None:
    assert await _refused(service, token) == "INVALID"


async def test_tokens_are_stored_as_digests(service: Authentication, pool: Pool) -> None:
    await make_user(service.access)
    signed_in = await service.sessions.login("anna", PASSWORD)
    async with pool.connection() as connection:
        found = await (await connection.execute("select token_hash, r::text from refresh_tokens r")).fetchall()
        user = await (await connection.execute("select u::text from users u")).fetchone()
    assert [row[0] for row in found] == [digest(signed_in.refresh_token)]
    assert signed_in.refresh_token not in found[0][1]
    assert PASSWORD not in str(user)


async def test_a_session_ends_when_it_is_idle(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    signed_in = await service.sessions.login("anna", PASSWORD)
    for _ in range(3):
        clock.turn(minutes=29)
        signed_in = await service.sessions.refresh(signed_in.refresh_token)
    assert signed_in.refresh_before == clock.now + service.access.policy.idle_lifetime
    clock.turn(minutes=30)
    assert await _refused(service, signed_in.refresh_token) == "EXPIRED"


async def test_a_session_ends_however_busy_it_is(open_service: Open, clock: Clock) -> None:
    async with open_service(session_hours=1, session_idle_minutes=25) as service:
        await make_user(service.access)
        began = clock.now
        signed_in = await service.sessions.login("anna", PASSWORD)
        for _ in range(2):
            clock.turn(minutes=24)
            signed_in = await service.sessions.refresh(signed_in.refresh_token)
        clock.turn(minutes=10)
        signed_in = await service.sessions.refresh(signed_in.refresh_token)
        # Neither token outlives the session.
        assert (signed_in.refresh_before - began).total_seconds() == 3600
        assert (signed_in.access_token.expires_at - began).total_seconds() == 3600
        clock.turn(minutes=2)
        assert await _refused(service, signed_in.refresh_token) == "EXPIRED"


def test_time_outs_must_make_sense() -> None:
    with pytest.raises(StartError, match="C360_SESSION_IDLE_MINUTES"):
        make_access(Settings(access_token_minutes=10, session_idle_minutes=10), None)  # type: ignore[arg-type]


async def test_the_list_shows_device_and_last_use(service: Authentication, clock: Clock) -> None:
    user = await make_user(service.access)
    first = await service.sessions.login("anna", PASSWORD, device="Firefox\n\x00" + "x" * 1000)
    clock.turn(minutes=5)
    second = await service.sessions.login("anna", PASSWORD, device="curl")
    clock.turn(minutes=5)
    await service.sessions.refresh(first.refresh_token)
    listed = await service.sessions.of(user.id)
    assert [session.id for session in listed] == [first.session_id, second.session_id]
    assert listed[0].last_used_at == clock.now
    assert listed[0].device == "Firefox" + "x" * 193
    assert listed[1].device == "curl"
    clock.turn(minutes=26)
    assert [session.id for session in await service.sessions.of(user.id)] == [first.session_id]


async def test_logout_ends_one_session(service: Authentication, pool: Pool, events: Events) -> None:
    await make_user(service.access)
    first, second = [await service.sessions.login("anna", PASSWORD) for _ in range(2)]
    await service.sessions.logout(await actor_of(service, first))
    assert await _refused(service, first.refresh_token) == "REVOKED"
    assert await _reason(pool, first) == "SIGNED_OUT"
    await service.sessions.refresh(second.refresh_token)
    assert events.kinds[-1] is SecurityEventKind.SIGNED_OUT


async def test_logout_everywhere_ends_all_of_ones_own(service: Authentication) -> None:
    for login in ("anna", "bert"):
        await make_user(service.access, login)
    mine = [await service.sessions.login("anna", PASSWORD) for _ in range(3)]
    other = await service.sessions.login("bert", PASSWORD)
    assert await service.sessions.logout_everywhere(await actor_of(service, mine[0])) == 3
    for signed_in in mine:
        assert await _refused(service, signed_in.refresh_token) == "REVOKED"
        with pytest.raises(AuthenticationError):
            await actor_of(service, signed_in)
    await service.sessions.refresh(other.refresh_token)


async def test_one_cannot_end_the_session_of_another(service: Authentication) -> None:
    for login in ("anna", "bert"):
        await make_user(service.access, login)
    mine, other = [await service.sessions.login(login, PASSWORD) for login in ("anna", "bert")]
    assert not await service.sessions.end(await actor_of(service, mine), other.session_id)
    await service.sessions.refresh(other.refresh_token)


async def test_a_refresh_after_a_change_of_roles_brings_the_new_ones(service: Authentication) -> None:
    user = await make_user(service.access)
    signed_in = await service.sessions.login("anna", PASSWORD)
    await users.set_roles(service.access, SYSTEM, user.id, [Role.UNDERWRITER])
    refreshed = await service.sessions.refresh(signed_in.refresh_token)
    assert (await actor_of(service, refreshed)).roles == {Role.UNDERWRITER}


async def test_the_disabled_cannot_refresh(service: Authentication) -> None:
    user = await make_user(service.access)
    signed_in = await service.sessions.login("anna", PASSWORD)
    await users.disable(service.access, SYSTEM, user.id)
    assert await _refused(service, signed_in.refresh_token) == "REVOKED"


async def test_nor_can_users_of_a_partner_who_has_left(service: Authentication, pool: Pool) -> None:
    await make_user(service.access, "paula", Role.PARTNER)
    signed_in = await service.sessions.login("paula", PASSWORD)
    async with pool.connection() as connection:
        await connection.execute("update partners set status = 'ENDED' where number = 'P-0000001'")
        try:
            assert await _refused(service, signed_in.refresh_token) == "REVOKED"
            with pytest.raises(SignInFailed):
                await service.sessions.login("paula", PASSWORD)
        finally:
            await connection.execute("update partners set status = 'ACTIVE' where number = 'P-0000001'")


async def test_a_one_time_password_must_be_changed_first(service: Authentication, clock: Clock) -> None:
    made = await users.add(service.access, SYSTEM, "anna", [Role.AGENT])
    assert made.one_time_password is not None
    signed_in = await service.sessions.login("anna", made.one_time_password)
    assert signed_in.required_action is RequiredAction.CHANGE_PASSWORD
    actor = await actor_of(service, signed_in)
    assert actor.required_action is RequiredAction.CHANGE_PASSWORD
    assert actor.permissions == frozenset()
    with pytest.raises(BadInput, match="is the old one"):
        await service.own_account.change_password(actor, made.one_time_password, made.one_time_password)
    with pytest.raises(WeakPassword):
        await service.own_account.change_password(actor, made.one_time_password, "annaannaanna")
    token = await service.own_account.change_password(actor, made.one_time_password, PASSWORD)
    changed = await service.authenticator.actor(f"Bearer {token.text}")
    assert changed.required_action is None
    assert changed.may("customers:read")
    with pytest.raises(AuthenticationError):
        await actor_of(service, signed_in)
    clock.turn(days=30)
    await service.sessions.login("anna", PASSWORD)


async def test_a_new_password_ends_the_other_sessions(service: Authentication, pool: Pool, events: Events) -> None:
    await make_user(service.access)
    mine, other = [await service.sessions.login("anna", PASSWORD) for _ in range(2)]
    actor = await actor_of(service, mine)
    with pytest.raises(SignInFailed):
        await service.own_account.change_password(actor, "wrong", "eleven green herons dance")
    await service.own_account.change_password(actor, PASSWORD, "eleven green herons dance")
    assert await _refused(service, other.refresh_token) == "REVOKED"
    assert await _reason(pool, other) == "PASSWORD_CHANGED"
    await service.sessions.refresh(mine.refresh_token)
    with pytest.raises(SignInFailed):
        await service.sessions.login("anna", PASSWORD)
    await service.sessions.login("anna", "eleven green herons dance")
    assert SecurityEventKind.PASSWORD_CHANGED in events.kinds


async def test_wrong_passwords_count_wherever_they_are_typed(service: Authentication) -> None:
    await make_user(service.access)
    actor = await actor_of(service, await service.sessions.login("anna", PASSWORD))
    for _ in range(2):
        with pytest.raises(SignInFailed):
            await service.own_account.step_up(actor, password="wrong")
    for _ in range(2):
        with pytest.raises(SignInFailed):
            await service.own_account.change_password(actor, "wrong", "eleven green herons dance")
    with pytest.raises(SignInFailed):
        await service.sessions.login("anna", PASSWORD)


async def test_a_step_up_makes_the_proof_fresh(service: Authentication, clock: Clock, events: Events) -> None:
    await make_user(service.access)
    signed_in = await service.sessions.login("anna", PASSWORD)
    window = service.access.policy.step_up_window
    actor = await actor_of(service, signed_in)
    require_recent(actor, window, clock.now)
    clock.turn(minutes=16)
    with pytest.raises(StepUpRequired) as refused:
        require_recent(actor, window, clock.now)
    assert refused.value.code == "STEP_UP_REQUIRED"
    with pytest.raises(StepUpRequired):
        require_recent(SYSTEM, window, clock.now)
    await service.own_account.step_up(actor, password=PASSWORD)
    assert events.kinds[-1] is SecurityEventKind.STEPPED_UP
    (session,) = await service.sessions.of(signed_in.user_id)
    assert session.authenticated_at == clock.now


async def test_a_hash_of_old_cost_is_made_anew_at_the_next_sign_in(service: Authentication, pool: Pool) -> None:
    await make_user(service.access)
    settings, dearer = Settings(), Passwords(Argon2Cost(passes=2, memory_kib=128, lanes=1))
    access = make_access(settings, pool, passwords=dearer)
    async with open_authentication(settings, access) as later:
        for _ in range(2):
            await later.sessions.login("anna", PASSWORD)
            stored = (await users.find(access, "anna")).password_hash or ""
            assert stored.startswith("$argon2id$v=19$m=128,t=2,p=1$")
    assert CHEAP.memory_kib == 64


async def test_old_sessions_are_forgotten(service: Authentication, pool: Pool, clock: Clock) -> None:
    await make_user(service.access)
    old = await service.sessions.login("anna", PASSWORD)
    await service.sessions.refresh(old.refresh_token)
    clock.turn(days=40)
    new = await service.sessions.login("anna", PASSWORD)
    async with service.access.transaction() as connection:
        assert await session_store.forget(connection, clock.now) == 1
    await service.sessions.refresh(new.refresh_token)
    assert await _refused(service, old.refresh_token) == "INVALID"


async def test_an_event_that_cannot_be_kept_undoes_the_sign_in(service: Authentication, pool: Pool) -> None:
    async def full(*_: object) -> None:
        raise RuntimeError("the audit log is full")

    user = await make_user(service.access)
    object.__setattr__(service.access, "record", full)
    with pytest.raises(RuntimeError):
        await service.sessions.login("anna", PASSWORD)
    assert await service.sessions.of(user.id) == []
