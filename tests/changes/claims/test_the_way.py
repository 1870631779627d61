"""Claims on their whole way: reported, examined, approved, paid in parts, closed, and what is refused on it."""

from typing import Any

import pytest

from auth.actor import SYSTEM, Actor
from changes import perform
from changes.claims import ApproveClaim
from core.errors import RequestError
from core.ids import row_id
from tests.access.desk import AGENT, Desk
from tests.changes.claims.asking import (
    MANAGER,
    OTHER_MANAGER,
    SENIOR,
    claim,
    did,
    document,
    events_of,
    handler,
    mutation,
    partner,
    payment,
    refused,
    report,
    today,
)
from tests.changes.customers.asking import run
from tests.changes.digests import everything


async def test_a_claim_is_reported_examined_approved_paid_in_parts_and_closed(desk: Desk) -> None:
    shown = await did(desk, AGENT, "submitClaim", **report(desk))
    given = {"claimId": shown["id"]}
    assert (shown["status"], shown["reserve"]) == ("SUBMITTED", {"amount": "1800.00"})
    await did(desk, SENIOR, "acknowledgeClaim", **given)
    agent = handler(desk)
    assert (await did(desk, SENIOR, "assignClaim", **given, agentId=agent))["handler"] == {"id": agent}
    await did(desk, SENIOR, "investigateClaim", **given)
    shown = await did(desk, SENIOR, "requestClaimInformation", **given, documents=["INVOICE"], note="Asked for it.")
    assert (shown["status"], shown["notes"]) == ("PENDING_INFO", [{"body": "Asked for it."}])
    ((wanted,),) = desk.rows("select id::text from claim_documents where claim_id = %s", shown["id"][4:])
    shown = await did(desk, AGENT, "receiveClaimDocument", documentId=f"cld_{wanted}", name="invoice.pdf")
    assert shown["document"]["name"] == "invoice.pdf"
    await did(desk, SENIOR, "investigateClaim", **given)
    assert (await refused(desk, SENIOR, "proposeClaimAmount", **given, amount="1500"))["code"] == "DOCUMENTS_OPEN"
    await did(desk, SENIOR, "verifyClaimDocument", documentId=f"cld_{wanted}")
    shown = await did(desk, SENIOR, "proposeClaimAmount", **given, amount="1500")
    assert (shown["status"], shown["proposedBy"]) == ("PENDING_APPROVAL", f"usr_{SENIOR.id}")
    shown = await did(desk, MANAGER, "approveClaim", **given)
    assert (shown["status"], shown["approved"]["amount"]) == ("APPROVED", "1500.00")
    first = await did(desk, SENIOR, "orderClaimPayment", **given, amount="600", method="BANK_TRANSFER")
    rest = await did(desk, SENIOR, "orderClaimPayment", **given, method="BANK_TRANSFER", payee="Garage")
    assert (rest["payment"]["amount"]["amount"], rest["payment"]["payee"]) == ("900.00", "Garage")
    left = await refused(desk, SENIOR, "orderClaimPayment", **given, method="BANK_TRANSFER")
    assert (left["code"], left["field"]) == ("NOTHING_LEFT", ["input", "claimId"])
    shown = await did(desk, SENIOR, "recordClaimPayment", paymentId=first["payment"]["id"])
    assert (shown["status"], shown["paid"]["amount"], shown["reserve"]["amount"]) == ("APPROVED", "600.00", "900.00")
    shown = await did(desk, SENIOR, "recordClaimPayment", paymentId=rest["payment"]["id"])
    assert (shown["status"], shown["paid"]["amount"], shown["reserve"]["amount"]) == ("SETTLED", "1500.00", "0.00")
    shown = await did(desk, SENIOR, "closeClaim", **given)
    assert shown["availableTransitions"] == ["reopen"]
    sum_ = {"currency": "EUR"}
    assert events_of(desk, shown["id"][4:]) == [
        (
            "ClaimSubmitted",
            {
                "status": "SUBMITTED",
                "amount": "1800.00",
                "cause": "COLLISION",
                "incidentOn": today(-5).isoformat(),
                **sum_,
            },
        ),
        ("ClaimStatusChanged", {"from": "SUBMITTED", "status": "ACKNOWLEDGED"}),
        ("ClaimAssigned", {"status": "ACKNOWLEDGED"}),
        ("ClaimStatusChanged", {"from": "ACKNOWLEDGED", "status": "INVESTIGATING"}),
        ("ClaimStatusChanged", {"from": "INVESTIGATING", "status": "PENDING_INFO"}),
        ("ClaimDocumentReceived", {"kind": "INVOICE"}),
        ("ClaimStatusChanged", {"from": "PENDING_INFO", "status": "INVESTIGATING"}),
        ("DocumentVerified", {"kind": "INVOICE"}),
        (
            "ClaimStatusChanged",
            {"from": "INVESTIGATING", "status": "PENDING_APPROVAL", "amount": "1500.00", **sum_},
        ),
        ("ClaimApproved", {"status": "APPROVED", "amount": "1500.00", "level": 1, **sum_}),
        ("ClaimPaymentOrdered", {"amount": "600.00", "method": "BANK_TRANSFER", **sum_}),
        ("ClaimPaymentOrdered", {"amount": "900.00", "method": "BANK_TRANSFER", **sum_}),
        ("ClaimPaymentMade", {"amount": "600.00", "method": "BANK_TRANSFER", **sum_}),
        ("ClaimPaymentMade", {"amount": "900.00", "method": "BANK_TRANSFER", **sum_}),
        ("ClaimSettled", {"status": "SETTLED", "amount": "1500.00", "method": "BANK_TRANSFER", **sum_}),
        ("ClaimClosed", {"status": "CLOSED", "amount": "1500.00", **sum_}),
    ]


