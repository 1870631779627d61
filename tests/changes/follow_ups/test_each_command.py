"""What holds for each command about follow-up tasks: it is done whole, with events and audit entry, or not at all."""

import pytest

from auth.actor import user
from models.roles import Role
from resolvers.follow_ups import Mutation
from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import MANAGER, events, position, run
from tests.changes.digests import everything
from tests.changes.follow_ups.asking import do, refused, text
from tests.changes.follow_ups.cases import CASES, Case
from tests.scope.roles import NOBODY

each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def test_every_mutation_has_a_case() -> None:
    names = {field.python_name.replace("_", "") for field in Mutation.__strawberry_definition__.fields}  # type: ignore[attr-defined]
    assert {case.name.lower() for case in CASES} == names


@each
async def test_it_is_done_with_its_events_and_its_audit_entry(desk: Desk, case: Case) -> None:
    customer, given = case.make(desk)
    since = position(desk)
    shown = (await do(desk, case.name, given))["followUp"]
    assert shown["customer"] == {"id": f"cus_{customer}"}
    told = events(desk, customer, since)
    assert tuple(name for name, _ in told) == case.events
    (entry,) = await desk.log("MUTATION")
    assert entry["actor_id"] == AGENT.id
    assert entry["operation"].lower() == case.name.lower()
    assert customer in entry["customer_ids"]
    # That a task fell due changes nothing of it.
    assert ("changes" in entry["details"]) is (case.name != "markFollowUpDue")
    # What people wrote stands neither in the audit log nor in payloads of the history.
    assert "sommer" not in repr((entry, told)).lower()


@each
async def test_who_may_not_or_cannot_see_it_changes_nothing(desk: Desk, case: Case) -> None:
    customer, given = case.make(desk)
    ((partner,),) = desk.rows("select id::text from partners order by number limit 1")
    before = everything(desk)
    who = user(AGENT.id or "", frozenset({Role.PARTNER}), partner_id=partner)
    answer = await desk.ask(who, text(case.name), input=given)
    assert "FORBIDDEN" in answer.codes
    assert everything(desk) == before
    named = next(iter(given))
    unknown = await refused(desk, case.name, given | {named: given[named].split("_")[0] + f"_{NOBODY}"})
    assert (unknown["code"], unknown["field"]) == ("NOT_FOUND", ["input", named])
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        customer,
    )
    assert await refused(desk, case.name, given) == unknown
    await do(desk, case.name, given, MANAGER)


@each
async def test_versions_and_states_are_looked_at(desk: Desk, case: Case) -> None:
    if case.wrong is None:
        pytest.skip("there is no task yet")
    _, given = case.make(desk)
    stale = await refused(desk, case.name, given | {"expectedVersion": 999})
    assert (stale["code"], stale["field"]) == ("CONFLICT", ["input", "expectedVersion"])
    row_id = given["followUpId"].removeprefix("fup_")
    run(desk, "update follow_ups set status = %s where id = %s", case.wrong, row_id)
    error = await refused(desk, case.name, given)
    assert error["code"] in ("TRANSITION_IMPOSSIBLE", "FOLLOW_UP_ENDED")
    run(desk, "update follow_ups set status = 'OPEN' where id = %s", row_id)
    await do(desk, case.name, given | {"expectedVersion": stale["currentVersion"]})
