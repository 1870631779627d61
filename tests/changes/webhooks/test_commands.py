"""Managing webhook endpoints: each partner its own, administrators all, everybody else none."""

from dataclasses import replace
from typing import Any

import pytest

from auth.actor import Actor, user
from changes.webhooks import MOST_ENDPOINTS
from models.roles import Role
from tests.access.desk import ADMINISTRATOR, AGENT, Desk, actor
from tests.changes.digests import everything

URL = "https://hooks.example.com/in"
MANAGER = actor(Role.MANAGER, 5)

REGISTER = """mutation ($input: RegisterWebhookInput!, $key: String) {
  registerWebhook(input: $input, idempotencyKey: $key) {
    webhook { id version status url description eventTypes scopes availableTransitions }
    secret
    userErrors { code message field }
  }
}"""

# Each mutation of an endpoint with an input that works, besides the endpoint and the version.
MUTATIONS: dict[str, dict[str, Any]] = {
    "changeWebhook": {"description": "Another one."},
    "pauseWebhook": {},
    "resumeWebhook": {},
    "removeWebhook": {},
    "rotateWebhookSecret": {},
    "replayWebhook": {"after": "AQAAAAAAAAAAAAAAAAAAAAA"},
    "testWebhook": {},
    "retryWebhookDeliveries": {},
}
VERSIONED = [name for name in MUTATIONS if name not in ("testWebhook", "retryWebhookDeliveries")]


def partner(desk: Desk, number: int = 0) -> Actor:
    """A user of a partner."""
    rows = desk.rows("select partner_id::text from partner_book group by 1 order by count(*) desc, 1")
    identity = f"0192f0c1-7c3e-7b11-a0b1-{200 + number:012}"
    return user(identity, frozenset({Role.PARTNER}), partner_id=rows[number][0])


async def register(desk: Desk, who: Actor, /, **values: Any) -> dict[str, Any]:
    """The payload of a registration."""
    return await desk.done(who, REGISTER, input={"url": URL, **values})


async def registered(desk: Desk, who: Actor, status: str = "ACTIVE") -> str:
    """The id of a new endpoint in that state."""
    payload = await register(desk, who)
    assert payload["userErrors"] == []
    webhook: str = payload["webhook"]["id"]
    if status != "ACTIVE":
        await does(desk, who, {"PAUSED": "pauseWebhook", "REMOVED": "removeWebhook"}[status], webhook)
    return webhook


def text_of(name: str) -> str:
    """The mutation."""
    kind = name[0].upper() + name[1:]
    return f"""mutation ($input: {kind}Input!) {{ {name}(input: $input) {{
      webhook {{ id version status url description eventTypes }}
      userErrors {{ code message field currentVersion }} }} }}"""


async def does(desk: Desk, who: Actor, name: str, webhook: str, **values: Any) -> dict[str, Any]:
    """The payload of a mutation of an endpoint."""
    return await desk.done(who, text_of(name), input={"webhookId": webhook, **MUTATIONS.get(name, {}), **values})


async def test_a_partner_registers_and_sees_its_secret_once(desk: Desk) -> None:
    own = partner(desk)
    payload = await register(
        desk, own, eventTypes=["ClaimSettled", "ClaimSubmitted", "ClaimSettled"], description="Portal"
    )
    webhook = payload["webhook"]
    assert payload["secret"].startswith("whsec_")
    assert (webhook["status"], webhook["url"], webhook["description"]) == ("ACTIVE", URL, "Portal")
    assert webhook["eventTypes"] == ["ClaimSettled", "ClaimSubmitted"]
    assert webhook["availableTransitions"] == ["pause", "remove"]
    assert webhook["scopes"] == sorted(own.permissions)
    (entry,) = await desk.log("MUTATION")
    assert (entry["actor_id"], entry["operation"]) == (own.id, "RegisterWebhook")
    # Neither in the tables nor in the log.
    stored = [
        row
        for table in ("webhook_endpoints", "audit_entries", "idempotency_keys")
        for row in desk.rows(f"select t::text from {table} t")
    ]
    assert payload["secret"] not in repr(stored)
    assert payload["secret"].removeprefix("whsec_") not in repr(stored)


