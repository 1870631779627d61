"""What one may do, and why: `viewerCan` and `explainAccess`."""

from typing import Any

import pytest

from auth.actor import ANONYMOUS, Actor, ActorKind, Audience
from auth.permissions import ROLES
from models.roles import Role
from tests.access.desk import ADMINISTRATOR, AGENT, UNDERWRITER, Desk, actor

VIEWER_CAN = """{ customers(first: 3) { nodes { viewerCan contracts(first: 2) { nodes { viewerCan } } } }
    orders(first: 2) { nodes { viewerCan } } claims(first: 2) { nodes { viewerCan } } }"""
EXPLAIN = """query ($id: ID!, $field: String) { explainAccess(id: $id, field: $field) {
    subject allowed rules { kind allows needs missing roles } } }"""
NOBODY = "cus_0192f0c1-0000-7000-8000-000000000000"


@pytest.mark.parametrize("role", [Role.AGENT, Role.UNDERWRITER, Role.MANAGER])
async def test_what_one_may_do_is_told_at_the_object(either: Desk, role: Role) -> None:
    data = (await either.ask(actor(role), VIEWER_CAN)).data
    areas = ("customers:", "consents:", "interactions:", "complaints:", "history:")
    expected = sorted(name for name in ROLES[role] if name.startswith(areas))
    assert [node["viewerCan"] for node in data["customers"]["nodes"]] == [expected] * 3
    contracts = [node["viewerCan"] for row in data["customers"]["nodes"] for node in row["contracts"]["nodes"]]
    assert contracts
    assert all(("contracts:write" in can) == ("contracts:write" in ROLES[role]) for can in contracts)
    assert ["orders:underwrite" in node["viewerCan"] for node in data["orders"]["nodes"]] == [
        role is not Role.AGENT
    ] * 2
    approves = "claims:approve" in ROLES[role]
    assert ["claims:approve" in node["viewerCan"] for node in data["claims"]["nodes"]] == [approves] * 2


async def test_what_one_may_do_takes_no_statement(either: Desk) -> None:
    with_it, without = "{ customers { nodes { id viewerCan } } }", "{ customers { nodes { id } } }"
    assert (await either.ask(AGENT, with_it)).statements == (await either.ask(AGENT, without)).statements


async def _explained(desk: Desk, who: Actor, row: str, field: str | None = None) -> dict[str, Any]:
    explained: dict[str, Any] = (await desk.ask(who, EXPLAIN, id=row, field=field)).data["explainAccess"]
    explained["rules"] = {rule.pop("kind"): rule for rule in explained["rules"]}
    return explained


async def test_a_refused_field_is_explained(desk: Desk) -> None:
    ((row,),) = desk.rows("select 'cus_' || id from customers limit 1")
    explained = await _explained(desk, AGENT, row, "income")
    assert (explained["subject"], explained["allowed"]) == ("Customer.income", False)
    assert explained["rules"]["TYPE"]["allows"] is True
    assert explained["rules"]["ROW"]["allows"] is True
    assert explained["rules"]["FIELD"] == {
        "allows": False,
        "needs": ["customers:read_income"],
        "missing": ["customers:read_income"],
        "roles": ["ADMINISTRATOR", "MANAGER", "SENIOR_AGENT", "UNDERWRITER"],
    }
    assert (await _explained(desk, UNDERWRITER, row, "income"))["allowed"] is True
    assert await desk.log("PROFILE_OPENED") == []


async def test_a_mask_is_explained(desk: Desk) -> None:
    ((row,),) = desk.rows("select 'cus_' || id from customers limit 1")
    explained = await _explained(desk, UNDERWRITER, row, "nationalId")
    assert explained["allowed"] is True
    assert explained["rules"]["REVEAL"]["missing"] == ["customers:reveal"]
    assert (await _explained(desk, ADMINISTRATOR, row, "nationalId"))["rules"]["REVEAL"]["allows"] is True


async def test_of_a_hidden_object_no_more_is_said_than_of_none(desk: Desk) -> None:
    ((row,),) = desk.rows("select 'clm_' || id from claims limit 1")
    blind = Actor(ActorKind.USER, Audience.STAFF, AGENT.id, permissions=frozenset({"customers:read"}))
    hidden = await _explained(desk, blind, row)
    assert hidden["allowed"] is False
    assert hidden["rules"]["TYPE"]["missing"] == ["claims:read"]
    assert hidden["rules"]["ROW"]["allows"] is None
    assert hidden == await _explained(desk, blind, NOBODY.replace("cus", "clm"))
    none = await _explained(desk, AGENT, NOBODY)
    assert (none["allowed"], none["rules"]["ROW"]["allows"]) == (False, False)


@pytest.mark.parametrize(
    ("row", "field"), [("x", None), (NOBODY, "nonsense"), (NOBODY, "national_id"), ("cus_1", None)]
)
async def test_nonsense_is_refused(desk: Desk, row: str, field: str | None) -> None:
    assert (await desk.ask(AGENT, EXPLAIN, id=row, field=field)).codes == ["BAD_USER_INPUT"]
    assert (await desk.ask(ANONYMOUS, EXPLAIN, id=row, field=field)).codes == ["UNAUTHENTICATED"]
