"""Edges to claims, their notes, documents, approvals and payments."""

from loaders.base import children, one, page
from models.claims import OPEN_CLAIM_STATUSES, Claim, ClaimApproval, ClaimDocument, ClaimNote, ClaimPayment

# The statuses that count as open, as a list of SQL texts.
OPEN_CLAIMS = ", ".join(f"'{status.value}'" for status in OPEN_CLAIM_STATUSES)

by_id = one(Claim)
by_number = one(Claim, "number")
all_claims = page(Claim, order="-reported_at")
of_customer = page(Claim, "customer_id", order="-reported_at")
open_of_customer = page(Claim, order="-reported_at", match=f"t.customer_id = k.key and t.status in ({OPEN_CLAIMS})")
of_contract = page(Claim, "contract_id", order="-reported_at")
of_agent = page(Claim, "handler_id", order="-reported_at")

note_by_id = one(ClaimNote)
notes_of = children(ClaimNote, "claim_id", order="created_at")
document_by_id = one(ClaimDocument)
documents_of = children(ClaimDocument, "claim_id", order="kind")
payment_by_id = one(ClaimPayment)
payments_of = children(ClaimPayment, "claim_id", order="approved_at")
approval_by_id = one(ClaimApproval)
approvals_of = children(ClaimApproval, "claim_id", order="approved_at")
