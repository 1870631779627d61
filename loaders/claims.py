"""Edges to claims, their notes, documents and payments."""

from loaders.base import children, one, page
from models.claims import Claim, ClaimDocument, ClaimNote, ClaimPayment

by_id = one(Claim)
by_number = one(Claim, "number")
all_claims = page(Claim, order="-reported_at")
of_customer = page(Claim, "customer_id", order="-reported_at")
of_contract = page(Claim, "contract_id", order="-reported_at")
of_agent = page(Claim, "handler_id", order="-reported_at")

note_by_id = one(ClaimNote)
notes_of = children(ClaimNote, "claim_id", order="created_at")
document_by_id = one(ClaimDocument)
documents_of = children(ClaimDocument, "claim_id", order="kind")
payment_by_id = one(ClaimPayment)
payments_of = children(ClaimPayment, "claim_id", order="approved_at")
