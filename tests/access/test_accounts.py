"""Accounts over GraphQL: what users do with their own, and administrators with others'."""

import logging
from dataclasses import replace
from typing import Any

import pyotp
import pytest

from auth import users
from auth.actor import ANONYMOUS, SYSTEM, Actor
from models.base import utc_now
from models.roles import Role
from tests.access.desk import ADMINISTRATOR, AGENT, Desk

PASSWORD = "nine purple otters waltz"
NEXT = "eleven green herons whistle"
LOGIN = """mutation ($login: String!, $password: String!, $code: String) {
    login(login: $login, password: $password, code: $code) { session { accessToken refreshToken }
    userErrors { code } } }"""
TOKEN = "{ accessToken userErrors { code } }"


async def _account(desk: Desk, login: str = "anna", role: Role = Role.AGENT) -> None:
    access = desk.services.authentication.access
    await users.add(access, SYSTEM, login, [role], password=PASSWORD)


async def _sign_in(desk: Desk, login: str = "anna", password: str = PASSWORD, **more: Any) -> Actor:
    payload = await desk.done(ANONYMOUS, LOGIN, login=login, password=password, **more)
    assert payload["userErrors"] == []
    return await _actor(desk, payload["session"]["accessToken"])


async def _actor(desk: Desk, token: str) -> Actor:
    return await desk.services.authentication.authenticator.actor(f"Bearer {token}")


async def test_sessions_are_listed_and_ended(desk: Desk) -> None:
    await _account(desk)
    first, second = await _sign_in(desk), await _sign_in(desk)
    listed = (await desk.ask(second, "{ me { sessions { id device current lastUsedAt } } }")).data["me"]["sessions"]
    assert {(entry["id"], entry["current"]) for entry in listed} == {
        (f"ses_{first.session_id}", False),
        (f"ses_{second.session_id}", True),
    }
    assert {entry["device"] for entry in listed} == {"tests"}
    end = "mutation ($id: ID!) { endSession(id: $id) { ended userErrors { code } } }"
    assert (await desk.done(second, end, id=f"ses_{first.session_id}"))["ended"] == 1
    listed = (await desk.ask(second, "{ me { sessions { id } } }")).data["me"]["sessions"]
    assert [entry["id"] for entry in listed] == [f"ses_{second.session_id}"]


async def test_nobody_ends_the_session_of_another(desk: Desk) -> None:
    await _account(desk)
    await _account(desk, "bert")
    anna, bert = await _sign_in(desk), await _sign_in(desk, "bert")
    end = "mutation ($id: ID!) { endSession(id: $id) { ended userErrors { code } } }"
    assert await desk.done(bert, end, id=f"ses_{anna.session_id}") == {"ended": 0, "userErrors": []}
    wrong = await desk.done(bert, end, id="ses_x")
    assert (wrong["ended"], wrong["userErrors"][0]["code"]) == (0, "BAD_USER_INPUT")
    assert desk.rows("select count(*) from sessions where revoked_at is not null") == [(0,)]


