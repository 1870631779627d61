"""Asking for mutations about customers, by their names alone: the input type is named after the mutation."""

from typing import Any

from auth.actor import Actor
from models.roles import Role
from tests.access.desk import Desk, actor
from tests.graph import Answer

SENIOR = actor(Role.SENIOR_AGENT, 4)
MANAGER = actor(Role.MANAGER, 5)

_ANSWERS = {"foundHousehold", "joinHousehold", "leaveHousehold"}


def mutation(name: str, answer: str | None = None) -> str:
    """The text of a mutation that asks for what it changed."""
    shown = answer or ("household { id version }" if name in _ANSWERS else "customer { id version }")
    return (
        f"mutation ($input: {name[0].upper()}{name[1:]}Input!, $key: String)"
        f" {{ {name}(input: $input, idempotencyKey: $key)"
        f" {{ {shown} userErrors {{ code message field currentVersion }} }} }}"
    )


async def do(desk: Desk, who: Actor, name: str, given: dict[str, Any], answer: str | None = None) -> dict[str, Any]:
    """The payload of a mutation that did what it should."""
    payload = await desk.done(who, mutation(name, answer), input=given)
    assert payload["userErrors"] == []
    return payload


async def refused(desk: Desk, who: Actor, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The one user error of a mutation that did nothing."""
    payload = await desk.done(who, mutation(name), input=given)
    (error,) = payload["userErrors"]
    assert not payload.get("customer")
    assert not payload.get("household")
    return error  # type: ignore[no-any-return]


async def attempt(desk: Desk, who: Actor, name: str, given: dict[str, Any]) -> Answer:
    """What came of a mutation, whatever it was."""
    return await desk.ask(who, mutation(name), input=given)


def customer(desk: Desk, condition: str = "true", kind: str = "PERSON") -> tuple[str, str, int]:
    """Public id, row id and version of the first customer `u` of a kind for whom a condition holds."""
    found = desk.rows(
        f"select id::text, version from customers u where kind = '{kind}' and not restricted and ({condition})"
        " order by number limit 1"
    )
    (row_id, version) = found[0]
    return f"cus_{row_id}", row_id, version


def run(desk: Desk, statement: str, *values: object) -> None:
    """Change the world by hand."""
    desk.rows(f"with done as ({statement} returning 1) select count(*) from done", *values)


def events(desk: Desk, row_id: str, since: int = 0) -> list[tuple[Any, ...]]:
    """Type and payload of a customer's events after a position, in the order in which they were recorded."""
    return desk.rows(
        "select type, payload from events where customer_id = %s and position > %s order by position", row_id, since
    )


def position(desk: Desk) -> int:
    """The position of the newest event."""
    ((newest,),) = desk.rows("select coalesce(max(position), 0) from events")
    return int(newest)


IN_FORCE = "exists (select from contracts c where c.customer_id = u.id and c.status in ('ACTIVE', 'GRACE_PERIOD'))"
FREE = (
    f"not {IN_FORCE} and not exists (select from contract_parties p join contracts c on c.id = p.contract_id"
    " where p.party_customer_id = u.id and c.status in ('ACTIVE', 'GRACE_PERIOD'))"
)
