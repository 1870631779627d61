"""Relationships, from both sides, and households."""

import asyncio
from typing import Any

import pytest

from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import attempt, customer, do, events, mutation, position, refused, run
from tests.changes.digests import everything

_RELATIONSHIP = "relationship { id kind startedOn endedOn source } customer { id }"
_HOUSEHOLD = """household { id number name dissolvedOn version
  members { role leftOn customer { id } } } member { id role leftOn }"""


async def _lonely(desk: Desk, count: int) -> list[str]:
    """As many new customers."""
    made = []
    for index in range(count):
        given = {"lastName": f"Adam {index}", "language": "de", "currency": "EUR"}
        made.append((await do(desk, AGENT, "registerPerson", given))["customer"]["id"])
    return made


def _sides(desk: Desk, one: str, other: str) -> list[tuple[Any, ...]]:
    return desk.rows(
        "select customer_id = %s, kind, ended_on is null from relationships"
        " where (customer_id, related_customer_id) in ((%s, %s), (%s, %s)) order by 1 desc",
        one[4:], one[4:], other[4:], other[4:], one[4:],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "inverse"),
    [("SPOUSE", "SPOUSE"), ("CHILD", "PARENT"), ("DEPENDENT", "GUARDIAN"), ("REPRESENTATIVE", None)],
)
async def test_a_relationship_is_recorded_and_ended_from_both_sides(desk: Desk, kind: str, inverse: str | None) -> None:
    one, other = await _lonely(desk, 2)
    since = position(desk)
    given = {"customerId": one, "relatedCustomerId": other, "kind": kind, "startedOn": "2020-05-05"}
    made = (await do(desk, AGENT, "establishRelationship", given, _RELATIONSHIP))["relationship"]
    assert made["source"] == "AGENT"
    assert _sides(desk, one, other) == [(True, kind, True), *([(False, inverse, True)] if inverse else [])]
    ((number,),) = desk.rows("select number from customers where id = %s", other[4:])
    established = "CustomerRelationshipEstablished"
    assert events(desk, one[4:], since) == [(established, {"kind": kind, "related": number})]
    assert len(events(desk, other[4:], since)) == (1 if inverse else 0)
    before = everything(desk)
    assert (await refused(desk, AGENT, "establishRelationship", given))["code"] == "ALREADY_RELATED"
    assert everything(desk) == before
    ended = await do(desk, AGENT, "endRelationship", {"relationshipId": made["id"]}, _RELATIONSHIP)
    assert ended["relationship"]["endedOn"]
    assert not any(lasts for _, _, lasts in _sides(desk, one, other))
    assert (await refused(desk, AGENT, "endRelationship", {"relationshipId": made["id"]}))[
        "code"
    ] == "RELATIONSHIP_ENDED"
    # Afterwards they may marry again.
    await do(desk, AGENT, "establishRelationship", given)


async def test_nobody_has_two_spouses_at_a_time(desk: Desk) -> None:
    one, other, third = await _lonely(desk, 3)
    await do(desk, AGENT, "establishRelationship", {"customerId": one, "relatedCustomerId": other, "kind": "SPOUSE"})
    before = everything(desk)
    for given in ({"customerId": one, "relatedCustomerId": third}, {"customerId": third, "relatedCustomerId": other}):
        error = await refused(desk, AGENT, "establishRelationship", {**given, "kind": "SPOUSE"})
        assert error["code"] == "ANOTHER_LASTS"
    assert everything(desk) == before


async def test_a_marriage_told_from_both_sides_at_once_is_one(desk: Desk) -> None:
    one, other = await _lonely(desk, 2)
    text = mutation("establishRelationship")
    sides = [{"customerId": a, "relatedCustomerId": b, "kind": "SPOUSE"} for a, b in ((one, other), (other, one))]
    answers = await asyncio.gather(*(desk.done(AGENT, text, input=side) for side in sides))
    codes = [error["code"] for answer in answers for error in answer["userErrors"]]
    assert codes == ["ALREADY_RELATED"]
    assert len(_sides(desk, one, other)) == 2