async def test_above_a_sum_two_approve_and_never_who_proposed(desk: Desk) -> None:
    given = {"claimId": f"clm_{claim(desk, amount='30000.00')}"}
    await did(desk, MANAGER, "proposeClaimAmount", **given, amount="30000.00")
    assert (await refused(desk, MANAGER, "approveClaim", **given))["code"] == "FOUR_EYES"
    error = await refused(desk, SENIOR, "approveClaim", **given)
    assert (error["code"], error["field"]) == ("APPROVAL_LIMIT_EXCEEDED", ["input", "claimId"])
    assert "5,000.00 EUR" in error["message"]
    run(desk, "update claims set proposed_by = 'usr_x' where id = %s", given["claimId"][4:])
    shown = await did(desk, OTHER_MANAGER, "approveClaim", **given)
    assert (shown["status"], shown["approved"]) == ("PENDING_APPROVAL", None)
    assert (await refused(desk, OTHER_MANAGER, "approveClaim", **given))["code"] == "FOUR_EYES"
    shown = await did(desk, MANAGER, "approveClaim", **given)
    assert (shown["status"], shown["approved"]["amount"]) == ("APPROVED", "30000.00")
    assert [(one["level"], one["approvedBy"]) for one in shown["approvals"]] == [
        (1, f"usr_{OTHER_MANAGER.id}"),
        (2, f"usr_{MANAGER.id}"),
    ]
    assert events_of(desk, given["claimId"][4:])[-2:] == [
        ("ClaimApprovalGiven", {"amount": "30000.00", "currency": "EUR", "level": 1}),
        ("ClaimApproved", {"status": "APPROVED", "amount": "30000.00", "currency": "EUR", "level": 2}),
    ]


async def test_approvals_of_an_earlier_proposal_do_not_count(desk: Desk) -> None:
    given = {"claimId": f"clm_{claim(desk, 'PENDING_APPROVAL', '30000.00')}"}
    await did(desk, MANAGER, "approveClaim", **given)
    shown = await did(desk, SENIOR, "investigateClaim", **given)
    assert (shown["status"], shown["proposed"], shown["proposedBy"]) == ("INVESTIGATING", None, None)
    await did(desk, SENIOR, "proposeClaimAmount", **given, amount="28000.00")
    shown = await did(desk, MANAGER, "approveClaim", **given)
    assert shown["status"] == "PENDING_APPROVAL"
    assert [one["level"] for one in shown["approvals"]] == [1, 1]


async def test_the_service_itself_approves_nothing(desk: Desk) -> None:
    found = claim(desk, "PENDING_APPROVAL")
    before = everything(desk)
    command = ApproveClaim(claim_id=row_id(f"clm_{found}", "clm", "claim"))  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="you may approve nothing"):
        await perform(desk.services.door, SYSTEM, command)
    assert everything(desk) == before


async def test_a_payment_that_comes_back_is_paid_again(desk: Desk) -> None:
    found = claim(desk, "APPROVED")
    paid = payment(desk, found, "PAID", "400.00")
    shown = await did(desk, SENIOR, "failClaimPayment", paymentId=f"clp_{paid}")
    assert (shown["paid"]["amount"], shown["payment"]["status"]) == ("0.00", "FAILED")
    again = await did(desk, SENIOR, "orderClaimPayment", claimId=f"clm_{found}", method="BANK_TRANSFER")
    assert again["payment"]["amount"] == {"amount": "1000.00", "currency": "EUR"}
    assert (await did(desk, SENIOR, "recordClaimPayment", paymentId=again["payment"]["id"]))["status"] == "SETTLED"


