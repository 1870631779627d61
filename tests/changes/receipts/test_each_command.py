"""What holds for each command about receipts: it is done whole, with events and audit entry, or not at all."""

import pytest

from auth.actor import user
from models.roles import Role
from resolvers.receipts import Mutation
from tests.access.desk import AGENT, UNDERWRITER, Desk
from tests.changes.contracts.asking import MANAGER, SENIOR, do, mutation, refused
from tests.changes.customers.asking import events, position, run
from tests.changes.digests import everything
from tests.changes.receipts.asking import consistent
from tests.changes.receipts.cases import CASES, Case

each = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{len(case.events)}")
about = pytest.mark.parametrize(
    "case", [case for case in CASES if case.named], ids=lambda case: f"{case.name}-{len(case.events)}"
)
NOWHERE = "0192f0c1-7c3e-7b11-a0b1-00000000dead"


def test_every_mutation_has_a_case() -> None:
    names = {field.python_name.replace("_", "") for field in Mutation.__strawberry_definition__.fields}  # type: ignore[attr-defined]
    assert {case.name.lower() for case in CASES} == names


@each
async def test_it_is_done_with_its_events_and_its_audit_entry(desk: Desk, case: Case) -> None:
    customer, given = await case.make(desk)
    since = position(desk)
    await do(desk, case.name, given)
    consistent(desk)
    told = desk.rows("select type, payload, summary, customer_id::text from events where position > %s", since)
    # Where nobody is known there is no history to tell it in.
    assert [kind for kind, *_ in told] == list(case.events)
    assert {owner for *_, owner in told} <= {customer}
    entry = (await desk.log("MUTATION"))[-1]
    assert (entry["actor_id"], entry["operation"].lower()) == (SENIOR.id, case.name.lower())
    assert entry["customer_ids"] == ([customer] if customer else [])
    assert entry["details"]["changes"]
    # Who paid and what they wrote stands neither in the audit log nor in the history.
    assert "sommer" not in repr((entry, told)).lower()


@each
async def test_who_may_not_changes_nothing(desk: Desk, case: Case) -> None:
    _, given = await case.make(desk)
    ((partner,),) = desk.rows("select id::text from partners order by number limit 1")
    seller = user("0192f0c1-7c3e-7b11-a0b1-000000000009", frozenset({Role.PARTNER}), partner_id=partner)
    before = everything(desk)
    for who in (AGENT, UNDERWRITER, seller):
        answer = await desk.ask(who, mutation(case.name), input=given)
        assert "FORBIDDEN" in answer.codes
    assert everything(desk) == before


@about
async def test_what_is_not_there_or_out_of_sight_is_not_found(desk: Desk, case: Case) -> None:
    customer, given = await case.make(desk)
    assert case.named
    before = everything(desk)
    for argument in (name for name in given if name.endswith("Id")):
        missing = f"{given[argument][:3]}_{NOWHERE}"
        error = await refused(desk, case.name, given | {argument: missing})
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", argument])
    assert everything(desk) == before
    if customer is None:
        return
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        customer,
    )
    before = everything(desk)
    error = await refused(desk, case.name, given)
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", case.named])
    assert everything(desk) == before
    await do(desk, case.name, given, MANAGER)


@about
async def test_an_old_version_is_a_conflict(desk: Desk, case: Case) -> None:
    _, given = await case.make(desk)
    before = everything(desk)
    error = await refused(desk, case.name, given | {"expectedVersion": 999})
    assert (error["code"], error["field"]) == ("CONFLICT", ["input", "expectedVersion"])
    assert everything(desk) == before
    await do(desk, case.name, given | {"expectedVersion": error["currentVersion"]})


@about
async def test_done_again_it_is_impossible(desk: Desk, case: Case) -> None:
    customer, given = await case.make(desk)
    await do(desk, case.name, given)
    before = everything(desk)
    assert (await refused(desk, case.name, given))["code"] == "TRANSITION_IMPOSSIBLE"
    assert everything(desk) == before
    if customer:
        assert events(desk, customer)
