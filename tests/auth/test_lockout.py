"""Lock-out: the wait grows, cannot be outrun by asking at once, and tells nothing about who exists."""

import asyncio
from datetime import timedelta

import pytest

from auth import users
from auth.access import Access
from auth.actor import SYSTEM
from auth.errors import SignInFailed
from auth.lockout import delay
from auth.security_events import SecurityEventKind
from auth.service import Authentication
from tests.auth.people import PASSWORD, Clock, Events, make_user

MINUTE = timedelta(minutes=1)


def test_the_delay_grows_to_an_hour() -> None:
    assert [delay(n) / MINUTE for n in range(1, 13)] == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert delay(10_000) == timedelta(hours=1)


async def _fail(service: Authentication, login: str = "anna", password: str = "wrong wrong wrong") -> str:
    with pytest.raises(SignInFailed) as refused:
        await service.sessions.login(login, password)
    return f"{refused.value.code} {refused.value} {refused.value.details}"


async def test_each_failure_beyond_the_third_doubles_the_wait(
    service: Authentication, access: Access, clock: Clock, events: Events
) -> None:
    await make_user(access)
    for _ in range(3):
        await _fail(service)
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        await _fail(service)
        clock.turn(minutes=minutes, seconds=-1)
        await _fail(service, password=PASSWORD)
        clock.turn(seconds=1)
    await service.sessions.login("anna", PASSWORD)
    locks = [event for event in events if event.kind is SecurityEventKind.LOCKED_OUT]
    assert [event.details["attempts"] for event in locks] == list(range(4, 12))


async def test_a_good_sign_in_forgets_the_failures(service: Authentication, access: Access, clock: Clock) -> None:
    user = await make_user(access)
    for _ in range(3):
        await _fail(service)
    await service.sessions.login("anna", PASSWORD)
    assert (await users.get(access, user.id)).failed_attempts == 0
    for _ in range(3):
        await _fail(service)
    await service.sessions.login("anna", PASSWORD)


async def test_attempts_while_locked_do_not_make_it_longer(
    service: Authentication, access: Access, clock: Clock
) -> None:
    await make_user(access)
    for _ in range(4):
        await _fail(service)
    for _ in range(20):
        await _fail(service)
    clock.turn(minutes=1)
    await service.sessions.login("anna", PASSWORD)


async def test_a_day_of_quiet_forgets_the_failures(service: Authentication, access: Access, clock: Clock) -> None:
    user = await make_user(access)
    for _ in range(4):
        await _fail(service)
    clock.turn(days=1, minutes=2)
    await _fail(service)
    found = await users.get(access, user.id)
    assert (found.failed_attempts, found.locked_until) == (1, None)


async def test_many_at_once_get_no_more_tries_than_one_after_the_other(
    service: Authentication, access: Access, events: Events
) -> None:
    user = await make_user(access)
    await asyncio.gather(*(_fail(service) for _ in range(30)))
    assert (await users.get(access, user.id)).failed_attempts == 4
    why = [event.details["why"] for event in events if event.kind is SecurityEventKind.SIGN_IN_FAILED]
    assert (why.count("wrong password or code"), why.count("locked")) == (4, 26)


async def test_every_cause_has_the_same_answer(service: Authentication, access: Access, clock: Clock) -> None:
    for login in ("anna", "disabled", "locked"):
        await make_user(access, login)
    await users.disable(access, SYSTEM, (await users.find(access, "disabled")).id)
    stale = await users.add(access, SYSTEM, "stale", (await users.find(access, "anna")).role_set)
    for _ in range(4):
        await _fail(service, "locked")
    answers = {
        await _fail(service, "anna"),
        await _fail(service, "nobody"),
        await _fail(service, "\x00'; drop table users; --"),
        await _fail(service, "x" * 100_000),
        await _fail(service, "disabled", PASSWORD),
        await _fail(service, "locked", PASSWORD),
    }
    clock.turn(days=8)
    answers.add(await _fail(service, "stale", stale.one_time_password or ""))
    assert len(answers) == 1


async def test_what_was_typed_is_in_no_event(service: Authentication, access: Access, events: Events) -> None:
    await make_user(access)
    await _fail(service, "my password by mistake", "another secret")
    await _fail(service, "anna", "another secret")
    assert [event.subject_id is None for event in events[-2:]] == [True, False]
    assert "mistake" not in repr(events)
    assert "secret" not in repr(events)


async def test_an_administrator_ends_a_lock_out(service: Authentication, access: Access) -> None:
    user = await make_user(access)
    for _ in range(4):
        await _fail(service)
    await users.enable(access, SYSTEM, user.id)
    await service.sessions.login("anna", PASSWORD)
