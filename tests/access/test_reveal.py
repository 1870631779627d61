"""A sensitive value in full: for those permitted, for a purpose, with an entry in the audit log, or not at all."""

import logging
from typing import Any

import psycopg
import pytest

from auth.actor import ANONYMOUS, Actor, ActorKind, Audience
from models.roles import Role
from tests.access.desk import ADMINISTRATOR, AGENT, UNDERWRITER, Desk, actor
from tests.keys import keyring_in
from tests.sealing.stored import opened

REVEAL = """mutation Show($id: ID!, $field: String!, $purpose: String!) {
    reveal(id: $id, field: $field, purpose: $purpose) { value userErrors { code field message } } }"""
PURPOSE = "the customer asked for it on the phone"
PREFIXES = {"customers": "cus", "bank_accounts": "bac", "medical_exams": "mex"}
FIELDS = {"national_id": "nationalId", "iban": "iban", "notes": "notes"}
OWNERS = {"customers": "id", "bank_accounts": "customer_id", "medical_exams": "customer_id"}


def _some(desk: Desk, table: str) -> tuple[str, str, str]:
    """The public id of a row with a sealed value, the field that shows it, and the value."""
    for (place, name, row_id), text in opened(desk.url, keyring_in(desk.url)).items():
        if place == table:
            return f"{PREFIXES[table]}_{row_id}", FIELDS[name], text
    raise AssertionError(table)


@pytest.mark.parametrize(
    ("table", "who"),
    [("customers", AGENT), ("bank_accounts", AGENT), ("medical_exams", UNDERWRITER), ("medical_exams", ADMINISTRATOR)],
)
async def test_a_value_is_shown_and_its_audit_entry_with_it(
    desk: Desk, table: str, who: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    row, field, text = _some(desk, table)
    payload = await desk.done(who, REVEAL, id=row, field=field, purpose=PURPOSE)
    assert payload == {"value": text, "userErrors": []}
    (owner,) = desk.rows(f"select {OWNERS[table]}::text from {table} where id = %s", row[4:])[0]
    (entry,) = await desk.log("REVEAL")
    assert (entry["actor_id"], entry["customer_ids"], entry["purpose"]) == (who.id, [owner], PURPOSE)
    assert entry["sensitive_fields"] == [
        {"customers": "Customer.nationalId", "bank_accounts": "BankAccount.iban", "medical_exams": "MedicalExam.notes"}[
            table
        ]
    ]
    assert await desk.log("PROFILE_OPENED") == []
    assert text not in caplog.text
    assert text not in repr(desk.rows("select to_jsonb(e)::text from audit_entries e"))


@pytest.mark.parametrize(
    ("table", "who", "code"),
    [
        ("customers", UNDERWRITER, "FORBIDDEN"),
        ("bank_accounts", actor(Role.UNDERWRITER), "FORBIDDEN"),
        ("medical_exams", AGENT, "FORBIDDEN"),
        (
            "medical_exams",
            Actor(ActorKind.USER, Audience.STAFF, AGENT.id, permissions=frozenset({"medical:read", "customers:read"})),
            "FORBIDDEN",
        ),
        ("customers", ANONYMOUS, "UNAUTHENTICATED"),
    ],
)
async def test_others_get_nothing_and_the_log_says_so(desk: Desk, table: str, who: Actor, code: str) -> None:
    row, field, text = _some(desk, table)
    answer = await desk.ask(who, REVEAL, id=row, field=field, purpose=PURPOSE)
    assert answer.codes == [code]
    assert answer.outcome.data is None
    assert text not in repr(answer)
    assert await desk.log("REVEAL") == []
    refusals = await desk.log("REFUSAL")
    if who is ANONYMOUS:
        assert refusals == []
    else:
        assert [(entry["actor_id"], entry["operation"]) for entry in refusals] == [(who.id, "Show")]


@pytest.mark.parametrize(
    "purpose", ["", "short", "a  b     c   ", "x" * 1001, "the customer\x07asked for it", "a\0" * 9]
)
async def test_without_a_purpose_there_is_no_value(desk: Desk, purpose: str) -> None:
    row, field, _ = _some(desk, "customers")
    payload = await desk.done(AGENT, REVEAL, id=row, field=field, purpose=purpose)
    assert payload["value"] is None
    assert [error["field"] for error in payload["userErrors"]] == [["purpose"]]
    assert await desk.log("REVEAL") == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"field": "birthDate"}, "BAD_USER_INPUT"),
        ({"field": "national_id"}, "BAD_USER_INPUT"),
        ({"field": "nationalId; drop table customers"}, "BAD_USER_INPUT"),
        ({"id": "cus_0192f0c1-0000-7000-8000-000000000000"}, "NOT_FOUND"),
        ({"id": "cus_1 or true"}, "BAD_USER_INPUT"),
        ({"id": "xyz"}, "BAD_USER_INPUT"),
    ],
)
async def test_what_is_not_there_cannot_be_revealed(desk: Desk, changed: dict[str, Any], code: str) -> None:
    row, field, _ = _some(desk, "customers")
    payload = await desk.done(AGENT, REVEAL, **{"id": row, "field": field, "purpose": PURPOSE, **changed})
    assert payload["value"] is None
    assert [error["code"] for error in payload["userErrors"]] == [code]
    assert await desk.log("REVEAL") == []


async def test_no_entry_no_value(desk: Desk) -> None:
    row, field, text = _some(desk, "customers")
    with psycopg.connect(desk.url, autocommit=True) as connection:
        connection.execute("alter table audit_entries add constraint none check (kind <> 'REVEAL')")
    answer = await desk.ask(AGENT, REVEAL, id=row, field=field, purpose=PURPOSE)
    assert answer.codes == ["INTERNAL"]
    assert text not in repr(answer)


async def test_masks_say_whether_they_can_be_lifted(either: Desk) -> None:
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) {
        ... on Customer { nationalId { masked revealable } bankAccounts { iban { revealable } } }
        ... on MedicalExam { notes { revealable } } } }"""
    ids = [_some(either, "customers")[0], _some(either, "medical_exams")[0]]
    for who, customers, notes in ((ADMINISTRATOR, True, True), (UNDERWRITER, False, True)):
        # Twice, so that the second is answered by a plan that was made for another actor, if that could be.
        for _ in range(2):
            customer, exam = (await either.ask(who, query, ids=ids)).data["nodes"]
            assert customer["nationalId"]["revealable"] is customers
            assert {account["iban"]["revealable"] for account in customer["bankAccounts"]} <= {customers}
            assert exam["notes"]["revealable"] is notes
