"""What holds for each command about claims: it is done whole, with events and audit entry, or not at all."""

from typing import Any

import pytest

from auth.permissions import ROLES
from changes.commands import COMMANDS
from models.roles import Role
from resolvers.claims import Mutation
from tests.access.desk import Desk, actor
from tests.changes.claims.asking import MANAGER, SENIOR, did, mutation, partner, refused
from tests.changes.claims.cases import CASES, Case
from tests.changes.customers.asking import events, position, run
from tests.changes.digests import everything

each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
NOWHERE = "0192f0c1-7c3e-7b11-a0b1-00000000dead"


def permission_of(name: str) -> str:
    """What the command of a mutation needs."""
    return COMMANDS[name[0].upper() + name[1:]].permission


def named(given: dict[str, Any]) -> str:
    """The argument that names the object."""
    return next(iter(given))


def owner(desk: Desk, case: Case, row_id: str) -> str:
    """The row id of the customer."""
    table = "contracts" if case.name == "submitClaim" else "claims"
    ((customer,),) = desk.rows(f"select customer_id::text from {table} where id = %s", row_id)
    return str(customer)


def test_every_mutation_has_a_case() -> None:
    names = {field.python_name.replace("_", "") for field in Mutation.__strawberry_definition__.fields}  # type: ignore[attr-defined]
    assert {case.name.lower() for case in CASES} == names


@each
async def test_it_is_done_with_its_events_and_its_audit_entry(desk: Desk, case: Case) -> None:
    row_id, given = case.make(desk)
    customer, since = owner(desk, case, row_id), position(desk)
    await did(desk, SENIOR, case.name, **given)
    told = events(desk, customer, since)
    assert tuple(name for name, _ in told) == case.events
    (entry,) = await desk.log("MUTATION")
    assert entry["actor_id"] == SENIOR.id
    assert entry["operation"].lower() == case.name.lower()
    assert customer in entry["customer_ids"]
    assert entry["details"]["changes"]
    # What people wrote stands neither in the audit log nor in payloads and lines of the history.
    lines = desk.rows("select summary from events where position > %s", since)
    assert "sommer" not in repr((entry, told, lines)).lower()


@each
async def test_who_may_not_or_cannot_see_it_changes_nothing(desk: Desk, case: Case) -> None:
    row_id, given = case.make(desk)
    customer = owner(desk, case, row_id)
    before = everything(desk)
    permission = permission_of(case.name)
    for role in (role for role in Role if permission not in ROLES[role] and role is not Role.PARTNER):
        answer = await desk.ask(actor(role, 7), mutation(case.name, actor(role, 7)), input=given)
        assert answer.codes == ["FORBIDDEN"], role
    missing = given[named(given)].split("_")[0] + f"_{NOWHERE}"
    unknown = await refused(desk, SENIOR, case.name, **given | {named(given): missing})
    assert (unknown["code"], unknown["field"]) == ("NOT_FOUND", ["input", named(given)])
    assert everything(desk) == before
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        customer,
    )
    assert await refused(desk, SENIOR, case.name, **given) == unknown
    await did(desk, MANAGER, case.name, **given)


@each
async def test_versions_and_states_are_looked_at(desk: Desk, case: Case) -> None:
    row_id, given = case.make(desk)
    if case.name != "submitClaim":
        error = await refused(desk, SENIOR, case.name, **given, expectedVersion=999)
        assert (error["code"], error["field"]) == ("CONFLICT", ["input", "expectedVersion"])
        part = row_id if case.table == "claims" else given[named(given)].split("_")[1]
        ((state,),) = desk.rows(f"select status from {case.table} where id = %s", part)
        if case.wrong:
            run(desk, f"update {case.table} set status = %s where id = %s", case.wrong, part)
            error = await refused(desk, SENIOR, case.name, **given)
            assert error["code"] in ("TRANSITION_IMPOSSIBLE", "CLAIM_NOT_OPEN", "CLAIM_NOT_APPROVED")
            run(desk, f"update {case.table} set status = %s where id = %s", state, part)
        given |= {"expectedVersion": error["currentVersion"]} if error["code"] == "CONFLICT" else {}
    await did(desk, SENIOR, case.name, **given)


@each
async def test_a_partner_changes_nothing_out_of_its_book(desk: Desk, case: Case) -> None:
    who, _, _ = partner(desk)
    row_id, given = case.make(desk)
    table, column = ("contracts", "id") if case.name == "submitClaim" else ("claims", "id")
    contract = f"select {'id' if table == 'contracts' else 'contract_id'} from {table} where {column} = %s"
    run(desk, f"update contracts set partner_id = null where id = ({contract})", row_id)
    before = everything(desk)
    if permission_of(case.name) in ROLES[Role.PARTNER]:
        error = await refused(desk, who, case.name, **given)
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", named(given)])
    else:
        answer = await desk.ask(who, mutation(case.name, who), input=given)
        assert "FORBIDDEN" in answer.codes
    assert everything(desk) == before