async def test_the_same_key_registers_once_and_shows_the_same_secret(desk: Desk) -> None:
    own = partner(desk)
    first = await desk.done(own, REGISTER, input={"url": URL}, key="once")
    assert await desk.done(own, REGISTER, input={"url": URL}, key="once") == first
    assert len(desk.rows("select 1 from webhook_endpoints")) == 1
    assert first["secret"] not in repr(desk.rows("select result from idempotency_keys"))


async def test_administrators_name_the_partner(desk: Desk) -> None:
    own = partner(desk)
    (error,) = (await register(desk, ADMINISTRATOR))["userErrors"]
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", "partnerId"])
    payload = await register(desk, ADMINISTRATOR, partnerId=f"par_{own.partner_id}")
    assert payload["webhook"]["scopes"] == sorted(own.permissions)
    listed = "{ webhooks(first: 10) { nodes { id } } }"
    wanted = [{"id": payload["webhook"]["id"]}]
    for who in (own, ADMINISTRATOR):
        assert (await desk.ask(who, listed)).data["webhooks"]["nodes"] == wanted
    assert (await desk.ask(partner(desk, 1), listed)).data["webhooks"]["nodes"] == []
    of_partner = "query ($id: ID!) { partner(id: $id) { webhooks(first: 10) { nodes { id } } } }"
    found = (await desk.ask(ADMINISTRATOR, of_partner, id=f"par_{own.partner_id}")).data["partner"]
    assert found["webhooks"]["nodes"] == wanted


