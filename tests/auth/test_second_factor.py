"""The second factor: codes and recovery codes are good once, and roles may require it."""

import asyncio
import base64
import re
from urllib.parse import unquote
from uuid import UUID

import pyotp
import pytest

from auth import users
from auth.actor import SYSTEM, RequiredAction
from auth.errors import AuthenticationError, SecondFactorRequired, SignInFailed, StepUpRequired
from auth.security_events import SecurityEventKind
from auth.service import Authentication, make_access, open_authentication
from auth.sessions import SignedIn
from core.errors import BadInput, StartError
from core.settings import Settings
from core.snapshot import Pool
from models.roles import Role
from tests.auth.conftest import Open
from tests.auth.people import PASSWORD, Clock, Events, actor_of, code_now, enrol, make_user


async def test_enrolling_shows_a_secret_for_the_app(service: Authentication) -> None:
    await make_user(service.access, "anna@example.com")
    actor = await actor_of(service, await service.sessions.login("anna@example.com", PASSWORD))
    enrolment = await service.own_account.enrol_second_factor(actor)
    parsed = pyotp.parse_uri(enrolment.uri)
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.secret, parsed.issuer, parsed.name) == (enrolment.secret, "customer360", "anna@example.com")
    assert len(base64.b32decode(enrolment.secret)) >= 20
    assert enrolment.qr_code.startswith("data:image/svg+xml")
    assert "<svg" in unquote(enrolment.qr_code)
    assert enrolment.secret not in repr(enrolment)


async def test_a_factor_counts_once_it_is_confirmed(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    actor = await actor_of(service, await service.sessions.login("anna", PASSWORD))
    enrolment = await service.own_account.enrol_second_factor(actor)
    await service.sessions.login("anna", PASSWORD)
    with pytest.raises(BadInput, match="the code is wrong"):
        await service.own_account.confirm_second_factor(actor, "000000")
    token, codes = await service.own_account.confirm_second_factor(actor, code_now(enrolment.secret, clock))
    assert (await service.authenticator.actor(f"Bearer {token.text}")).second_factor
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)
    with pytest.raises(SecondFactorRequired) as needed:
        await service.sessions.login("anna", PASSWORD)
    assert needed.value.code == "SECOND_FACTOR_REQUIRED"


