"""The way from a header to the actor: quick for what is known, and never past a revocation."""

import asyncio
import time

import pytest

from auth import users
from auth.access import Access
from auth.actor import SYSTEM
from auth.errors import AuthenticationError, Unavailable
from auth.revocations import Revocations
from auth.service import Authentication
from auth.verified_cache import Known, VerifiedCache
from core.database import make_pool
from core.errors import RequestError
from core.snapshot import Pool
from models.roles import Role
from tests.auth.conftest import Open
from tests.auth.people import PASSWORD, Clock, actor_of, make_user


async def test_a_known_token_costs_microseconds(service: Authentication, pool: Pool) -> None:
    await make_user(service.access)
    header = f"Bearer {(await service.sessions.login('anna', PASSWORD)).access_token.text}"
    actor = await service.authenticator.actor(header)
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(1000):
            assert await service.authenticator.actor(header) is actor
        rounds.append((time.perf_counter() - began) / 1000)
    assert min(rounds) < 50e-6


async def _refused_within(service: Authentication, header: str, seconds: float) -> float:
    """After how many seconds the header is refused as revoked."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            await service.authenticator.actor(header)
        except AuthenticationError as error:
            assert error.details["reason"] == "REVOKED"  # noqa: PT017
            return time.monotonic() - began
        await asyncio.sleep(0.05)
    pytest.fail(f"still accepted after {seconds} seconds")


async def test_other_workers_notice_within_the_interval(open_service: Open) -> None:
    async with open_service() as here, open_service() as there:
        user = await make_user(here.access)
        signed_in = [await here.sessions.login("anna", PASSWORD) for _ in range(3)]
        headers = [f"Bearer {each.access_token.text}" for each in signed_in]
        actors = [await there.authenticator.actor(header) for header in headers]
        await here.sessions.logout(actors[0])
        assert await _refused_within(there, headers[0], 4) < 4
        await there.authenticator.actor(headers[1])
        await users.set_roles(here.access, SYSTEM, user.id, [Role.MANAGER])
        assert await _refused_within(there, headers[1], 4) < 4
        refreshed = await here.sessions.refresh(signed_in[2].refresh_token)
        assert (await actor_of(there, refreshed)).roles == {Role.MANAGER}
        await users.disable(here.access, SYSTEM, user.id)
        assert await _refused_within(there, f"Bearer {refreshed.access_token.text}", 4) < 4


async def test_the_own_worker_notices_at_once(service: Authentication) -> None:
    await make_user(service.access)
    signed_in = await service.sessions.login("anna", PASSWORD)
    await service.sessions.logout(await actor_of(service, signed_in))
    with pytest.raises(AuthenticationError):
        await actor_of(service, signed_in)


async def test_a_refused_token_stays_refused_when_the_user_is_enabled_again(
    service: Authentication, clock: Clock
) -> None:
    user = await make_user(service.access)
    signed_in = await service.sessions.login("anna", PASSWORD)
    await users.disable(service.access, SYSTEM, user.id)
    await users.enable(service.access, SYSTEM, user.id)
    await service.revocations.renew()
    with pytest.raises(AuthenticationError):
        await actor_of(service, signed_in)
    await actor_of(service, await service.sessions.login("anna", PASSWORD))


async def test_only_recent_revocations_are_kept(service: Authentication, clock: Clock) -> None:
    user = await make_user(service.access)
    signed_in = await service.sessions.login("anna", PASSWORD)
    await service.sessions.logout(await actor_of(service, signed_in))
    session_id = str(signed_in.session_id)
    assert service.revocations.refuse(user_id=str(user.id), session_id=session_id, version=1)
    clock.turn(hours=1)
    await service.revocations.renew()
    assert not service.revocations.refuse(user_id=str(user.id), session_id=session_id, version=1)


async def test_who_cannot_know_does_not_guess(service: Authentication) -> None:
    """Without an answer of the database for ten seconds, known tokens are refused too, as unavailable."""
    await make_user(service.access)
    header = f"Bearer {(await service.sessions.login('anna', PASSWORD)).access_token.text}"
    await service.authenticator.actor(header)
    async with make_pool("host=/nowhere dbname=none", 1) as nowhere:
        nowhere.timeout = 0.2
        elsewhere = Revocations(Access(nowhere))
        service.authenticator._revocations = elsewhere
        assert elsewhere.is_stale
        with pytest.raises(RequestError) as refused:
            await service.authenticator.actor(header)
    assert refused.value.code == "SERVICE_UNAVAILABLE"


def test_the_cache_is_bounded_and_forgets_what_has_expired() -> None:
    cache = VerifiedCache(size=3)
    for number in range(5):
        cache.put(VerifiedCache.key(b"t", str(number)), Known(SYSTEM, 100.0 + number, 1))
    found = [cache.get(VerifiedCache.key(b"t", str(number)), 103.5) for number in range(5)]
    assert [known is not None for known in found] == [False, False, False, False, True]
    assert VerifiedCache.key(b"t", "x") != VerifiedCache.key(b"k", "x")


async def test_a_key_that_cannot_be_looked_up_is_not_refused_for_good(service: Authentication) -> None:
    async with make_pool("host=/nowhere dbname=none", 1) as nowhere:
        nowhere.timeout = 0.2
        service.authenticator._access = Access(nowhere)
        with pytest.raises(Unavailable):
            await service.authenticator.actor(None, "c360_aaaaaaaa_" + "A" * 43)
