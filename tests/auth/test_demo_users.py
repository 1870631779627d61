"""Demo users: one for each role, with a well-known password only where nobody else can come."""

from collections.abc import AsyncIterator

import pytest

from auth import demo_users, users
from auth.access import Access
from auth.actor import SYSTEM
from auth.demo_users import WELL_KNOWN_PASSWORD, DemoUser
from auth.errors import SignInFailed
from auth.passwords import Passwords, check_strength
from auth.service import Authentication, make_access, open_authentication
from core.database import make_pool
from core.settings import Settings
from core.snapshot import Pool
from models.roles import Role
from tests.auth.conftest import Open
from tests.auth.people import CHEAP, actor_of


def _by_role(made: list[DemoUser]) -> dict[Role, DemoUser]:
    return {each.role: each for each in made}


@pytest.fixture
async def demo(own_demo_database: str) -> AsyncIterator[Authentication]:
    """Authentication on a demo world."""
    async with make_pool(own_demo_database, 4) as pool:
        access = make_access(Settings(), pool, passwords=Passwords(CHEAP))
        async with open_authentication(Settings(), access) as service:
            yield service


async def test_there_is_one_for_each_role(demo: Authentication) -> None:
    made = await demo_users.ensure(demo.access, "127.0.0.1")
    assert [each.role for each in made] == list(Role)
    for each in made:
        actor = await actor_of(demo, await demo.sessions.login(each.login, each.password))
        assert actor.roles == {each.role}
        assert actor.required_action is None
    assert _by_role(made)[Role.SENIOR_AGENT].login == "senior.agent@demo"


async def test_signing_in_makes_their_hash_no_dearer(demo: Authentication) -> None:
    """A start checks all of them, and would take longer after each one that has signed in."""
    made = await demo_users.ensure(demo.access, "127.0.0.1")
    hashes = []
    for each in made:
        before = (await users.find(demo.access, each.login)).password_hash
        assert before
        assert demo.access.passwords.is_outdated(before)
        await demo.sessions.login(each.login, each.password)
        hashes.append((before, (await users.find(demo.access, each.login)).password_hash))
    assert [after for _, after in hashes] == [before for before, _ in hashes]


async def test_the_partners_user_has_the_largest_book(demo: Authentication) -> None:
    made = _by_role(await demo_users.ensure(demo.access, "127.0.0.1"))
    found = await users.find(demo.access, made[Role.PARTNER].login)
    async with demo.access.transaction() as connection:
        cursor = await connection.execute(
            "select max(n), max(n) filter (where partner_id = %s) from "
            "(select partner_id, count(*) n from contracts where partner_id is not null group by 1) book",
            [found.partner_id],
        )
        row = await cursor.fetchone()
    assert row is not None
    assert row[0] == row[1] > 0
    agent = await users.find(demo.access, made[Role.AGENT].login)
    assert agent.agent_id is not None


async def test_the_next_start_prints_the_same_and_leaves_sessions_alone(demo: Authentication) -> None:
    first = await demo_users.ensure(demo.access, "::1")
    signed_in = await demo.sessions.login(first[0].login, WELL_KNOWN_PASSWORD)
    assert await demo_users.ensure(demo.access, "localhost") == first
    await demo.sessions.refresh(signed_in.refresh_token)
    assert len(await users.all_users(demo.access)) == 6


async def test_what_somebody_changed_is_printed_right_again(demo: Authentication) -> None:
    (first, second, *_) = await demo_users.ensure(demo.access, "127.0.0.1")
    await users.reset(demo.access, SYSTEM, (await users.find(demo.access, second.login)).id)
    made = await demo_users.ensure(demo.access, "127.0.0.1")
    await demo.sessions.login(second.login, made[1].password)
    await users.disable(demo.access, SYSTEM, (await users.find(demo.access, second.login)).id)
    assert second.role not in _by_role(await demo_users.ensure(demo.access, "127.0.0.1"))
    assert first.password not in repr(first)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.com", ""])
async def test_where_others_can_come_the_password_is_made_up(service: Authentication, host: str) -> None:
    await demo_users.ensure(service.access, "127.0.0.1")
    made = await demo_users.ensure(service.access, host)
    assert WELL_KNOWN_PASSWORD not in {each.password for each in made}
    await check_strength(made[0].password, made[0].login)
    for each in made:
        with pytest.raises(SignInFailed):
            await service.sessions.login(each.login, WELL_KNOWN_PASSWORD)
    await service.sessions.login(made[0].login, made[0].password)


async def test_without_partners_there_is_no_partners_user(empty_database: str) -> None:
    async with make_pool(empty_database, 2) as pool:
        made = await demo_users.ensure(Access(pool, passwords=Passwords(CHEAP)), "127.0.0.1")
    assert set(_by_role(made)) == set(Role) - {Role.PARTNER}


async def test_production_knows_no_demo_users(open_service: Open, pool: Pool, tmp_path: object) -> None:
    async with open_service() as trial:
        made = await demo_users.ensure(trial.access, "127.0.0.1")
        signed_in = await trial.sessions.login(made[0].login, made[0].password)
        access = make_access(Settings(env="production"), pool, passwords=Passwords(CHEAP))
        # Even before they are disabled.
        object.__setattr__(trial.sessions._access, "policy", access.policy)
        with pytest.raises(SignInFailed):
            await trial.sessions.login(made[0].login, made[0].password)
        assert await demo_users.ensure(access, "127.0.0.1") == []
        await trial.revocations.renew()
        with pytest.raises(Exception, match="not accepted"):
            await actor_of(trial, signed_in)
        with pytest.raises(Exception, match="not accepted"):
            await trial.sessions.refresh(signed_in.refresh_token)
        assert {user.status for user in await users.all_users(access)} == {"DISABLED"}
        assert await demo_users.disable(access) == 0
