"""Many commands in one request: each by itself, with its own result."""

from typing import Any

import pytest

from auth.actor import user
from auth.budgets import BUDGETS
from models.roles import Role
from schema.bulk import MOST
from tests.access.desk import AGENT, UNDERWRITER, Desk
from tests.changes.customers.asking import customer, events, position
from tests.changes.digests import everything

BULK = """mutation ($items: [BulkItem!]!) { bulk(items: $items) {
  results { objects { name id } userErrors { code field currentVersion } } userErrors { code message field } } }"""


def call(customer_id: str, subject: str) -> dict[str, Any]:
    return {"logInteraction": {"customerId": customer_id, "conversation": {"channel": "PHONE", "subject": subject}}}


async def test_each_is_done_by_itself(desk: Desk) -> None:
    public, row_id, version = customer(desk)
    since = position(desk)
    phone = {"customerId": public, "phone": {"kind": "MOBILE", "number": "+31612345678"}}
    items = [
        {"command": call(public, "First")},
        {"command": {"addPhone": {**phone, "expectedVersion": version + 7}}},
        {"command": call(public, "Third"), "idempotencyKey": "third"},
    ]
    payload = await desk.done(AGENT, BULK, items=items)
    assert payload["userErrors"] == []
    first, second, third = payload["results"]
    assert [one["name"] for one in first["objects"]] == ["interaction", "customer"]
    assert first["objects"][1]["id"] == public
    assert (second["objects"], second["userErrors"][0]["code"]) == ([], "CONFLICT")
    assert second["userErrors"][0]["currentVersion"] == version
    assert third["userErrors"] == []
    assert [name for name, _ in events(desk, row_id, since)] == ["InteractionLogged"] * 2
    assert len(await desk.log("MUTATION")) == 2
    # The one with a key is not done again, the one without is.
    again = (await desk.done(AGENT, BULK, items=items))["results"]
    assert again[2] == third
    assert again[0] != first


async def test_too_many_are_not_begun(desk: Desk) -> None:
    public, _, _ = customer(desk)
    before = everything(desk)
    manager = user("0192f0c1-7c3e-7b11-a0b1-000000000005", frozenset({Role.MANAGER}))
    payload = await desk.done(manager, BULK, items=[{"command": call(public, "x")}] * (MOST + 1))
    assert payload["results"] is None
    assert payload["userErrors"][0] == {
        "code": "BAD_USER_INPUT",
        "message": "at most 500 commands, got 501",
        "field": ["items"],
    }
    assert everything(desk) == before


async def test_one_without_permission_keeps_all_from_being_begun(desk: Desk) -> None:
    public, _, _ = customer(desk)
    before = everything(desk)
    change = {"command": {"closeCustomer": {"customerId": public}}}
    answer = await desk.ask(UNDERWRITER, BULK, items=[{"command": call(public, "x")}, change])
    assert answer.codes == ["FORBIDDEN"]
    assert everything(desk) == before
    (entry,) = await desk.log("REFUSAL")
    assert entry["details"]["permissions"] == ["customers:write"]


@pytest.mark.parametrize("chosen", [0, 2])
async def test_an_item_is_just_one_command(desk: Desk, chosen: int) -> None:
    public, _, _ = customer(desk)
    before = everything(desk)
    commands = call(public, "x") | {"closeCustomer": {"customerId": public}}
    item = {"command": commands if chosen else {}}
    answer = await desk.ask(AGENT, BULK, items=[item])
    assert answer.codes == ["BAD_USER_INPUT"]
    assert everything(desk) == before


async def test_each_item_costs_as_much_as_a_mutation(desk: Desk) -> None:
    """Written out or in a variable: more than an actor may spend on one operation is refused before any work."""
    public, _, _ = customer(desk)
    before = everything(desk)
    partner = user(AGENT.id or "", frozenset({Role.PARTNER}), partner_id="0192f0c1-7c3e-7b11-a0b1-000000000001")
    count = BUDGETS[Role.PARTNER].per_operation // 10 + 1
    answer = await desk.ask(partner, BULK, items=[{"command": call(public, "x")}] * count)
    assert answer.codes == ["QUERY_TOO_EXPENSIVE"]
    close = f'{{ command: {{ closeCustomer: {{ customerId: "{public}" }} }} }}'
    written = f"mutation {{ bulk(items: [{' '.join([close] * count)}]) {{ userErrors {{ code }} }} }}"
    assert (await desk.ask(partner, written)).codes == ["QUERY_TOO_EXPENSIVE"]
    assert everything(desk) == before
