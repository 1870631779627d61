"""What commands about orders refuse; each refusal is told to have changed nothing."""

from typing import Any

import pytest

from auth.actor import SYSTEM, Actor, user
from auth.permissions import ROLES
from changes import perform
from changes.commands import COMMANDS
from changes.orders import ApproveOrder
from core.errors import RequestError
from core.ids import row_id
from models.roles import Role
from tests.access.desk import AGENT, UNDERWRITER, Desk, actor
from tests.changes.orders.paper import (
    MANAGER,
    SENIOR,
    applicant,
    changed,
    did,
    drafted,
    everything,
    handed_in,
    mutation,
    refused,
    soon,
    terms,
    underwritten,
    verified,
)

NOWHERE = "0192f0c1-7c3e-7b11-a0b1-00000000dead"

# Every command about an order that is there: what it takes besides, and a status it cannot be in.
OF_ORDERS: dict[str, tuple[dict[str, Any], str]] = {
    "changeOrder": ({"coverageAmount": "70000"}, "SUBMITTED"),
    "submitOrder": ({}, "SUBMITTED"),
    "requireOrderDocuments": ({"kinds": ["IDENTITY"]}, "APPROVED"),
    "requireMedicalExam": ({}, "MEDICAL_EXAM_PENDING"),
    "underwriteOrder": ({}, "DRAFT"),
    "referOrder": ({"reason": "x"}, "SUBMITTED"),
    "decideUnderwriting": ({"outcome": "ACCEPTED", "reason": "x"}, "UNDERWRITING"),
    "approveOrder": ({}, "SUBMITTED"),
    "rejectOrder": ({"reason": "x"}, "APPROVED"),
    "withdrawOrder": ({}, "ISSUED"),
}
OF_DOCUMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "receiveOrderDocument": ({}, "VERIFIED"),
    "verifyOrderDocument": ({}, "REQUIRED"),
    "refuseOrderDocument": ({"reason": "x"}, "REQUIRED"),
    "waiveOrderDocument": ({"reason": "x"}, "VERIFIED"),
}
OF_EXAMS: dict[str, tuple[dict[str, Any], str]] = {
    "scheduleMedicalExam": ({"scheduledAt": "2100-05-04T09:30:00Z", "provider": "Clinic"}, "COMPLETED"),
    "completeMedicalExam": ({"result": "STANDARD"}, "REQUIRED"),
    "missMedicalExam": ({}, "REQUIRED"),
    "cancelMedicalExam": ({}, "CANCELLED"),
}
ALL = {
    **{name: ("orderId", "ord", *row) for name, row in OF_ORDERS.items()},
    **{name: ("documentId", "odc", *row) for name, row in OF_DOCUMENTS.items()},
    **{name: ("medicalExamId", "mex", *row) for name, row in OF_EXAMS.items()},
}
_TABLES = {"ord": "orders", "odc": "order_documents", "mex": "medical_exams"}


def permission_of(name: str) -> str:
    """What the command of a mutation needs."""
    return COMMANDS[name[0].upper() + name[1:]].permission


async def subject(desk: Desk, prefix: str, status: str | None = None) -> tuple[str, dict[str, Any]]:
    """The id of an order, a document or an exam, in a status if wanted; and the order."""
    order = await handed_in(desk, "LIFE-TERM", coverageAmount="80000")
    row = order["id"] if prefix == "ord" else None
    if prefix != "ord":
        query = f"select id::text from {_TABLES[prefix]} where order_id = %s limit 1"
        row = f"{prefix}_{desk.rows(query, row_id(order['id'], 'ord', 'order'))[0][0]}"
    assert row
    if status:
        statement = f"update {_TABLES[prefix]} set status = %s where id = %s returning 1"
        changed(desk, statement, status, row.removeprefix(f"{prefix}_"))
    return row, order


