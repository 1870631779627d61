"""What holds for each command about contracts and payments: it is done whole, with events and audit entry, or not."""

import pytest

from auth.actor import Actor, user
from auth.permissions import ROLES
from changes.commands import COMMANDS
from models.roles import Role
from resolvers.billing import Mutation as Billing
from resolvers.contracts import Mutation as Contracts
from tests.access.desk import AGENT, Desk
from tests.changes.contracts.asking import MANAGER, SENIOR, do, mutation, refused
from tests.changes.contracts.cases import CASES, Case
from tests.changes.customers.asking import events, position, run
from tests.changes.digests import everything

each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
_BEYOND_AGENTS = [
    case for case in CASES if COMMANDS[case.name[0].upper() + case.name[1:]].permission not in ROLES[Role.AGENT]
]


def test_every_mutation_has_a_case() -> None:
    fields = [*Contracts.__strawberry_definition__.fields, *Billing.__strawberry_definition__.fields]  # type: ignore[attr-defined]
    names = {field.python_name.replace("_", "") for field in fields}
    assert {case.name.lower() for case in CASES} == names


@each
async def test_it_is_done_with_its_events_and_its_audit_entry(desk: Desk, case: Case) -> None:
    row_id, given = case.make(desk)
    since = position(desk)
    await do(desk, case.name, given)
    told = events(desk, row_id, since)
    assert tuple(name for name, _ in told) == case.events
    # Later events of one change follow from the first.
    assert desk.rows("select count(distinct correlation_id) from events where position > %s", since)[0][0] <= 1
    (entry,) = await desk.log("MUTATION")
    assert entry["actor_id"] == SENIOR.id
    assert entry["operation"].lower() == case.name.lower()
    assert row_id in entry["customer_ids"]
    assert entry["details"]["changes"]
    assert "Younger Sister" not in repr((entry, told))


@pytest.mark.parametrize("case", _BEYOND_AGENTS, ids=lambda case: case.name)
async def test_who_lacks_the_permission_changes_nothing(desk: Desk, case: Case) -> None:
    _, given = case.make(desk)
    before = everything(desk)
    answer = await desk.ask(AGENT, mutation(case.name), input=given)
    assert answer.codes == ["FORBIDDEN"]
    assert everything(desk) == before


@each
async def test_a_customer_out_of_sight_has_none(desk: Desk, case: Case) -> None:
    row_id, given = case.make(desk)
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        row_id,
    )
    before = everything(desk)
    error = await refused(desk, case.name, given)
    assert error["code"] == "NOT_FOUND"
    assert error["field"][1] in given
    assert everything(desk) == before
    await do(desk, case.name, given, MANAGER)


@each
async def test_an_old_version_is_a_conflict(desk: Desk, case: Case) -> None:
    _, given = case.make(desk)
    before = everything(desk)
    error = await refused(desk, case.name, given | {"expectedVersion": 999})
    assert (error["code"], error["field"]) == ("CONFLICT", ["input", "expectedVersion"])
    assert everything(desk) == before
    await do(desk, case.name, given | {"expectedVersion": error["currentVersion"]})


@each
async def test_partners_may_none_of_it(desk: Desk, case: Case) -> None:
    _, given = case.make(desk)
    ((partner,),) = desk.rows("select id::text from partners order by number limit 1")
    who: Actor = user("0192f0c1-7c3e-7b11-a0b1-000000000009", frozenset({Role.PARTNER}), partner_id=partner)
    before = everything(desk)
    answer = await desk.ask(who, mutation(case.name).replace("order {", "order: contract {"), input=given)
    assert "FORBIDDEN" in answer.codes
    assert everything(desk) == before
