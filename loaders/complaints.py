"""Edges to complaints."""

from loaders.base import one, page
from models.complaints import Complaint

by_id = one(Complaint)
by_number = one(Complaint, "number")
all_complaints = page(Complaint, order="-filed_at")
of_customer = page(Complaint, "customer_id", order="-filed_at")
of_contract = page(Complaint, "contract_id", order="-filed_at")
of_claim = page(Complaint, "claim_id", order="-filed_at")
of_agent = page(Complaint, "handler_id", order="-filed_at")
of_interaction = page(Complaint, "interaction_id", order="-filed_at")