@pytest.mark.parametrize("name", ["draftOrder", *ALL])
async def test_who_lacks_the_permission_changes_nothing(desk: Desk, name: str) -> None:
    permission = permission_of(name)
    without = [role for role in Role if permission not in ROLES[role] and role is not Role.PARTNER]
    given = (
        terms(desk) if name == "draftOrder" else {ALL[name][0]: (await subject(desk, ALL[name][1]))[0], **ALL[name][2]}
    )
    before = everything(desk)
    for role in without:
        answer = await desk.ask(actor(role, 7), mutation(name, actor(role, 7)), input=given)
        assert answer.codes == ["FORBIDDEN"]
    narrowed = user(str(MANAGER.id), frozenset({Role.MANAGER}), scopes=ROLES[Role.MANAGER] - {permission})
    assert (await desk.ask(narrowed, mutation(name, narrowed), input=given)).codes == ["FORBIDDEN"]
    assert everything(desk) == before


@pytest.mark.parametrize("name", ALL)
async def test_a_wrong_state_is_refused(desk: Desk, name: str) -> None:
    argument, prefix, given, status = ALL[name]
    row, _ = await subject(desk, prefix, status)
    error = await refused(desk, MANAGER, name, **{argument: row}, **given)
    assert error["code"] in ("TRANSITION_IMPOSSIBLE", "ORDER_NOT_A_DRAFT", "ORDER_NOT_REFERRED")


@pytest.mark.parametrize("name", [*OF_DOCUMENTS, *OF_EXAMS])
async def test_nothing_of_a_decided_order_is_changed(desk: Desk, name: str) -> None:
    argument, prefix, given, _ = ALL[name]
    row, order = await subject(desk, prefix)
    changed(desk, "update orders set status = 'REJECTED' where id = %s returning 1", order["id"].removeprefix("ord_"))
    error = await refused(desk, MANAGER, name, **{argument: row}, **given)
    assert (error["code"], error["field"]) == ("ORDER_NOT_UNDER_REVIEW", ["input", argument])


@pytest.mark.parametrize("name", ALL)
async def test_an_old_version_is_a_conflict(desk: Desk, name: str) -> None:
    argument, prefix, given, _ = ALL[name]
    row, order = await subject(desk, prefix)
    error = await refused(desk, MANAGER, name, **{argument: row}, expectedVersion=order["version"] - 1, **given)
    assert (error["code"], error["currentVersion"]) == ("CONFLICT", order["version"])


@pytest.mark.parametrize("name", ALL)
async def test_what_is_not_there_and_what_is_out_of_sight_are_the_same(desk: Desk, name: str) -> None:
    argument, prefix, given, _ = ALL[name]
    row, order = await subject(desk, prefix)
    changed(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x'"
        " where id = (select customer_id from orders where id = %s) returning 1",
        order["id"].removeprefix("ord_"),
    )
    who = _whoever(permission_of(name))
    hidden = await refused(desk, who, name, **{argument: row}, **given)
    missing = await refused(desk, who, name, **{argument: f"{prefix}_{NOWHERE}"}, **given)
    assert hidden == missing
    assert (hidden["code"], hidden["field"]) == ("NOT_FOUND", ["input", argument])


def _whoever(permission: str) -> Actor:
    """Somebody who has the permission, but does not see restricted customers."""
    return next(who for who in (AGENT, UNDERWRITER, SENIOR) if who.may(permission))


