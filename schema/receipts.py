"""Receipts as the graph shows them: what they paid, and what they are likely meant for."""

from datetime import date, datetime
from enum import auto
from typing import TYPE_CHECKING, Any

import strawberry

import loaders
from execution.permissions import INHERITED
from models import receipts as models
from models.base import Choice
from models.billing import PaymentMethod, PaymentStatus
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import children, column, money, one, page
from schema.scalars import Money
from schema.workflows import transitions

if TYPE_CHECKING:
    from schema.billing import Payment
    from schema.customers import Customer
    from schema.history import Event


class ReceiptReason(Choice):
    """Why a receipt may be meant for a payment."""

    CONTRACT_NUMBER = auto(), "The number of its contract stands in the reference."
    AMOUNT = auto(), "It asks for just what is left of the receipt."
    PAYER_NAME = auto(), "Its customer, or who pays for the contract, is called like the payer."
    CUSTOMER = auto(), "A part of the receipt is matched for its customer."


def _reasons() -> Any:
    return column(
        "reasons",
        read=lambda row: [ReceiptReason[name] for name in row["reasons"]],
        description="Why, the strongest reason first.",
    )


@strawberry.type(description="A payment that a receipt may be meant for.")
class ReceiptCandidate:
    """Rows of a derived edge."""

    __permission__ = INHERITED

    payment: "Payment | None" = one(loaders.billing.by_id, "payment_id", "The payment, still to be received.")
    score: float = column("score", description="How likely it is, from 0 to 1: the sum of what the reasons count.")
    reasons: list[ReceiptReason] = _reasons()


@entity(
    models.Receipt,
    "rcp",
    loaders.receipts.by_id,
    "billing:read",
    where=("status", "received_on"),
    order_by=("received_on",),
)
class Receipt(Node):
    """A sum that came in, and what it pays as far as that is known."""

    customer: "Customer | None" = one(loaders.customers.by_id, "customer_id")
    status: models.ReceiptStatus = column()
    amount: Money = money("amount")
    matched: Money = money()
    returned: Money = money()
    remaining: Money = money()
    method: PaymentMethod = column()
    received_on: date = column()
    payer_name: str | None = column()
    reference: str | None = column()
    bank_reference: str | None = column()
    return_reason: models.ReturnReason | None = column()
    returned_at: datetime | None = column()
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    matches: Connection["ReceiptMatch"] | None = page(
        loaders.receipts.matches_of, "What it paid, matches that were taken back included."
    )
    candidates: list[ReceiptCandidate] | None = children(
        loaders.receipts.candidates_of,
        "Payments that what is left of it is likely meant for, the likeliest first, and why; at most 10.",
        permission="contracts:read",
    )
    events: Connection["Event"] | None = page(loaders.history.of_subject, "What happened to the receipt.")
    available_transitions: list[str] = transitions(models.RECEIPT_WORKFLOW)


@entity(models.ReceiptMatch, "rcm", loaders.receipts.match_by_id, "billing:read")
class ReceiptMatch(Node):
    """That a receipt, or a part of it, pays a payment."""

    receipt: "Receipt | None" = one(loaders.receipts.by_id, "receipt_id")
    payment: "Payment | None" = one(loaders.billing.by_id, "payment_id")
    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    amount: Money = money("amount")
    status_before: PaymentStatus = column()
    method_before: PaymentMethod | None = column()
    matched_at: datetime = column()
    matched_by: str = column()
    undone_at: datetime | None = column()
    undone_by: str | None = column()
    undone_reason: str | None = column()