async def test_a_partner_registers_nothing_for_another(desk: Desk) -> None:
    own, other = partner(desk), partner(desk, 1)
    before = everything(desk)
    (error,) = (await register(desk, own, partnerId=f"par_{other.partner_id}"))["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "partnerId"])
    assert everything(desk) == before


_BAD: list[tuple[dict[str, Any], str]] = [
    ({"url": "http://hooks.example.com/"}, "url"),
    ({"url": "https://127.0.0.1/"}, "url"),
    ({"url": "https://[::ffff:10.0.0.1]/"}, "url"),
    ({"url": "https://localhost:8443/"}, "url"),
    ({"url": "https://user:secret@hooks.example.com/"}, "url"),
    ({"url": "nonsense"}, "url"),
    ({"url": "https://hooks.example.com/" + "x" * 600}, "url"),
    ({"description": "x" * 201}, "description"),
    ({"eventTypes": ["ClaimSettled", "InteractionLogged"]}, "eventTypes.1"),
    ({"eventTypes": ["*"]}, "eventTypes.0"),
]


async def test_bad_input_names_its_place_and_changes_nothing(desk: Desk) -> None:
    own = partner(desk)
    webhook = await registered(desk, own)
    before = everything(desk)
    for values, field in _BAD:
        for payload in (await register(desk, own, **values), await does(desk, own, "changeWebhook", webhook, **values)):
            (error,) = payload["userErrors"]
            assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", *field.split(".")]), values
            assert "secret" not in error["message"]
    assert everything(desk) == before


async def test_a_partner_has_so_many_and_no_more(desk: Desk) -> None:
    own = partner(desk)
    first = await registered(desk, own)
    for _ in range(MOST_ENDPOINTS - 1):
        await registered(desk, own)
    (error,) = (await register(desk, own))["userErrors"]
    assert error["code"] == "TOO_MANY_WEBHOOKS"
    await registered(desk, partner(desk, 1))
    await does(desk, own, "removeWebhook", first)
    assert (await register(desk, own))["userErrors"] == []


@pytest.mark.parametrize("name", MUTATIONS)
async def test_who_may_not_changes_nothing(desk: Desk, name: str) -> None:
    own = partner(desk)
    webhook = await registered(desk, own, "PAUSED" if name == "resumeWebhook" else "ACTIVE")
    before = everything(desk)
    narrow = replace(own, permissions=own.permissions - {"webhooks:write"})
    given = {"webhookId": webhook, **MUTATIONS[name]}
    for who in (AGENT, MANAGER, narrow):
        assert (await desk.ask(who, text_of(name), input=given)).codes == ["FORBIDDEN"]
    # Of another partner: as if it were not there.
    (error,) = (await does(desk, partner(desk, 1), name, webhook))["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "webhookId"])
    assert everything(desk) == before
    assert (await does(desk, own, name, webhook))["userErrors"] == []
    (entry,) = [one for one in await desk.log("MUTATION") if one["operation"] == name[0].upper() + name[1:]]
    assert entry["actor_id"] == own.id


async def test_an_old_version_is_a_conflict(desk: Desk) -> None:
    own = partner(desk)
    active, paused = await registered(desk, own), await registered(desk, own, "PAUSED")
    before = everything(desk)
    for name in VERSIONED:
        webhook, version = (paused, 2) if name == "resumeWebhook" else (active, 1)
        (error,) = (await does(desk, own, name, webhook, expectedVersion=17))["userErrors"]
        assert (error["code"], error["currentVersion"]) == ("CONFLICT", version), name
    assert everything(desk) == before


async def test_what_is_removed_stays_so(desk: Desk) -> None:
    own = partner(desk)
    webhook = await registered(desk, own, "REMOVED")
    before = everything(desk)
    for name in MUTATIONS:
        (error,) = (await does(desk, own, name, webhook))["userErrors"]
        assert error["code"] in ("WEBHOOK_REMOVED", "TRANSITION_IMPOSSIBLE"), name
    assert everything(desk) == before


async def test_one_test_at_a_time(desk: Desk) -> None:
    own = partner(desk)
    webhook = await registered(desk, own)
    text = """mutation ($id: ID!) { testWebhook(input: { webhookId: $id }) {
      delivery { id message status endpoint { id } event { id } cursor } userErrors { code field } } }"""
    payload = await desk.done(own, text, id=webhook)
    shown = payload["delivery"]
    assert (shown["message"], shown["status"], shown["event"], shown["cursor"]) == ("TEST", "WAITING", None, None)
    assert shown["endpoint"] == {"id": webhook}
    (error,) = (await desk.done(own, text, id=webhook))["userErrors"]
    assert (error["code"], error["field"]) == ("TEST_WAITING", ["input", "webhookId"])


async def test_only_administrators_disable(desk: Desk) -> None:
    own = partner(desk)
    webhook = await registered(desk, own)
    answer = await desk.ask(own, text_of("disableWebhook"), input={"webhookId": webhook})
    assert answer.codes == ["FORBIDDEN"]
    payload = await does(desk, ADMINISTRATOR, "disableWebhook", webhook)
    assert payload["webhook"]["status"] == "DISABLED"


async def test_the_database_itself_keeps_partners_apart(desk: Desk) -> None:
    own, other = partner(desk), partner(desk, 1)
    webhook = await registered(desk, own)
    await does(desk, own, "testWebhook", webhook)
    counts = {}
    for who in (own, other, AGENT):
        async with desk.services.reader(who).connection() as connection, connection.transaction():
            await connection.execute("select set_config('c360.partner_id', %s, true)", [who.partner_id or ""])
            for table in ("webhook_endpoints", "webhook_deliveries"):
                try:
                    async with connection.transaction():
                        row = await (
                            await connection.execute(f"select count(*) from (select id from {table}) t".encode())
                        ).fetchone()
                except Exception as error:
                    row = (type(error).__name__,)
                assert row
                counts[who.audience.value, who is own, table] = row[0]
            # Nobody reads a secret, whoever asks.
            with pytest.raises(Exception, match="permission denied"):
                await connection.execute("select secret from webhook_endpoints")
    assert sorted(map(str, counts.values())) == ["0", "0", "1", "1", "InsufficientPrivilege", "InsufficientPrivilege"]


async def test_nodes_of_another_partner_are_not_found(desk: Desk) -> None:
    own, other = partner(desk), partner(desk, 1)
    webhook = await registered(desk, own)
    await does(desk, own, "testWebhook", webhook)
    ((delivery,),) = desk.rows("select 'whd_' || id from webhook_deliveries")
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    assert [one["id"] for one in (await desk.ask(own, query, ids=[webhook, delivery])).data["nodes"]] == [
        webhook,
        delivery,
    ]
    assert (await desk.ask(other, query, ids=[webhook, delivery])).data["nodes"] == [None, None]