@pytest.mark.parametrize(
    ("code", "given", "error"),
    [
        ("HOME-CONTENTS", {"coverageAmount": "24999.99"}, ("SUM_OUT_OF_RANGE", "coverageAmount")),
        ("HOME-CONTENTS", {"coverageAmount": "150000.01"}, ("SUM_OUT_OF_RANGE", "coverageAmount")),
        ("HOME-CONTENTS", {"coverageAmount": None}, ("SUM_OUT_OF_RANGE", "coverageAmount")),
        ("HOME-CONTENTS", {"coverageAmount": "60000.001"}, ("BAD_USER_INPUT", "coverageAmount")),
        ("HOME-CONTENTS", {"coverageAmount": "-1"}, ("BAD_USER_INPUT", "coverageAmount")),
        ("HEALTH-DENTAL", {"coverageAmount": "1000"}, ("SUM_NOT_OFFERED", "coverageAmount")),
        ("HOME-CONTENTS", {"billingFrequency": "SINGLE"}, ("FREQUENCY_NOT_OFFERED", "billingFrequency")),
        ("TRAVEL-TRIP", {"coverageAmount": "5000"}, ("FREQUENCY_NOT_OFFERED", "billingFrequency")),
        ("HOME-CONTENTS", {"requestedStartOn": soon(-1)}, ("START_IN_PAST", "requestedStartOn")),
        ("HOME-CONTENTS", {"requestedStartOn": soon(400)}, ("START_TOO_FAR", "requestedStartOn")),
        ("HOME-CONTENTS", {"requestedStartOn": "1066-10-14"}, ("BAD_USER_INPUT", "requestedStartOn")),
        ("COMM-CYBER", {"coverageAmount": "200000"}, ("CUSTOMER_NOT_ELIGIBLE", "customerId")),
        ("HOME-CONTENTS", {"productId": f"prd_{NOWHERE}"}, ("NOT_FOUND", "productId")),
        ("HOME-CONTENTS", {"customerId": f"cus_{NOWHERE}"}, ("NOT_FOUND", "customerId")),
        ("HOME-CONTENTS", {"customerId": f"clm_{NOWHERE}"}, ("BAD_USER_INPUT", "customerId")),
    ],
)
async def test_impossible_terms_name_what_is_in_the_way(
    desk: Desk, code: str, given: dict[str, Any], error: tuple[str, str]
) -> None:
    refusal = await refused(desk, AGENT, "draftOrder", **(terms(desk, code) | given))
    assert (refusal["code"], refusal["field"]) == (error[0], ["input", error[1]])


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "DECEASED"},
        {"status": "SUSPENDED"},
        {"birth_date": "2020-02-29"},
        {"birth_date": "1940-01-01"},
        {"birth_date": None},
    ],
)
async def test_who_is_not_eligible_is_told_neither_age_nor_state(desk: Desk, facts: dict[str, Any]) -> None:
    given = terms(desk, "LIFE-TERM", customerId=applicant(desk, **facts), coverageAmount="80000")
    error = await refused(desk, AGENT, "draftOrder", **given)
    assert (error["code"], error["field"]) == ("CUSTOMER_NOT_ELIGIBLE", ["input", "customerId"])
    assert not [word for word in ("DECEASED", "SUSPENDED", "2020", "1940") if word.lower() in error["message"].lower()]


async def test_what_became_impossible_since_the_draft_is_not_handed_in(desk: Desk) -> None:
    order = await drafted(desk)
    changed(desk, "update products set status = 'CLOSED' where code = 'HOME-CONTENTS' returning 1")
    error = await refused(desk, AGENT, "submitOrder", orderId=order["id"])
    assert (error["code"], error["field"]) == ("PRODUCT_NOT_ON_SALE", ["input", "orderId"])
    assert (await refused(desk, AGENT, "draftOrder", **terms(desk)))["field"] == ["input", "productId"]


async def test_a_risk_is_assessed_when_nothing_is_open(desk: Desk) -> None:
    order = await handed_in(desk, "LIFE-TERM", coverageAmount="80000")
    error = await refused(desk, UNDERWRITER, "underwriteOrder", orderId=order["id"])
    assert error["code"] == "DOCUMENTS_OPEN"
    assert "HEALTH_DECLARATION" in error["message"]
    await verified(desk, order)
    assert (await refused(desk, UNDERWRITER, "underwriteOrder", orderId=order["id"]))["code"] == "MEDICAL_EXAM_OPEN"


