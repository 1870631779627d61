"""Passwords: argon2id at the recommended cost, a rule of strength, and the same work whoever asks."""

import asyncio
import time
from statistics import median

import pytest

from auth.errors import WeakPassword
from auth.passwords import Argon2Cost, Passwords, check_strength, one_time_password
from tests.auth.people import CHEAP, PASSWORD


async def test_the_real_cost_is_that_of_rfc_9106() -> None:
    passwords = Passwords()
    made = await passwords.hash(PASSWORD)
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.verify(made, PASSWORD)
    assert not await passwords.verify(made, PASSWORD + "x")


async def test_equal_passwords_have_different_hashes() -> None:
    passwords = Passwords(CHEAP)
    assert await passwords.hash(PASSWORD) != await passwords.hash(PASSWORD)


@pytest.mark.parametrize("stored", [None, "", "x", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$", "plain text"])
async def test_what_is_no_hash_matches_nothing(stored: str | None) -> None:
    assert not await Passwords(CHEAP).verify(stored, PASSWORD)


@pytest.mark.parametrize("typed", ["", "\x00", "\ud800", "x" * 1_000_000, "😀" * 128])
async def test_odd_passwords_are_wrong_not_errors(typed: str) -> None:
    passwords = Passwords(CHEAP)
    assert not await passwords.verify(await passwords.hash(PASSWORD), typed)


async def test_the_same_characters_typed_in_another_way_match() -> None:
    passwords = Passwords(CHEAP)
    assert await passwords.verify(
        await passwords.hash("zw\u00f6lf B\u00f6en im M\u00e4rz"), "zwo\u0308lf Bo\u0308en im Ma\u0308rz"
    )


async def test_a_hash_of_another_cost_is_outdated() -> None:
    made = await Passwords(CHEAP).hash(PASSWORD)
    assert not Passwords(CHEAP).is_outdated(made)
    assert Passwords(Argon2Cost(passes=2, memory_kib=64, lanes=1)).is_outdated(made)


async def test_the_event_loop_goes_on_while_hashing() -> None:
    passwords = Passwords()
    turns = 0
    hashing = asyncio.gather(*(passwords.hash(PASSWORD) for _ in range(3)))
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0.001)
    await hashing
    assert turns > 20


async def test_nobody_takes_as_long_as_somebody() -> None:
    passwords = Passwords(Argon2Cost(passes=2, memory_kib=16_384, lanes=1))
    made = await passwords.hash(PASSWORD)

    await passwords.verify(None, "wrong")
    taken: dict[str | None, list[float]] = {None: [], made: []}
    for _ in range(9):
        for stored, seconds in taken.items():
            began = time.perf_counter()
            assert not await passwords.verify(stored, "wrong")
            seconds.append(time.perf_counter() - began)
    assert 0.5 < median(taken[None]) / median(taken[made]) < 2


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", "12 to 128 characters; this one has 5"),
        ("x" * 129, "12 to 128 characters; this one has 129"),
        ("passwordpassword", "too easy to guess"),
        ("123456789012", "too easy to guess"),
        ("aaaaaaaaaaaaaaaa", "too easy to guess"),
        ("qwertyuiopasdf", "too easy to guess"),
        ("hello anna.berg hello", "must not contain the login"),
        ("HELLO ANNA.BERG HELLO", "must not contain the login"),
    ],
)
async def test_weak_passwords_are_refused_with_the_reason(password: str, problem: str) -> None:
    with pytest.raises(WeakPassword, match=problem) as refused:
        await check_strength(password, "anna.berg@example.com")
    assert refused.value.code == "BAD_USER_INPUT"
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password", [PASSWORD, "Tr0ub4dor&3-zebra", "correct horse battery staple", "ß" * 3 + "Quarzgöttin 77"]
)
async def test_good_passwords_are_accepted(password: str) -> None:
    await check_strength(password, "anna.berg@example.com")


async def test_strength_can_be_checked_by_many_at_once() -> None:
    logins = [f"user{n}user{n}" for n in range(12)]

    async def refused(login: str) -> bool:
        try:
            await check_strength(f"{login[::-1]} 2024", login)
        except WeakPassword:
            return True
        return False

    assert await asyncio.gather(*(refused(login) for login in logins)) == [await refused(login) for login in logins]


async def test_generated_passwords_are_strong_and_all_different() -> None:
    made = {one_time_password() for _ in range(100)}
    assert len(made) == 100
    for password in list(made)[:5]:
        await check_strength(password, "anna")
