"""Orders on their whole way: what each command does, its events, its audit entry."""

from typing import Any

from tests.access.desk import AGENT, UNDERWRITER, Desk
from tests.changes.orders.paper import (
    MANAGER,
    SENIOR,
    applicant,
    did,
    drafted,
    examined,
    handed_in,
    underwritten,
    verified,
)


def events_of(desk: Desk, order: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Types and payloads of the order's events, in order."""
    found = desk.rows(
        "select type, payload from events where subject_id = %s order by id", order["id"].removeprefix("ord_")
    )
    return [(row[0], row[1]) for row in found]


async def test_a_simple_order_is_accepted_by_the_rules_and_approved(desk: Desk) -> None:
    order = await drafted(desk)
    assert (order["status"], order["premium"]) == ("DRAFT", {"amount": "133.11", "currency": "EUR"})
    assert order["availableTransitions"] == ["submit", "withdraw"]
    order = await did(desk, AGENT, "submitOrder", orderId=order["id"], expectedVersion=order["version"])
    assert (order["status"], order["submittedBy"]) == ("SUBMITTED", f"usr_{AGENT.id}")
    assert [(document["kind"], document["status"]) for document in order["documents"]] == [
        ("SIGNED_APPLICATION", "REQUIRED")
    ]
    order = await verified(desk, order)
    order = await did(desk, UNDERWRITER, "underwriteOrder", orderId=order["id"])
    assert order["status"] == "UNDERWRITING"
    assert order["underwritingDecisions"] == [
        {"mode": "AUTOMATIC", "outcome": "ACCEPTED", "loadingPercent": None, "reason": None}
    ]
    order = await did(desk, SENIOR, "approveOrder", orderId=order["id"])
    assert (order["status"], order["premium"]["amount"]) == ("APPROVED", "133.11")
    assert [(step["fromStatus"], step["toStatus"]) for step in order["history"]] == [
        (None, "DRAFT"),
        ("DRAFT", "SUBMITTED"),
        ("SUBMITTED", "UNDERWRITING"),
        ("UNDERWRITING", "APPROVED"),
    ]
    base = {"product": "HOME-CONTENTS", "channel": "PHONE"}
    assert events_of(desk, order) == [
        ("OrderDrafted", {"status": "DRAFT", **base}),
        ("OrderSubmitted", {"status": "SUBMITTED", **base}),
        ("DocumentVerified", {"kind": "SIGNED_APPLICATION"}),
        ("OrderStatusChanged", {"status": "UNDERWRITING", "from": "SUBMITTED", **base}),
        ("UnderwritingDecided", {"outcome": "ACCEPTED", "riskScore": 12}),
        ("OrderApproved", {"status": "APPROVED", "premium": "133.11", "currency": "EUR", **base}),
    ]
    operations = [entry["operation"] for entry in await desk.log("MUTATION")]
    assert operations == [
        "DraftOrder",
        "SubmitOrder",
        "ReceiveOrderDocument",
        "VerifyOrderDocument",
        "UnderwriteOrder",
        "ApproveOrder",
    ]


async def test_a_life_is_examined_referred_loaded_and_approved(desk: Desk) -> None:
    customer = applicant(desk)
    order = await handed_in(desk, "LIFE-TERM", customerId=customer, coverageAmount="320000", billingFrequency="MONTHLY")
    assert sorted(document["kind"] for document in order["documents"]) == [
        "HEALTH_DECLARATION",
        "INCOME",
        "SIGNED_APPLICATION",
    ]
    order = await did(
        desk, UNDERWRITER, "requireOrderDocuments", orderId=order["id"], kinds=["MEDICAL_REPORT", "INCOME"]
    )
    assert order["status"] == "DOCUMENTS_PENDING"
    assert len(order["documents"]) == 4, "what is asked for already is not asked for twice"
    order = await verified(desk, order)
    order = await did(desk, UNDERWRITER, "requireMedicalExam", orderId=order["id"])
    assert order["status"] == "MEDICAL_EXAM_PENDING"
    assert [exam["status"] for exam in order["medicalExams"]] == ["REQUIRED"], "the one that is open"
    quoted = order["premium"]["amount"]
    order = await examined(desk, order, "RATED", notes="Blood pressure 150/95.")
    (exam,) = order["medicalExams"]
    assert (exam["status"], exam["result"], exam["notes"]) == ("COMPLETED", "RATED", {"masked": "••••"})
    order = await did(desk, UNDERWRITER, "underwriteOrder", orderId=order["id"])
    assert order["status"] == "REFERRED"
    order = await did(
        desk,
        UNDERWRITER,
        "decideUnderwriting",
        orderId=order["id"],
        outcome="ACCEPTED_WITH_LOADING",
        loadingPercent="25",
        reason="Raised risk, insurable",
    )
    assert order["status"] == "REFERRED"
    order = await did(desk, MANAGER, "approveOrder", orderId=order["id"])
    assert float(order["premium"]["amount"]) == round(float(quoted) * 1.25, 2)
    outcomes = [payload["outcome"] for kind, payload in events_of(desk, order) if kind == "UnderwritingDecided"]
    assert outcomes == ["REFERRED", "ACCEPTED_WITH_LOADING"]
    # What the physician found stands nowhere but in the exam.
    kinds = dict(events_of(desk, order))
    assert kinds["MedicalExamCompleted"] == {"status": "COMPLETED"}
    assert "150/95" not in repr(await desk.log("MUTATION"))
    shown = await desk.done(
        UNDERWRITER,
        'mutation ($id: ID!) { reveal(id: $id, field: "notes", purpose: "assessing the order") { value } }',
        id=exam["id"],
    )
    assert shown == {"value": "Blood pressure 150/95."}
    assert desk.rows("select count(*) from medical_exams where notes_sealed is not null and order_id = %s",
                     order["id"].removeprefix("ord_")) == [(1,)]  # fmt: skip


async def test_what_the_rules_decline_a_person_rejects(desk: Desk) -> None:
    order = await underwritten(desk, customerId=applicant(desk, risk_band="CRITICAL", risk_score=90))
    assert (order["status"], order["underwritingDecisions"][0]["outcome"]) == ("UNDERWRITING", "DECLINED")
    order = await did(desk, SENIOR, "rejectOrder", orderId=order["id"], reason="Outside the guidelines")
    assert (order["status"], order["rejectionReason"]) == ("REJECTED", "Outside the guidelines")
    assert order["history"][-1]["reason"] == "Outside the guidelines"
    kind, payload = events_of(desk, order)[-1]
    assert kind == "OrderRejected"
    assert "guidelines" not in repr(payload)


async def test_an_underwriter_may_overrule_the_rules(desk: Desk) -> None:
    order = await underwritten(desk, customerId=applicant(desk, risk_band="CRITICAL", risk_score=90))
    order = await did(desk, UNDERWRITER, "referOrder", orderId=order["id"], reason="The score is out of date")
    given = {"outcome": "ACCEPTED", "reason": "Checked by hand"}
    order = await did(desk, UNDERWRITER, "decideUnderwriting", orderId=order["id"], **given)
    order = await did(desk, UNDERWRITER, "approveOrder", orderId=order["id"])
    assert order["status"] == "APPROVED"


async def test_a_withdrawn_order_calls_off_its_exam(desk: Desk) -> None:
    order = await handed_in(desk, "LIFE-TERM", coverageAmount="80000")
    order = await did(desk, AGENT, "withdrawOrder", orderId=order["id"], reason="Found a better offer")
    assert order["status"] == "WITHDRAWN"
    assert desk.rows("select status from medical_exams where order_id = %s", order["id"].removeprefix("ord_")) == [
        ("CANCELLED",)
    ]


async def test_a_refused_document_comes_again_or_is_waived(desk: Desk) -> None:
    order = await handed_in(desk)
    (document,) = order["documents"]
    given = {"documentId": document["id"]}
    await did(desk, AGENT, "receiveOrderDocument", **given)
    order = await did(desk, UNDERWRITER, "refuseOrderDocument", **given, reason="Not signed")
    assert (order["documents"][0]["status"], order["documents"][0]["rejectionReason"]) == ("REJECTED", "Not signed")
    order = await did(desk, UNDERWRITER, "receiveOrderDocument", **given)
    assert (order["documents"][0]["status"], order["documents"][0]["rejectionReason"]) == ("RECEIVED", None)
    order = await did(desk, UNDERWRITER, "waiveOrderDocument", **given, reason="Signed on the tablet")
    assert order["documents"][0]["status"] == "WAIVED"
    order = await did(desk, UNDERWRITER, "underwriteOrder", orderId=order["id"])
    assert order["status"] == "UNDERWRITING"


async def test_an_exam_is_missed_given_another_date_and_cancelled(desk: Desk) -> None:
    order = await handed_in(desk, "LIFE-TERM", coverageAmount="80000")
    order = await did(desk, UNDERWRITER, "requireMedicalExam", orderId=order["id"])
    given = {"medicalExamId": order["medicalExams"][0]["id"]}
    date = {"scheduledAt": "2100-05-04T09:30:00Z", "provider": "Clinic"}
    for name, status, more in (
        ("schedule", "SCHEDULED", date),
        ("miss", "MISSED", {}),
        ("schedule", "SCHEDULED", date),
        ("cancel", "CANCELLED", {}),
    ):
        order = await did(desk, UNDERWRITER, f"{name}MedicalExam", **given, **more)
        assert order["medicalExams"][0]["status"] == status
    scheduled = [payload for kind, payload in events_of(desk, order) if kind == "MedicalExamScheduled"]
    assert scheduled == [{"dueOn": "2100-05-04"}] * 2


async def test_changing_a_draft_quotes_anew(desk: Desk) -> None:
    order = await drafted(desk)
    order = await did(
        desk, AGENT, "changeOrder", orderId=order["id"], coverageAmount="25000", billingFrequency="QUARTERLY"
    )
    assert (order["premium"]["amount"], order["coverage"]["amount"]) == ("27.19", "25000.00")