async def test_nothing_is_waited_for_that_is_not_asked_for(desk: Desk) -> None:
    order = await verified(desk, await handed_in(desk))
    error = await refused(desk, UNDERWRITER, "requireOrderDocuments", orderId=order["id"])
    assert (error["code"], error["field"]) == ("NO_DOCUMENT_OPEN", ["input", "kinds"])


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("decideUnderwriting", {"outcome": "REFERRED", "reason": "x"}, "outcome"),
        ("decideUnderwriting", {"outcome": "ACCEPTED_WITH_LOADING", "reason": "x"}, "loadingPercent"),
        ("decideUnderwriting", {"outcome": "ACCEPTED", "loadingPercent": "10", "reason": "x"}, "loadingPercent"),
        (
            "decideUnderwriting",
            {"outcome": "ACCEPTED_WITH_LOADING", "loadingPercent": "301", "reason": "x"},
            "loadingPercent",
        ),
        ("decideUnderwriting", {"outcome": "ACCEPTED", "reason": "  "}, "reason"),
        ("rejectOrder", {"reason": "x" * 501}, "reason"),
        ("requireOrderDocuments", {"kinds": ["IDENTITY"] * 21}, "kinds"),
    ],
)
async def test_bad_input_names_its_argument(desk: Desk, name: str, given: dict[str, Any], field: str) -> None:
    order = await handed_in(desk)
    error = await refused(desk, MANAGER, name, orderId=order["id"], **given)
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", field])


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("scheduleMedicalExam", {"scheduledAt": "2020-05-04T09:30:00Z", "provider": "Clinic"}, "scheduledAt"),
        ("scheduleMedicalExam", {"scheduledAt": "2100-05-04T09:30:00Z", "provider": " "}, "provider"),
        ("completeMedicalExam", {"completedAt": "2100-05-04T09:30:00Z", "result": "STANDARD"}, "completedAt"),
        ("completeMedicalExam", {"result": "STANDARD", "notes": "x" * 4001}, "notes"),
    ],
)
async def test_bad_input_about_an_exam_names_its_argument(
    desk: Desk, name: str, given: dict[str, Any], field: str
) -> None:
    row, _ = await subject(desk, "mex")
    error = await refused(desk, UNDERWRITER, name, medicalExamId=row, **given)
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", field])


async def test_only_a_person_is_examined(desk: Desk) -> None:
    order = await handed_in(desk)
    changed(
        desk,
        "update customers set kind = 'ORGANISATION' where id = (select customer_id from orders where id = %s)"
        " returning 1",
        order["id"].removeprefix("ord_"),
    )
    assert (await refused(desk, UNDERWRITER, "requireMedicalExam", orderId=order["id"]))["code"] == "NOT_A_PERSON"


async def test_who_handed_an_order_in_does_not_approve_it(desk: Desk) -> None:
    order = await verified(desk, await handed_in(desk, who=SENIOR))
    order = await did(desk, UNDERWRITER, "underwriteOrder", orderId=order["id"])
    assert (await refused(desk, SENIOR, "approveOrder", orderId=order["id"]))["code"] == "FOUR_EYES"
    other = actor(Role.SENIOR_AGENT, 8)
    assert (await did(desk, other, "approveOrder", orderId=order["id"]))["status"] == "APPROVED"


async def test_what_the_rules_do_not_accept_is_not_approved(desk: Desk) -> None:
    order = await underwritten(desk, customerId=applicant(desk, risk_band="HIGH", risk_score=70))
    assert order["status"] == "REFERRED"
    assert (await refused(desk, MANAGER, "approveOrder", orderId=order["id"]))["code"] == "NOT_UNDERWRITTEN"
    declined = {"outcome": "DECLINED", "reason": "Too high a risk"}
    await did(desk, UNDERWRITER, "decideUnderwriting", orderId=order["id"], **declined)
    assert (await refused(desk, MANAGER, "approveOrder", orderId=order["id"]))["code"] == "NOT_UNDERWRITTEN"


@pytest.mark.parametrize(
    ("code", "amount", "able"),
    [
        # A sum on a life above a senior agent's limit, then above an underwriter's; a premium above a senior agent's.
        ("LIFE-TERM", "150000", (UNDERWRITER, MANAGER)),
        ("LIFE-TERM", "450000", (MANAGER,)),
        ("LIFE-TERM", "90000", (SENIOR, UNDERWRITER, MANAGER)),
        ("HOME-BUILDING", "900000", (UNDERWRITER, MANAGER)),
    ],
)
async def test_a_role_approves_up_to_its_limit(desk: Desk, code: str, amount: str, able: tuple[Actor, ...]) -> None:
    order = await underwritten(desk, code, coverageAmount=amount)
    if order["status"] == "REFERRED":
        given = {"outcome": "ACCEPTED", "reason": "Checked by hand"}
        await did(desk, UNDERWRITER, "decideUnderwriting", orderId=order["id"], **given)
    for who in (SENIOR, UNDERWRITER, MANAGER):
        if who not in able:
            error = await refused(desk, who, "approveOrder", orderId=order["id"])
            assert (error["code"], error["field"]) == ("APPROVAL_LIMIT_EXCEEDED", ["input", "orderId"])
            assert "manager or administrator" in error["message"]
    assert (await did(desk, able[0], "approveOrder", orderId=order["id"]))["status"] == "APPROVED"