async def test_impossible_relationships_are_refused(desk: Desk) -> None:
    (one,) = await _lonely(desk, 1)
    firm, _, _ = customer(desk, kind="ORGANISATION")
    hidden, row_id, _ = customer(desk)
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        row_id,
    )
    before = everything(desk)
    for other, kind, code in (
        (one, "SPOUSE", "BAD_USER_INPUT"),
        (firm, "SPOUSE", "NOT_A_PERSON"),
        (firm, "EMPLOYEE", "NOT_A_PERSON"),
        (firm, "SUBSIDIARY", "NOT_AN_ORGANISATION"),
        (hidden, "SIBLING", "NOT_FOUND"),
    ):
        given = {"customerId": one, "relatedCustomerId": other, "kind": kind}
        assert (await refused(desk, AGENT, "establishRelationship", given))["code"] == code
    assert everything(desk) == before


async def test_a_household_is_founded_joined_and_left_until_nobody_is_left(desk: Desk) -> None:
    head, spouse, child = await _lonely(desk, 3)
    since = position(desk)
    founding = {
        "name": "Familie Adam",
        "members": [{"customerId": head, "role": "HEAD"}, {"customerId": spouse, "role": "SPOUSE"}],
    }
    household = (await do(desk, AGENT, "foundHousehold", founding, _HOUSEHOLD))["household"]
    assert household["number"].startswith("H-")
    assert events(desk, spouse[4:], since) == [("HouseholdJoined", {"role": "SPOUSE"})]
    joining = {"householdId": household["id"], "customerId": child, "role": "CHILD"}
    joined = await do(desk, AGENT, "joinHousehold", joining, _HOUSEHOLD)
    assert len(joined["household"]["members"]) == 3
    assert joined["household"]["version"] == household["version"] + 1
    assert (await refused(desk, AGENT, "joinHousehold", joining))["code"] == "IN_A_HOUSEHOLD"

    leaving = {"householdId": household["id"], "customerId": head}
    before = everything(desk)
    assert (await refused(desk, AGENT, "leaveHousehold", leaving))["code"] == "HOUSEHOLD_WITHOUT_HEAD"
    assert everything(desk) == before
    left = await do(desk, AGENT, "leaveHousehold", leaving | {"successorId": spouse}, _HOUSEHOLD)
    roles = {one["customer"]["id"]: one["role"] for one in left["household"]["members"] if one["leftOn"] is None}
    assert roles == {spouse: "HEAD", child: "CHILD"}
    assert (await refused(desk, AGENT, "leaveHousehold", leaving))["code"] == "NOT_A_MEMBER"
    await do(desk, AGENT, "leaveHousehold", {"householdId": household["id"], "customerId": child})
    last = await do(desk, AGENT, "leaveHousehold", {"householdId": household["id"], "customerId": spouse}, _HOUSEHOLD)
    assert last["household"]["dissolvedOn"]
    assert (await refused(desk, AGENT, "joinHousehold", joining))["code"] == "HOUSEHOLD_DISSOLVED"


async def test_a_household_has_one_head_and_each_member_once(desk: Desk) -> None:
    one, other = await _lonely(desk, 2)
    firm, _, _ = customer(desk, kind="ORGANISATION")
    before = everything(desk)
    for members, code in (
        ([(one, "CHILD")], "BAD_USER_INPUT"),
        ([(one, "HEAD"), (other, "HEAD")], "BAD_USER_INPUT"),
        ([(one, "HEAD"), (one, "SPOUSE")], "BAD_USER_INPUT"),
        ([(firm, "HEAD")], "NOT_A_PERSON"),
    ):
        given = {"name": "X", "members": [{"customerId": who, "role": role} for who, role in members]}
        assert (await refused(desk, AGENT, "foundHousehold", given))["code"] == code
    assert everything(desk) == before


async def test_founding_needs_the_permission(desk: Desk) -> None:
    from tests.changes.customers.cases import READER

    before = everything(desk)
    given = {"name": "X", "members": []}
    assert (await attempt(desk, READER, "foundHousehold", given)).codes == ["FORBIDDEN"]
    assert everything(desk) == before
