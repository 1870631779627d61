"""Billing: the premiums, fees and refunds of contracts."""

from enum import auto

from models.base import (
    UUID,
    Choice,
    CustomerOwned,
    Decimal,
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


class PaymentKind(Choice):
    """What a payment is for."""

    PREMIUM = auto(), "A premium."
    LATE_FEE = auto(), "A fee for paying late."
    REFUND = auto(), "Money paid back to the customer."
    ADJUSTMENT = auto(), "A correction of an earlier payment."


class PaymentStatus(Choice):
    """Where a payment stands."""

    SCHEDULED = auto(), "Due in the future."
    DUE = auto(), "Due now."
    PAID = auto(), "Received and matched."
    OVERDUE = auto(), "Not received by its due date."
    FAILED = auto(), "Refused by the bank or the card issuer."
    REFUNDED = auto(), "Received and paid back."
    WAIVED = auto(), "No longer asked for."


class PaymentMethod(Choice):
    """How a payment is made."""

    DIRECT_DEBIT = auto(), "Collected from the customer's bank account."
    BANK_TRANSFER = auto(), "Transferred by the customer."
    CARD = auto(), "Credit or debit card."
    WALLET = auto(), "Online or mobile wallet."
    CASH = auto(), "Cash at an agency."
    CHEQUE = auto(), "Cheque."


class Payment(CustomerOwned, Versioned, table=True):
    """A sum that was, is or will be due for a contract."""

    __tablename__ = "payments"
    __table_args__ = (
        index("contract_id", "due_on", "id"),
        index("customer_id", "due_on", "id"),
        index("due_on", "id"),
    )

    contract_id: UUID = ref("contracts.id", "The contract it belongs to.")
    kind: PaymentKind = choice(PaymentKind, "What it is for.")
    status: PaymentStatus = choice(PaymentStatus, "Where it stands.", index=True)
    method: PaymentMethod | None = choice(PaymentMethod, "How it was or will be made.", nullable=True)
    amount: Decimal = money("The sum; negative when paid to the customer.")
    currency: str = text("Currency (ISO 4217).", max_length=3)
    period_from: date | None = day("First day of the period it pays for.", nullable=True)
    period_to: date | None = day("Last day of the period it pays for.", nullable=True)
    due_on: date = day("Day it is due.")
    paid_at: datetime | None = moment("When it was received.", nullable=True)
    reference: str | None = text("Reference of the bank or payment provider.", nullable=True)
