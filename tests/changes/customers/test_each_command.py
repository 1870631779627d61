"""What holds for each command about a customer: it is done whole, with its event and audit entry, or not at all."""

import pytest

from tests.access.desk import Desk
from tests.changes.customers.asking import attempt, do, events, position, refused, run
from tests.changes.customers.cases import CASES, Case
from tests.changes.digests import everything

each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
# They make something, or end what has no version of its own.
_UNVERSIONED = {"logCustomerEvent", "establishRelationship", "endRelationship", "foundHousehold"}


@each
async def test_it_is_done_with_its_event_and_its_audit_entry(desk: Desk, case: Case) -> None:
    row_id, given = case.make(desk)
    since = position(desk)
    await do(desk, case.who, case.name, given)
    assert [name for name, _ in events(desk, row_id, since)] == ([case.event] if case.event else [])
    entry = (await desk.log("MUTATION"))[-1]
    assert entry["actor_id"] == case.who.id
    assert entry["operation"].lower() == case.name.lower()
    assert row_id in entry["customer_ids"]
    assert entry["details"].get("changes") or case.name.startswith("log")


@each
async def test_who_lacks_the_permission_changes_nothing(desk: Desk, case: Case) -> None:
    _, given = case.make(desk)
    before = everything(desk)
    answer = await attempt(desk, case.lacks, case.name, given)
    assert answer.codes == ["FORBIDDEN"]
    assert everything(desk) == before


@each
async def test_a_customer_out_of_sight_is_not_there(desk: Desk, case: Case) -> None:
    if case.event is None:
        pytest.skip("who may restrict customers sees those who are")
    row_id, given = case.make(desk)
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        row_id,
    )
    before = everything(desk)
    error = await refused(desk, case.who, case.name, given)
    assert error["code"] == "NOT_FOUND"
    assert everything(desk) == before


@each
async def test_an_old_version_is_a_conflict(desk: Desk, case: Case) -> None:
    if case.name in _UNVERSIONED:
        pytest.skip("there is no version to compare")
    _, given = case.make(desk)
    before = everything(desk)
    error = await refused(desk, case.who, case.name, given | {"expectedVersion": 999})
    assert error["code"] == "CONFLICT"
    assert error["field"] == ["input", "expectedVersion"]
    assert everything(desk) == before
    # With the version it tells of, it is done.
    await do(desk, case.who, case.name, given | {"expectedVersion": error["currentVersion"]})