async def test_a_password_is_changed(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await _account(desk)
    other, anna = await _sign_in(desk), await _sign_in(desk)
    change = (
        "mutation ($old: String!, $new: String!) { changePassword(currentPassword: $old, newPassword: $new) " + TOKEN
    ) + " }"
    before = desk.rows("select password_hash from users where login = 'anna'")
    for old, new in (("wrong", NEXT), (PASSWORD, "password"), (PASSWORD, PASSWORD)):
        refused = await desk.done(anna, change, old=old, new=new)
        assert refused["accessToken"] is None
        assert refused["userErrors"]
    assert desk.rows("select password_hash from users where login = 'anna'") == before
    changed = await desk.done(anna, change, old=PASSWORD, new=NEXT)
    assert (await _actor(desk, changed["accessToken"])).id == anna.id
    assert desk.rows("select revoked_reason from sessions where id = %s", other.session_id) == [("PASSWORD_CHANGED",)]
    await _sign_in(desk, password=NEXT)
    assert PASSWORD not in caplog.text
    assert NEXT not in caplog.text
    assert changed["accessToken"] not in caplog.text


async def test_a_second_factor_is_set_up_used_and_taken_away(desk: Desk) -> None:
    await _account(desk)
    anna = await _sign_in(desk)
    made = await desk.done(anna, "mutation { enrolSecondFactor { secret uri qrCode userErrors { code } } }")
    assert made["qrCode"].startswith("data:image/svg+xml")
    app = pyotp.TOTP(made["secret"])
    confirm = """mutation ($code: String!) { confirmSecondFactor(code: $code) {
        accessToken recoveryCodes userErrors { code } } }"""
    wrong = await desk.done(anna, confirm, code="000000" if app.now() != "000000" else "111111")
    assert (wrong["accessToken"], wrong["recoveryCodes"]) == (None, None)
    confirmed = await desk.done(anna, confirm, code=app.now())
    codes = confirmed["recoveryCodes"]
    assert len(codes) == 10
    refused = await desk.done(ANONYMOUS, LOGIN, login="anna", password=PASSWORD)
    assert refused["userErrors"] == [{"code": "SECOND_FACTOR_REQUIRED"}]
    anna = await _sign_in(desk, code=codes[0])
    renew = "mutation { renewRecoveryCodes { recoveryCodes userErrors { code } } }"
    renewed = (await desk.done(anna, renew))["recoveryCodes"]
    assert not set(renewed) & set(codes)
    step_up = "mutation ($code: String) { stepUp(code: $code) " + TOKEN + " }"
    assert (await desk.done(anna, step_up))["userErrors"] == [{"code": "SECOND_FACTOR_REQUIRED"}]
    assert (await desk.done(anna, step_up, code=codes[1]))["userErrors"] == [{"code": "SIGN_IN_FAILED"}]
    anna = await _actor(desk, (await desk.done(anna, step_up, code=renewed[0]))["accessToken"])
    remove = "mutation { removeSecondFactor { removed userErrors { code } } }"
    assert await desk.done(anna, remove) == {"removed": True, "userErrors": []}
    await _sign_in(desk)


async def test_with_a_one_time_password_one_may_only_change_it(desk: Desk) -> None:
    made = await users.add(desk.services.authentication.access, SYSTEM, "carl", [Role.AGENT])
    assert made.one_time_password
    carl = await _sign_in(desk, "carl", made.one_time_password)
    assert (await desk.ask(carl, "{ customers { totalCount } }")).codes == ["FORBIDDEN"]
    change = "mutation ($old: String!, $new: String!) { changePassword(currentPassword: $old, newPassword: $new) %s }"
    changed = await desk.done(carl, change % TOKEN, old=made.one_time_password, new=NEXT)
    carl = await _actor(desk, changed["accessToken"])
    assert not (await desk.ask(carl, "{ customers { totalCount } }")).outcome.errors


USER = "{ user { id login status roles } oneTimePassword userErrors { code message } }"
KEY = "{ apiKey { id prefix scopes partnerNumber revokedAt } secret userErrors { code message } }"


async def _administrator(desk: Desk) -> Actor:
    await _account(desk, "root", Role.ADMINISTRATOR)
    return await _sign_in(desk, "root")


async def test_administrators_manage_users(desk: Desk) -> None:
    root = await _administrator(desk)
    add = "mutation ($login: String!, $roles: [Role!]!) { addUser(login: $login, roles: $roles) " + USER + " }"
    made = await desk.done(root, add, login="dora", roles=["AGENT"])
    assert made["userErrors"] == []
    await _sign_in(desk, "dora", made["oneTimePassword"])
    again = await desk.done(root, add, login="dora", roles=["AGENT"])
    assert (again["user"], again["userErrors"][0]["code"]) == (None, "BAD_USER_INPUT")
    dora = made["user"]["id"]
    roles = "mutation ($id: ID!, $roles: [Role!]!) { setUserRoles(id: $id, roles: $roles) " + USER + " }"
    changed = await desk.done(root, roles, id=dora, roles=["UNDERWRITER", "MANAGER"])
    assert changed["user"]["roles"] == ["MANAGER", "UNDERWRITER"]
    for name, status in (("disableUser", "DISABLED"), ("enableUser", "ACTIVE")):
        changed = await desk.done(root, f"mutation ($id: ID!) {{ {name}(id: $id) {USER} }}", id=dora)
        assert changed["user"]["status"] == status
    reset = await desk.done(root, f"mutation ($id: ID!) {{ resetUser(id: $id) {USER} }}", id=dora)
    await _sign_in(desk, "dora", reset["oneTimePassword"])
    listed = (await desk.ask(root, "{ users { id login } }")).data["users"]
    assert [entry["login"] for entry in listed] == ["dora", "root"]
    last = await desk.done(root, f"mutation ($id: ID!) {{ disableUser(id: $id) {USER} }}", id=f"usr_{root.id}")
    assert "last administrator" in last["userErrors"][0]["message"]
    events = [entry["operation"] for entry in await desk.log("ADMINISTRATION")]
    assert {"USER_ADDED", "ROLES_CHANGED", "USER_DISABLED", "USER_ENABLED", "PASSWORD_RESET"} <= set(events)


async def test_administrators_manage_api_keys(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    root = await _administrator(desk)
    ((partner,),) = desk.rows("select number from partners where status = 'ACTIVE' order by number limit 1")
    create = 'mutation ($p: String!, $s: [String!]) { createApiKey(name: "sync", partnerNumber: $p, scopes: $s) %s }'
    made = await desk.done(root, create % KEY, p=partner, s=["customers:read"])
    actor = await desk.services.authentication.authenticator.actor(None, made["secret"])
    assert (f"key_{actor.id}", actor.permissions) == (made["apiKey"]["id"], frozenset({"customers:read"}))
    assert (await desk.done(root, create % KEY, p=partner, s=["access:write"]))["apiKey"] is None
    rotate = f"mutation ($id: ID!) {{ rotateApiKey(id: $id, overlapDays: 1) {KEY} }}"
    rotated = await desk.done(root, rotate, id=made["apiKey"]["id"])
    assert rotated["secret"] != made["secret"]
    revoke = f"mutation ($id: ID!) {{ revokeApiKey(id: $id) {KEY} }}"
    assert (await desk.done(root, revoke, id=made["apiKey"]["id"]))["apiKey"]["revokedAt"]
    listed = (await desk.ask(root, "{ apiKeys { id revokedAt } }")).data["apiKeys"]
    assert [bool(key["revokedAt"]) for key in listed] == [True, False]
    for secret in (made["secret"], rotated["secret"]):
        assert secret not in caplog.text
        assert secret not in repr(desk.rows("select to_jsonb(e)::text from audit_entries e"))


CHANGES = [
    f'addUser(login: "eve", roles: [ADMINISTRATOR]) {USER}',
    f'setUserRoles(id: "usr_0192f0c1-7c3e-7b11-a0b1-000000000001", roles: [ADMINISTRATOR]) {USER}',
    f'disableUser(id: "usr_0192f0c1-7c3e-7b11-a0b1-000000000001") {USER}',
    f'enableUser(id: "usr_0192f0c1-7c3e-7b11-a0b1-000000000001") {USER}',
    f'resetUser(id: "usr_0192f0c1-7c3e-7b11-a0b1-000000000001") {USER}',
    f'createApiKey(name: "x", partnerNumber: "P-0000001") {KEY}',
    f'rotateApiKey(id: "key_0192f0c1-7c3e-7b11-a0b1-000000000001") {KEY}',
    f'revokeApiKey(id: "key_0192f0c1-7c3e-7b11-a0b1-000000000001") {KEY}',
]
STATE = "select (select jsonb_agg(to_jsonb(u)) from users u), (select jsonb_agg(to_jsonb(k)) from api_keys k)"


async def test_others_change_nothing(desk: Desk) -> None:
    await _account(desk)
    before = desk.rows(STATE)
    manager = replace(AGENT, authenticated_at=utc_now())
    for change in CHANGES:
        assert (await desk.ask(manager, f"mutation {{ {change} }}")).codes == ["FORBIDDEN"]
        assert (await desk.ask(ANONYMOUS, f"mutation {{ {change} }}")).codes == ["UNAUTHENTICATED"]
        # An administrator who has not lately proved who they are.
        late = await desk.done(ADMINISTRATOR, f"mutation {{ {change} }}")
        assert [error["code"] for error in late["userErrors"]] == ["STEP_UP_REQUIRED"]
    assert (await desk.ask(manager, "{ users { login } apiKeys { id } }")).codes == ["FORBIDDEN"] * 2
    assert desk.rows(STATE) == before
    assert len(await desk.log("REFUSAL")) == len(CHANGES) + 1
