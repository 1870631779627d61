"""What can be done with claims: reported, examined, approved or rejected, paid, and closed."""

from changes.claims.approving import ApproveClaim, ProposeClaimAmount, RejectClaim
from changes.claims.documents import AddClaimDocument, ReceiveClaimDocument, RefuseClaimDocument, VerifyClaimDocument
from changes.claims.ending import CloseClaim, ReopenClaim, SettleClaim, WithdrawClaim
from changes.claims.examining import (
    AcknowledgeClaim,
    AddClaimNote,
    AssignClaim,
    InvestigateClaim,
    RequestClaimInformation,
)
from changes.claims.payments import FailClaimPayment, OrderClaimPayment, RecordClaimPayment
from changes.claims.submitting import SubmitClaim

__all__ = [
    "AcknowledgeClaim",
    "AddClaimDocument",
    "AddClaimNote",
    "ApproveClaim",
    "AssignClaim",
    "CloseClaim",
    "FailClaimPayment",
    "InvestigateClaim",
    "OrderClaimPayment",
    "ProposeClaimAmount",
    "ReceiveClaimDocument",
    "RecordClaimPayment",
    "RefuseClaimDocument",
    "RejectClaim",
    "ReopenClaim",
    "RequestClaimInformation",
    "SettleClaim",
    "SubmitClaim",
    "VerifyClaimDocument",
    "WithdrawClaim",
]
