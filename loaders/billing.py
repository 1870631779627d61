"""Edges to payments."""

from loaders.base import children, one, page
from models.billing import Payment

by_id = one(Payment)
all_payments = page(Payment, order="-due_on")
of_contract = page(Payment, "contract_id", order="-due_on")
refunds_of = children(Payment, "refund_of_id", order="due_on")
of_customer = page(Payment, "customer_id", order="-due_on")
