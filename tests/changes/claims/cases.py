"""A case for each command about claims: input with which it does its work, and what tells of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.access.desk import Desk
from tests.changes.claims.asking import claim, document, handler, payment, report

Input = dict[str, Any]
# The claim's row id (the contract's, where there is no claim yet), and the input.
Made = tuple[str, Input]


@dataclass(frozen=True)
class Case:
    """`events` follow, in order; `wrong` is a state of the claim, or of its part, in which it is impossible."""

    name: str
    events: tuple[str, ...]
    make: Callable[[Desk], Made]
    wrong: str | None
    table: str = "claims"


def _of(status: str, **given: Any) -> Callable[[Desk], Made]:
    def make(desk: Desk) -> Made:
        row_id = claim(desk, status)
        return row_id, {"claimId": f"clm_{row_id}", **given}

    return make


def _assign(desk: Desk) -> Made:
    row_id = claim(desk, handler_id=None)
    return row_id, {"claimId": f"clm_{row_id}", "agentId": handler(desk)}


def _settle(desk: Desk) -> Made:
    row_id = claim(desk, "APPROVED", paid_amount="1000.00")
    return row_id, {"claimId": f"clm_{row_id}"}


def _document(status: str, **given: Any) -> Callable[[Desk], Made]:
    def make(desk: Desk) -> Made:
        row_id = claim(desk)
        return row_id, {"documentId": f"cld_{document(desk, row_id, status)}", **given}

    return make


def _payment(status: str, **given: Any) -> Callable[[Desk], Made]:
    def make(desk: Desk) -> Made:
        row_id = claim(desk, "APPROVED")
        return row_id, {"paymentId": f"clp_{payment(desk, row_id, status)}", **given}

    return make


def _report(desk: Desk) -> Made:
    given = report(desk)
    return given["contractId"].removeprefix("con_"), given


_MOVED = ("ClaimStatusChanged",)

CASES: tuple[Case, ...] = (
    Case("submitClaim", ("ClaimSubmitted",), _report, None),
    Case("acknowledgeClaim", _MOVED, _of("SUBMITTED"), "INVESTIGATING"),
    Case("assignClaim", ("ClaimAssigned",), _assign, "CLOSED"),
    Case("investigateClaim", _MOVED, _of("ACKNOWLEDGED"), "APPROVED"),
    Case(
        "requestClaimInformation",
        _MOVED,
        _of("INVESTIGATING", documents=["POLICE_REPORT"], note="Asked Ms Sommer for it."),
        "SETTLED",
    ),
    Case("addClaimNote", (), _of("CLOSED", body="Ms Sommer called."), None),
    Case(
        "addClaimDocument",
        ("ClaimDocumentReceived",),
        _of("INVESTIGATING", kind="PHOTO", name="sommer.jpg"),
        "CLOSED",
    ),
    Case("receiveClaimDocument", ("ClaimDocumentReceived",), _document("REQUESTED"), "VERIFIED", "claim_documents"),
    Case("verifyClaimDocument", ("DocumentVerified",), _document("RECEIVED"), "REQUESTED", "claim_documents"),
    Case("refuseClaimDocument", (), _document("RECEIVED", reason="Sommer's"), "REQUESTED", "claim_documents"),
    Case("proposeClaimAmount", _MOVED, _of("INVESTIGATING", amount="900.00"), "ACKNOWLEDGED"),
    Case("approveClaim", ("ClaimApproved",), _of("PENDING_APPROVAL"), "INVESTIGATING"),
    Case(
        "rejectClaim",
        ("ClaimRejected",),
        _of("INVESTIGATING", reason="EXCLUDED", explanation="Sommer raced."),
        "SETTLED",
    ),
    Case(
        "orderClaimPayment",
        ("ClaimPaymentOrdered",),
        _of("APPROVED", amount="400.00", method="BANK_TRANSFER", payee="Sommer"),
        "SETTLED",
    ),
    Case("recordClaimPayment", ("ClaimPaymentMade",), _payment("APPROVED"), "PAID", "claim_payments"),
    Case("failClaimPayment", ("ClaimPaymentFailed",), _payment("PAID"), "FAILED", "claim_payments"),
    Case("settleClaim", ("ClaimSettled",), _settle, "INVESTIGATING"),
    Case("withdrawClaim", _MOVED, _of("INVESTIGATING", reason="Sommer pays."), "SETTLED"),
    Case("closeClaim", ("ClaimClosed",), _of("REJECTED"), "INVESTIGATING"),
    Case("reopenClaim", _MOVED, _of("REJECTED", reason="Sommer objects."), "INVESTIGATING"),
)