async def test_the_service_itself_approves_nothing(desk: Desk) -> None:
    order = await underwritten(desk)
    before = everything(desk)
    command = ApproveOrder(order_id=row_id(order["id"], "ord", "order"))  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="you may approve nothing"):
        await perform(desk.services.door, SYSTEM, command)
    assert everything(desk) == before


def _partner(desk: Desk) -> tuple[Actor, str, str]:
    """A partner's user, a person of its book, and one that is not."""
    (found,) = desk.rows(
        "select p.id::text, own.id::text, other.id::text from partners p"
        " cross join lateral (select u.id from customers u join partner_book b on b.object_id = u.id"
        "   where b.partner_id = p.id and u.kind = 'PERSON' and not u.restricted order by u.id limit 1) own"
        " cross join lateral (select u.id from customers u where u.kind = 'PERSON' and not exists"
        "   (select from partner_book b where b.object_id = u.id and b.partner_id = p.id) order by u.id limit 1) other"
        " order by p.id limit 1"
    )
    who = user("0192f0c1-7c3e-7b11-a0b1-000000000009", frozenset({Role.PARTNER}), partner_id=found[0])
    for person in found[1:]:
        changed(
            desk,
            "update customers set birth_date = '1985-03-01', status = 'ACTIVE', kyc_status = 'VERIFIED',"
            " risk_score = 12, risk_band = 'LOW' where id = %s returning 1",
            person,
        )
    return who, f"cus_{found[1]}", f"cus_{found[2]}"


async def test_a_partner_orders_for_its_own_customers_only(desk: Desk) -> None:
    partner, own, other = _partner(desk)
    assert (await refused(desk, partner, "draftOrder", **terms(desk, customerId=other)))["code"] == "NOT_FOUND"
    order = await handed_in(desk, who=partner, customerId=own)
    assert order["status"] == "SUBMITTED"
    found = desk.rows("select partner_id::text from orders where id = %s", order["id"].removeprefix("ord_"))
    assert found == [(partner.partner_id,)]
    document = order["documents"][0]["id"]
    order = await did(desk, partner, "receiveOrderDocument", documentId=document)
    assert order["documents"][0]["status"] == "RECEIVED"
    assert (await did(desk, partner, "withdrawOrder", orderId=order["id"]))["status"] == "WITHDRAWN"


@pytest.mark.parametrize("name", [name for name in ALL if permission_of(name) in ROLES[Role.PARTNER]])
async def test_a_partner_changes_nothing_out_of_its_book(desk: Desk, name: str) -> None:
    argument, prefix, given, _ = ALL[name]
    partner, _, other = _partner(desk)
    order = await handed_in(desk, customerId=other)
    row = order["id"] if prefix == "ord" else order["documents"][0]["id"]
    error = await refused(desk, partner, name, **{argument: row}, **given)
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", argument])


async def test_the_same_key_drafts_once(desk: Desk) -> None:
    given = terms(desk)
    first = await desk.done(AGENT, mutation("draftOrder", AGENT), input=given, key="draft-1")
    before = everything(desk)
    assert await desk.done(AGENT, mutation("draftOrder", AGENT), input=given, key="draft-1") == first
    assert everything(desk) == before


async def test_every_command_about_orders_is_in_these_tables() -> None:
    of_orders = {name for name, command in COMMANDS.items() if command.__module__.startswith("changes.orders")}
    assert of_orders == {name[0].upper() + name[1:] for name in (*ALL, "draftOrder")}