async def test_what_was_paid_stays_when_a_claim_is_reopened(desk: Desk) -> None:
    found = claim(desk, "APPROVED")
    await did(desk, SENIOR, "recordClaimPayment", paymentId=f"clp_{payment(desk, found, amount='1000.00')}")
    given = {"claimId": f"clm_{found}"}
    run(desk, "update claims set claimed_amount = 1600 where id = %s", found)
    shown = await did(desk, SENIOR, "reopenClaim", **given, reason="A second invoice came")
    assert (shown["status"], shown["approved"]["amount"], shown["closedAt"]) == ("INVESTIGATING", "1000.00", None)
    assert shown["reserve"]["amount"] == "600.00"
    assert (await refused(desk, SENIOR, "withdrawClaim", **given))["code"] == "CLAIM_PAID"
    rejected = {"reason": "NOT_PROVEN", "explanation": "x"}
    assert (await refused(desk, SENIOR, "rejectClaim", **given, **rejected))["code"] == "CLAIM_PAID"
    error = await refused(desk, SENIOR, "proposeClaimAmount", **given, amount="999.99")
    assert (error["code"], error["field"]) == ("BELOW_PAID", ["input", "amount"])
    await did(desk, SENIOR, "proposeClaimAmount", **given, amount="1000.00")
    shown = await did(desk, MANAGER, "approveClaim", **given)
    assert (await did(desk, SENIOR, "settleClaim", **given))["status"] == "SETTLED"


async def test_a_claim_with_a_payment_under_way_is_not_withdrawn(desk: Desk) -> None:
    found = claim(desk, "APPROVED")
    under_way = payment(desk, found)
    assert (await refused(desk, SENIOR, "withdrawClaim", claimId=f"clm_{found}"))["code"] == "CLAIM_PAID"
    assert (await refused(desk, SENIOR, "settleClaim", claimId=f"clm_{found}"))["code"] == "NOT_PAID_YET"
    await did(desk, SENIOR, "failClaimPayment", paymentId=f"clp_{under_way}")
    shown = await did(desk, SENIOR, "withdrawClaim", claimId=f"clm_{found}", reason="Found it again")
    assert (shown["status"], shown["approved"], shown["decisionNote"]) == ("WITHDRAWN", None, "Found it again")


async def test_a_refused_document_comes_again(desk: Desk) -> None:
    given = {"documentId": f"cld_{document(desk, claim(desk))}"}
    shown = await did(desk, SENIOR, "refuseClaimDocument", **given, reason="Not legible")
    assert shown["document"]["availableTransitions"] == ["receive"]
    assert (await did(desk, SENIOR, "receiveClaimDocument", **given))["document"]["status"] == "RECEIVED"
    assert desk.rows("select rejection_reason from claim_documents where id = %s", given["documentId"][4:]) == [(None,)]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"incidentOn": today(1).isoformat()}, ("BAD_USER_INPUT", "incidentOn")),
        ({"incidentOn": today(-101).isoformat()}, ("OUTSIDE_COVER", "incidentOn")),
        ({"cause": "LEGAL_DISPUTE"}, ("CAUSE_NOT_INSURED", "cause")),
        ({"claimedAmount": "20000.01"}, ("ABOVE_SUM_INSURED", "claimedAmount")),
        ({"claimedAmount": "0"}, ("BAD_USER_INPUT", "claimedAmount")),
        ({"claimedAmount": "1.001"}, ("BAD_USER_INPUT", "claimedAmount")),
        ({"description": " "}, ("BAD_USER_INPUT", "description")),
        ({"incidentPlace": "x" * 201}, ("BAD_USER_INPUT", "incidentPlace")),
        ({"contractId": "clm_0192f0c1-7c3e-7b11-a0b1-00000000dead"}, ("BAD_USER_INPUT", "contractId")),
    ],
)
async def test_what_cannot_be_reported_names_what_is_in_the_way(
    desk: Desk, given: dict[str, Any], error: tuple[str, str]
) -> None:
    found = await refused(desk, AGENT, "submitClaim", **report(desk, **given))
    assert (found["code"], found["field"]) == (error[0], ["input", error[1]])


