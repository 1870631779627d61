"""Payments as the graph shows them."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import loaders
from models import billing as models
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import children, column, money, one, page
from schema.scalars import Money
from schema.workflows import transitions

if TYPE_CHECKING:
    from schema.contracts import Contract
    from schema.customers import Customer
    from schema.history import Event
    from schema.receipts import ReceiptMatch


@entity(models.Payment, "pay", loaders.billing.by_id, "billing:read", where=("status", "due_on"), order_by=("due_on",))
class Payment(Node):
    """A sum that was, is or will be due for a contract."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    contract: "Contract | None" = one(loaders.contracts.by_id, "contract_id")
    kind: models.PaymentKind = column()
    status: models.PaymentStatus = column()
    method: models.PaymentMethod | None = column()
    amount: Money = money("amount")
    period_from: date | None = column()
    period_to: date | None = column()
    due_on: date = column()
    paid_at: datetime | None = column()
    reference: str | None = column()
    refund_of: "Payment | None" = one(loaders.billing.by_id, "refund_of_id")
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    refunds: list["Payment"] | None = children(loaders.billing.refunds_of, "What was paid back of the payment.")
    receipt_matches: list["ReceiptMatch"] | None = children(
        loaders.receipts.matches_of_payment, "The receipt that pays it, and matches that were taken back."
    )
    events: Connection["Event"] | None = page(loaders.history.of_subject, "What happened to the payment.")
    available_transitions: list[str] = transitions(models.PAYMENT_WORKFLOW)
