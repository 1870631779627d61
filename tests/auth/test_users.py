"""Users: what administrators may do with them, and what the database itself refuses."""

from uuid import UUID, uuid4

import psycopg
import pytest

from auth import users
from auth.actor import SYSTEM, RequiredAction, user
from auth.errors import SignInFailed, WeakPassword
from auth.security_events import SecurityEventKind
from auth.service import Authentication
from core.errors import BadInput
from core.snapshot import Pool
from models.roles import Role
from tests.auth.people import PARTNER, PASSWORD, Clock, Events, actor_of, make_user


@pytest.mark.parametrize(
    "login",
    [
        "",
        "a",
        "ab",
        "-anna",
        "anna-",
        "an na",
        "änna",
        "anna\x00",
        "anna\n",
        "oidc:anna",
        "x" * 65,
        "anna@demo",
        "x@DEMO",
    ],
)
async def test_logins_that_cannot_be(service: Authentication, login: str) -> None:
    with pytest.raises(BadInput, match="login"):
        await users.add(service.access, SYSTEM, login, [Role.AGENT])


async def test_a_login_is_given_once_whatever_its_case(service: Authentication) -> None:
    await make_user(service.access, "Anna")
    with pytest.raises(BadInput, match="there is a user aNNa already"):
        await users.add(service.access, SYSTEM, "aNNa", [Role.AGENT])
    assert (await users.find(service.access, "ANNA")).login == "Anna"
    for missing in ("bert", "\x00", ""):
        with pytest.raises(BadInput, match="no user"):
            await users.find(service.access, missing)
    with pytest.raises(BadInput, match="no such user"):
        await users.get(service.access, uuid4())


async def test_roles_that_do_not_go_together(service: Authentication) -> None:
    for roles, partner in (
        ([], None),
        ([Role.PARTNER], None),
        ([Role.AGENT], PARTNER),
        ([Role.PARTNER, Role.AGENT], PARTNER),
        ([Role.PARTNER], "P-9999999"),
    ):
        with pytest.raises(BadInput):
            await users.add(service.access, SYSTEM, "anna", roles, partner_number=partner)
    made = await make_user(service.access)
    with pytest.raises(BadInput):
        await users.set_roles(service.access, SYSTEM, made.id, [Role.PARTNER])
    with pytest.raises(BadInput, match="no agent"):
        await users.add(service.access, SYSTEM, "bert", [Role.AGENT], agent_number="A-9999999")


@pytest.mark.parametrize(
    "change",
    [
        "roles = '{PARTNER}'",
        "roles = '{KING}'",
        "roles = '{PARTNER,AGENT}', partner_id = (select id from partners limit 1)",
        "partner_id = (select id from partners limit 1)",
        "status = 'GONE'",
        "password_hash = null",
        "external_issuer = 'https://x', external_subject = 'y'",
        "external_issuer = 'https://x'",
        "totp_confirmed_at = now()",
        "login = 'BERT'",
    ],
)
async def test_the_database_refuses_what_the_code_might_forget(
    service: Authentication, pool: Pool, change: str
) -> None:
    await make_user(service.access, "anna")
    await make_user(service.access, "bert")
    async with pool.connection() as connection:
        with pytest.raises(psycopg.errors.IntegrityError):
            await connection.execute(f"update users set {change} where login = 'anna'")


def test_an_actor_is_never_partner_and_staff() -> None:
    for roles, partner_id in (
        ({Role.PARTNER}, None),
        ({Role.AGENT}, "x"),
        ({Role.PARTNER, Role.AGENT}, "x"),
        (set[Role](), "x"),
    ):
        with pytest.raises(ValueError, match="partner"):
            user("1", frozenset(roles), partner_id=partner_id)
    assert user("1", frozenset({Role.AGENT}), required_action=RequiredAction.CHANGE_PASSWORD).permissions == frozenset()


async def test_a_given_password_must_be_strong_and_need_not_be_changed(service: Authentication) -> None:
    with pytest.raises(WeakPassword):
        await users.add(service.access, SYSTEM, "anna", [Role.AGENT], password="password1234")
    made = await users.add(service.access, SYSTEM, "anna", [Role.AGENT], password=PASSWORD)
    assert made.one_time_password is None
    assert (await service.sessions.login("anna", PASSWORD)).required_action is None


async def test_a_one_time_password_lasts_a_week(service: Authentication, clock: Clock) -> None:
    made = await users.add(service.access, SYSTEM, "anna", [Role.AGENT])
    password = made.one_time_password or ""
    assert password not in repr(made)
    clock.turn(days=6)
    await service.sessions.login("anna", password)
    clock.turn(days=1)
    with pytest.raises(SignInFailed):
        await service.sessions.login("anna", password)


async def test_a_reset_ends_everything_that_was(service: Authentication, events: Events) -> None:
    made = await make_user(service.access)
    signed_in = await service.sessions.login("anna", PASSWORD)
    for _ in range(4):
        with pytest.raises(SignInFailed):
            await service.sessions.login("anna", "wrong")
    reset = await users.reset(service.access, SYSTEM, made.id)
    await service.revocations.renew()
    assert await service.sessions.of(made.id) == []
    with pytest.raises(Exception, match="not accepted"):
        await actor_of(service, signed_in)
    with pytest.raises(SignInFailed):
        await service.sessions.login("anna", PASSWORD)
    again = await service.sessions.login("anna", reset.one_time_password or "")
    assert again.required_action is RequiredAction.CHANGE_PASSWORD
    assert SecurityEventKind.PASSWORD_RESET in events.kinds
    assert (reset.one_time_password or "?") not in repr(events)


async def test_the_last_administrator_stays(service: Authentication) -> None:
    assert not await users.has_administrator(service.access)
    first = await make_user(service.access, "anna", Role.ADMINISTRATOR)
    assert await users.has_administrator(service.access)
    with pytest.raises(BadInput, match="last administrator"):
        await users.disable(service.access, SYSTEM, first.id)
    with pytest.raises(BadInput, match="last administrator"):
        await users.set_roles(service.access, SYSTEM, first.id, [Role.AGENT])
    second = await make_user(service.access, "bert", Role.ADMINISTRATOR, Role.MANAGER)
    await users.disable(service.access, SYSTEM, first.id)
    with pytest.raises(BadInput, match="last administrator"):
        await users.disable(service.access, SYSTEM, second.id)


async def test_events_say_who_did_what_to_whom(service: Authentication, events: Events) -> None:
    await make_user(service.access, "root", Role.ADMINISTRATOR)
    root = await actor_of(service, await service.sessions.login("root", PASSWORD))
    made = await users.add(service.access, root, "anna", [Role.AGENT])
    await users.set_roles(service.access, root, made.user.id, [Role.MANAGER])
    await users.disable(service.access, root, made.user.id)
    await users.disable(service.access, root, made.user.id)
    await users.enable(service.access, root, made.user.id)
    told = [(event.kind.value, event.actor_id, event.subject_id) for event in events[2:]]
    ids = (root.id, str(made.user.id))
    assert told == [
        ("USER_ADDED", *ids),
        ("ROLES_CHANGED", *ids),
        ("USER_DISABLED", *ids),
        ("USER_ENABLED", *ids),
    ]
    assert events[3].details == {"before": ["AGENT"], "after": ["MANAGER"]}


async def test_each_change_counts_the_version(service: Authentication) -> None:
    made = await make_user(service.access)
    changed = await users.set_roles(service.access, SYSTEM, made.id, [Role.MANAGER])
    assert (changed.version, changed.access_version) == (made.version + 1, made.access_version + 1)
    assert UUID(str(changed.id)) == made.id