@pytest.mark.parametrize(
    ("name", "status", "given", "error"),
    [
        ("proposeClaimAmount", "INVESTIGATING", {"amount": "1000.01"}, ("ABOVE_CLAIM", "amount")),
        ("proposeClaimAmount", "INVESTIGATING", {"amount": "0"}, ("BAD_USER_INPUT", "amount")),
        ("rejectClaim", "INVESTIGATING", {"reason": "OTHER", "explanation": ""}, ("BAD_USER_INPUT", "explanation")),
        ("orderClaimPayment", "APPROVED", {"amount": "1000.01", "method": "CARD"}, ("ABOVE_APPROVED", "amount")),
        ("orderClaimPayment", "APPROVED", {"amount": "-5", "method": "CARD"}, ("BAD_USER_INPUT", "amount")),
        ("reopenClaim", "CLOSED", {"reason": "x" * 1001}, ("BAD_USER_INPUT", "reason")),
        ("requestClaimInformation", "INVESTIGATING", {"documents": ["PHOTO"] * 21}, ("BAD_USER_INPUT", "documents")),
        ("addClaimDocument", "INVESTIGATING", {"kind": "PHOTO", "name": "\0"}, ("BAD_USER_INPUT", "name")),
    ],
)
async def test_bad_input_names_its_argument(
    desk: Desk, name: str, status: str, given: dict[str, Any], error: tuple[str, str]
) -> None:
    found = await refused(desk, SENIOR, name, claimId=f"clm_{claim(desk, status)}", **given)
    assert (found["code"], found["field"]) == (error[0], ["input", error[1]])


async def test_an_amount_is_within_the_sum_insured(desk: Desk) -> None:
    found = claim(desk, amount="50000.00")
    error = await refused(desk, SENIOR, "proposeClaimAmount", claimId=f"clm_{found}", amount="40000.01")
    assert (error["code"], error["field"]) == ("ABOVE_SUM_INSURED", ["input", "amount"])


async def test_a_claim_is_handled_by_somebody_at_work(desk: Desk) -> None:
    found = claim(desk, "ACKNOWLEDGED", handler_id=None)
    assert (await refused(desk, SENIOR, "investigateClaim", claimId=f"clm_{found}"))["code"] == "NO_HANDLER"
    away = {"claimId": f"clm_{found}", "agentId": handler(desk, "ON_LEAVE")}
    error = await refused(desk, SENIOR, "assignClaim", **away)
    assert (error["code"], error["field"]) == ("AGENT_NOT_AT_WORK", ["input", "agentId"])
    nobody = away | {"agentId": "agt_0192f0c1-7c3e-7b11-a0b1-00000000dead"}
    assert (await refused(desk, SENIOR, "assignClaim", **nobody))["code"] == "NOT_FOUND"


@pytest.mark.parametrize("paid_at", ["2100-01-01T00:00:00Z"])
async def test_a_payment_is_not_recorded_ahead(desk: Desk, paid_at: str) -> None:
    row = payment(desk, claim(desk, "APPROVED"))
    error = await refused(desk, SENIOR, "recordClaimPayment", paymentId=f"clp_{row}", paidAt=paid_at)
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", "paidAt"])


async def test_a_partner_reports_for_its_own_book(desk: Desk) -> None:
    who, own, other = partner(desk)
    ((contract, since),) = desk.rows(
        "select k.id::text, k.started_on::text from contracts k join claims c on c.contract_id = k.id where c.id = %s",
        own,
    )
    ((cause,),) = desk.rows("select cause from claims where id = %s", own)
    given = {"contractId": f"con_{contract}", "cause": cause, "incidentOn": since, "claimedAmount": "10.00"}
    shown = await did(desk, who, "submitClaim", **given)
    await _brings(desk, who, shown["id"])
    await _brings(desk, who, f"clm_{own}")
    assert (await did(desk, who, "withdrawClaim", claimId=shown["id"]))["status"] == "WITHDRAWN"
    for name, more in (("addClaimNote", {"body": "x"}), ("withdrawClaim", {})):
        assert (await refused(desk, who, name, claimId=f"clm_{other}", **more))["code"] == "NOT_FOUND"


async def _brings(desk: Desk, who: Actor, claim_id: str) -> None:
    await did(desk, who, "addClaimNote", claimId=claim_id, body="The customer called.")
    shown = await did(desk, who, "addClaimDocument", claimId=claim_id, kind="PHOTO", name="front.jpg")
    assert shown["document"]["status"] == "RECEIVED"


async def test_the_same_key_reports_once(desk: Desk) -> None:
    given = report(desk)
    first = await desk.done(AGENT, mutation("submitClaim", AGENT), input=given, key="report-1")
    before = everything(desk)
    assert await desk.done(AGENT, mutation("submitClaim", AGENT), input=given, key="report-1") == first
    assert everything(desk) == before
