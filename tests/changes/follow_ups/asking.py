"""Asking for mutations about follow-up tasks, and putting tasks into the world."""

from datetime import UTC, datetime, timedelta
from typing import Any

from auth.actor import Actor
from core.ids import new_id
from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import mutation, run
from tests.changes.digests import everything

Input = dict[str, Any]

SHOWN = """followUp { id version status subject note priority dueAt outcome completedAt assignee { id } requester { id }
    customer { id } interaction { id } completingInteraction { id } availableTransitions }
  interaction { id subject customer { id } }"""


def text(name: str) -> str:
    """A mutation with all that is shown of a task."""
    return mutation(name, SHOWN)


async def do(desk: Desk, name: str, given: Input, who: Actor = AGENT, answer: str = SHOWN) -> dict[str, Any]:
    """The payload of a mutation that did what it should."""
    payload = await desk.done(who, mutation(name, answer), input=given)
    assert payload["userErrors"] == []
    return payload


async def refused(desk: Desk, name: str, given: Input, who: Actor = AGENT) -> dict[str, Any]:
    """The one user error of a mutation that changed nothing."""
    before = everything(desk)
    payload = await desk.done(who, mutation(name, "__typename"), input=given)
    (error,) = payload["userErrors"]
    assert everything(desk) == before
    return error  # type: ignore[no-any-return]


def moment(**ahead: float) -> str:
    """A moment so much later than now, as the graph writes it."""
    return (datetime.now(UTC) + timedelta(**ahead)).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def agents(desk: Desk, status: str = "ACTIVE") -> list[str]:
    """Public ids of agents in a state."""
    return [row[0] for row in desk.rows("select 'agt_' || id from agents where status = %s order by number", status)]


def become_agent(desk: Desk, who: Actor, agent: str) -> None:
    """Let the acting user be an agent."""
    run(
        desk,
        "insert into users (id, created_at, updated_at, login, status, roles, agent_id, external_issuer,"
        " external_subject, must_change_password, failed_attempts, access_version, access_changed_at)"
        " values (%s, now(), now(), 'agent', 'ACTIVE', %s, %s, 'tests', 'agent', false, 0, 1, now())",
        *(who.id, sorted(role.value for role in who.roles), agent.removeprefix("agt_")),
    )


def contact(desk: Desk, *, anonymous: bool = False) -> tuple[str, str | None]:
    """Row ids of a contact that left nothing to be done, and of its customer."""
    owner = "i.customer_id is null" if anonymous else "i.customer_id is not null and not i.restricted"
    ((row_id, customer),) = desk.rows(
        f"select i.id::text, i.customer_id::text from interactions i where {owner}"
        " and not exists (select from follow_ups f where f.interaction_id = i.id) order by i.id limit 1"
    )
    return row_id, customer


def task(desk: Desk, status: str = "OPEN", due_in: float = 24, *, anonymous: bool = False) -> tuple[str, str | None]:
    """Row ids of a task in a state, due in so many hours, and of its customer."""
    interaction, customer = contact(desk, anonymous=anonymous)
    row_id = str(new_id())
    run(
        desk,
        "insert into follow_ups (id, created_at, updated_at, customer_id, interaction_id, assignee_id, subject,"
        " priority, due_at, status) values (%s, now(), now(), %s, %s, %s, 'Call Ms Sommer', 'HIGH',"
        " date_trunc('second', now()) + %s * interval '1 hour', %s)",
        *(row_id, customer, interaction, agents(desk)[0].removeprefix("agt_"), due_in, status),
    )
    return row_id, customer
