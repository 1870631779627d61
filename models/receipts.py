"""Receipts: money that came in, and what it paid."""

from enum import auto

from sqlalchemy import CheckConstraint

from core.workflow import Transition, Workflow
from models.base import (
    UUID,
    Choice,
    CustomerOwned,
    Decimal,
    Restrictable,
    Versioned,
    choice,
    date,
    datetime,
    day,
    index,
    moment,
    money,
    ref,
    text,
)
from models.billing import PaymentMethod, PaymentStatus


class ReceiptStatus(Choice):
    """Where a receipt stands."""

    UNMATCHED = auto(), "It is not known yet what it pays."
    PARTLY_MATCHED = auto(), "A part of it pays something; what is left is still to be matched."
    MATCHED = auto(), "Nothing is left: the last of it was matched."
    RETURNED = auto(), "Nothing is left: the last of it was sent back."


_OPEN = (ReceiptStatus.UNMATCHED, ReceiptStatus.PARTLY_MATCHED)
_USED = (ReceiptStatus.PARTLY_MATCHED, ReceiptStatus.MATCHED, ReceiptStatus.RETURNED)

RECEIPT_WORKFLOW = Workflow(
    "receipt",
    ReceiptStatus,
    initial=(ReceiptStatus.UNMATCHED,),
    transitions=(
        Transition(
            "match",
            _OPEN,
            ReceiptStatus.MATCHED,
            "billing:write",
            "Match all that is left of it with a payment, which is received by that.",
            "the payment asks for just that, in its currency, of the customer it is matched for",
        ),
        Transition(
            "matchPart",
            _OPEN,
            ReceiptStatus.PARTLY_MATCHED,
            "billing:write",
            "Match a part of it with a payment, which is received by that.",
            "the payment asks for less than is left, in its currency, of the customer it is matched for",
        ),
        Transition(
            "unmatch",
            _USED,
            ReceiptStatus.UNMATCHED,
            "billing:write",
            "Take the only match back; the payment is asked for again.",
            "nothing of the payment was paid back",
        ),
        Transition(
            "unmatchPart",
            _USED,
            ReceiptStatus.PARTLY_MATCHED,
            "billing:write",
            "Take one of several matches back; the payment is asked for again.",
            "nothing of the payment was paid back",
        ),
        Transition(
            "return",
            _OPEN,
            ReceiptStatus.RETURNED,
            "billing:write",
            "Send back what is left of it.",
        ),
    ),
)


class ReturnReason(Choice):
    """Why money is sent back to whoever paid it."""

    NOT_IDENTIFIED = auto(), "Nobody could tell what it is for."
    NOT_FOR_US = auto(), "It was meant for somebody else."
    PAID_TWICE = auto(), "What it is for was paid already."
    PAID_TOO_MUCH = auto(), "It is more than was asked for."
    NOTHING_OWED = auto(), "Nothing is asked for: the contract has ended or never was."
    PAYER_REQUEST = auto(), "The payer or the payer's bank asked for it."


class Receipt(Restrictable, Versioned, table=True):
    """A sum that came in. Matched with payments, it pays them; what nobody knows a payment for is sent back."""

    __tablename__ = "receipts"
    __table_args__ = (
        index("customer_id", "received_on", "id"),
        index("status", "received_on", "id"),
        index("received_on", "id"),
        index("restricted"),
        CheckConstraint(
            "amount > 0 and least(matched_amount, returned_amount, remaining_amount) >= 0"
            " and amount = matched_amount + returned_amount + remaining_amount",
            name="adds_up",
        ),
    )

    customer_id: UUID | None = ref(
        "customers.id", "The customer for whom it is matched; none as long as it is not.", nullable=True
    )
    status: ReceiptStatus = choice(ReceiptStatus, "Where it stands.")
    amount: Decimal = money("The sum that came in.")
    matched_amount: Decimal = money("What of it pays something.", default=0)
    returned_amount: Decimal = money("What of it was sent back.", default=0)
    remaining_amount: Decimal = money("What is left of it.")
    currency: str = text("Currency (ISO 4217).", max_length=3)
    method: PaymentMethod = choice(PaymentMethod, "How it came.")
    received_on: date = day("Day it came in.")
    payer_name: str | None = text("Who paid, as the bank or the payer wrote it.", nullable=True)
    reference: str | None = text("What the payer wrote it is for.", nullable=True)
    bank_reference: str | None = text(
        "The bank's or payment provider's own reference of the transaction; there is one receipt of each.",
        nullable=True,
        unique=True,
    )
    return_reason: ReturnReason | None = choice(ReturnReason, "Why something was sent back.", nullable=True)
    returned_at: datetime | None = moment("When something was sent back last.", nullable=True)


class ReceiptMatch(CustomerOwned, table=True):
    """That a receipt, or a part of it, pays a payment. One that was taken back stays, for the history."""

    __tablename__ = "receipt_matches"
    __table_args__ = (
        index("receipt_id", "matched_at", "id"),
        index("payment_id", "matched_at", "id"),
        # What is paid is paid by one receipt.
        index("payment_id", where="undone_at is null", unique=True),
        index("customer_id", "id"),
    )

    receipt_id: UUID = ref("receipts.id", "The receipt.")
    payment_id: UUID = ref("payments.id", "What it pays.")
    amount: Decimal = money("The part of the receipt: all that the payment asks for.")
    currency: str = text("Currency (ISO 4217).", max_length=3)
    status_before: PaymentStatus = choice(PaymentStatus, "Where the payment stood before.")
    method_before: PaymentMethod | None = choice(
        PaymentMethod, "How the payment would have been made otherwise, if that was known.", nullable=True
    )
    matched_at: datetime = moment("When it was matched.")
    matched_by: str = text("Who matched it, as the history names them.")
    undone_at: datetime | None = moment("When the match was taken back; none while it holds.", nullable=True)
    undone_by: str | None = text("Who took it back, as the history names them.", nullable=True)
    undone_reason: str | None = text("Why it was taken back, in a line.", nullable=True)