async def test_confirming_ends_sessions_without_the_factor(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    other = await service.sessions.login("anna", PASSWORD)
    await enrol(service, "anna", clock)
    with pytest.raises(AuthenticationError):
        await service.sessions.refresh(other.refresh_token)


async def test_a_code_signs_in_and_is_good_once(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    secret, _ = await enrol(service, "anna", clock)
    code = code_now(secret, clock)
    actor = await actor_of(service, await service.sessions.login("anna", PASSWORD, code=f"{code[:3]} {code[3:]}"))
    assert actor.second_factor
    for replayed in (code, pyotp.TOTP(secret).at(clock.now, counter_offset=-1)):
        with pytest.raises(SignInFailed):
            await service.sessions.login("anna", PASSWORD, code=replayed)
    clock.turn(seconds=30)
    await service.sessions.login("anna", PASSWORD, code=code_now(secret, clock))


async def test_a_code_that_comes_twice_at_once_is_good_once(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    secret, codes = await enrol(service, "anna", clock)
    for code in (code_now(secret, clock), codes[0]):
        results = await asyncio.gather(
            *(service.sessions.login("anna", PASSWORD, code=code) for _ in range(3)), return_exceptions=True
        )
        assert sum(isinstance(result, SignedIn) for result in results) == 1
        assert sum(isinstance(result, SignInFailed) for result in results) == 2


async def test_codes_of_a_clock_that_is_a_little_off_are_accepted(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    secret, _ = await enrol(service, "anna", clock)
    clock.turn(minutes=5)
    for off, good in ((-2, False), (-1, True), (2, False), (1, True)):
        code = pyotp.TOTP(secret).at(clock.now, counter_offset=off)
        if good:
            await service.sessions.login("anna", PASSWORD, code=code)
        else:
            with pytest.raises(SignInFailed):
                await service.sessions.login("anna", PASSWORD, code=code)


@pytest.mark.parametrize(
    "code", ["12345", "1234567", "１２３４５６", "abcdef", "\x00", "\ud800", "x" * 10**5, "-", " "]
)
async def test_malformed_codes_are_wrong(service: Authentication, clock: Clock, code: str) -> None:
    await make_user(service.access)
    await enrol(service, "anna", clock)
    with pytest.raises(SignInFailed):
        await service.sessions.login("anna", PASSWORD, code=code)


async def test_guessing_codes_locks_out(service: Authentication, clock: Clock, events: Events) -> None:
    await make_user(service.access)
    secret, _ = await enrol(service, "anna", clock)
    right = code_now(secret, clock)
    guesses = [f"{n:06}" for n in range(5) if f"{n:06}" != right][:4]
    for guess in guesses:
        # Asking without a code in between is no way to begin anew.
        with pytest.raises(SecondFactorRequired):
            await service.sessions.login("anna", PASSWORD)
        with pytest.raises(SignInFailed):
            await service.sessions.login("anna", PASSWORD, code=guess)
    with pytest.raises(SignInFailed):
        await service.sessions.login("anna", PASSWORD, code=right)
    assert SecurityEventKind.LOCKED_OUT in events.kinds


async def test_a_recovery_code_signs_in_once(service: Authentication, clock: Clock, events: Events) -> None:
    await make_user(service.access)
    await make_user(service.access, "bert")
    _, codes = await enrol(service, "anna", clock)
    await enrol(service, "bert", clock)
    await service.sessions.login("anna", PASSWORD, code=codes[0])
    await service.sessions.login("anna", PASSWORD, code=codes[1].upper().replace("-", " "))
    with pytest.raises(SignInFailed):
        await service.sessions.login("anna", PASSWORD, code=codes[0])
    with pytest.raises(SignInFailed):
        await service.sessions.login("bert", PASSWORD, code=codes[2])
    used = [event for event in events if event.kind is SecurityEventKind.RECOVERY_CODE_USED]
    assert [event.details["remaining"] for event in used] == [9, 8]


async def test_new_recovery_codes_replace_the_old(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    _, codes = await enrol(service, "anna", clock)
    actor = await actor_of(service, await service.sessions.login("anna", PASSWORD, code=codes[0]))
    new = await service.own_account.renew_recovery_codes(actor)
    with pytest.raises(SignInFailed):
        await service.sessions.login("anna", PASSWORD, code=codes[1])
    await service.sessions.login("anna", PASSWORD, code=new[0])


async def test_secrets_and_codes_are_not_stored_as_they_are(pool: Pool, clock: Clock, events: Events) -> None:
    class Backwards:
        """Stands for the sealer that a service with a master key is given."""

        async def seal(self, secret: str, user_id: UUID) -> str:
            return f"{user_id}:{secret[::-1]}"

        async def unseal(self, sealed: str, user_id: UUID) -> str:
            assert sealed.startswith(f"{user_id}:")
            return sealed.partition(":")[2][::-1]

        def is_sealed(self, stored: str) -> bool:
            return ":" in stored

    access = make_access(Settings(), pool, record=events, clock=clock, sealer=Backwards())
    async with open_authentication(Settings(), access) as service:
        user = await make_user(access)
        secret, codes = await enrol(service, "anna", clock)
        await service.sessions.login("anna", PASSWORD, code=code_now(secret, clock))
    async with pool.connection() as connection:
        stored = await (await connection.execute("select totp_secret from users")).fetchone()
        hashes = await (await connection.execute("select code_hash from recovery_codes")).fetchall()
    assert stored == (f"{user.id}:{secret[::-1]}",)
    assert not {row[0] for row in hashes} & {code for each in codes for code in (each, each.replace("-", ""))}
    assert secret not in repr(await users.find(access, "anna"))


async def test_a_role_may_require_it(open_service: Open, clock: Clock) -> None:
    async with open_service(require_second_factor=("manager", "ADMINISTRATOR")) as service:
        await make_user(service.access, "anna", Role.AGENT)
        await make_user(service.access, "mona", Role.AGENT, Role.MANAGER)
        assert (await service.sessions.login("anna", PASSWORD)).required_action is None
        signed_in = await service.sessions.login("mona", PASSWORD)
        assert signed_in.required_action is RequiredAction.ENROL_SECOND_FACTOR
        actor = await actor_of(service, signed_in)
        assert actor.permissions == frozenset()
        refreshed = await service.sessions.refresh(signed_in.refresh_token)
        assert (await actor_of(service, refreshed)).permissions == frozenset()
        enrolment = await service.own_account.enrol_second_factor(actor)
        token, _ = await service.own_account.confirm_second_factor(actor, code_now(enrolment.secret, clock))
        enrolled = await service.authenticator.actor(f"Bearer {token.text}")
        assert enrolled.required_action is None
        assert enrolled.may("customers:read")


async def test_a_password_to_change_comes_before_a_factor_to_enrol(open_service: Open) -> None:
    async with open_service(require_second_factor=("AGENT",)) as service:
        made = await users.add(service.access, SYSTEM, "anna", [Role.AGENT])
        signed_in = await service.sessions.login("anna", made.one_time_password or "")
        assert signed_in.required_action is RequiredAction.CHANGE_PASSWORD
        actor = await actor_of(service, signed_in)
        token = await service.own_account.change_password(actor, made.one_time_password or "", PASSWORD)
        action = (await service.authenticator.actor(f"Bearer {token.text}")).required_action
        assert action is RequiredAction.ENROL_SECOND_FACTOR


def test_an_unknown_role_in_the_setting_is_named() -> None:
    with pytest.raises(StartError, match="C360_REQUIRE_SECOND_FACTOR: king is no role"):
        make_access(Settings(require_second_factor=("king",)), None)  # type: ignore[arg-type]


async def test_a_step_up_takes_the_code_where_there_is_one(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    secret, codes = await enrol(service, "anna", clock)
    actor = await actor_of(service, await service.sessions.login("anna", PASSWORD, code=codes[0]))
    with pytest.raises(SecondFactorRequired):
        await service.own_account.step_up(actor, password=PASSWORD)
    with pytest.raises(SignInFailed):
        await service.own_account.step_up(actor, code="000000" if code_now(secret, clock) != "000000" else "000001")
    code = code_now(secret, clock)
    await service.own_account.step_up(actor, code=code)
    with pytest.raises(SignInFailed):
        await service.own_account.step_up(actor, code=code)


async def test_setting_up_and_taking_away_want_a_fresh_proof(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    early = await actor_of(service, await service.sessions.login("anna", PASSWORD))
    clock.turn(minutes=16)
    with pytest.raises(StepUpRequired):
        await service.own_account.enrol_second_factor(early)
    clock.turn(minutes=-16)
    _, codes = await enrol(service, "anna", clock)
    actor = await actor_of(service, await service.sessions.login("anna", PASSWORD, code=codes[0]))
    with pytest.raises(BadInput, match="already"):
        await service.own_account.enrol_second_factor(actor)
    await service.own_account.remove_second_factor(actor)
    await service.sessions.login("anna", PASSWORD)
    with pytest.raises(SignInFailed):
        await service.own_account.step_up(actor, password="wrong", code=codes[1])


async def test_without_the_factor_one_cannot_take_it_away(service: Authentication, clock: Clock) -> None:
    await make_user(service.access)
    before = await actor_of(service, await service.sessions.login("anna", PASSWORD))
    await enrol(service, "anna", clock)
    with pytest.raises(StepUpRequired):
        await service.own_account.remove_second_factor(before)


async def test_an_administrator_takes_away_a_lost_factor(service: Authentication, clock: Clock) -> None:
    user = await make_user(service.access)
    _, codes = await enrol(service, "anna", clock)
    made = await users.reset(service.access, SYSTEM, user.id)
    with pytest.raises(SecondFactorRequired):
        await service.sessions.login("anna", made.one_time_password or "")
    made = await users.reset(service.access, SYSTEM, user.id, remove_second_factor=True)
    signed_in = await service.sessions.login("anna", made.one_time_password or "")
    assert signed_in.required_action is RequiredAction.CHANGE_PASSWORD
    with pytest.raises(SignInFailed):
        await service.own_account.step_up(await actor_of(service, signed_in), code=codes[0])
