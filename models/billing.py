"""Billing: the premiums, fees and refunds of contracts."""

from enum import auto

from core.workflow import Transition, Workflow
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


PAYMENT_WORKFLOW = Workflow(
    "payment",
    PaymentStatus,
    initial=(PaymentStatus.SCHEDULED, PaymentStatus.DUE),
    transitions=(
        Transition(
            "makeDue",
            (PaymentStatus.SCHEDULED,),
            PaymentStatus.DUE,
            "billing:write",
            "Ask for a payment whose day has come.",
            "the day it is due has come",
        ),
        Transition(
            "record",
            (PaymentStatus.SCHEDULED, PaymentStatus.DUE, PaymentStatus.OVERDUE),
            PaymentStatus.PAID,
            "billing:write",
            "Match it with money that was received.",
            "the sum and the currency are those asked for",
        ),
        Transition(
            "markOverdue",
            (PaymentStatus.DUE,),
            PaymentStatus.OVERDUE,
            "billing:write",
            "Note that it was not received in time; of a premium a fee and a grace period follow.",
            "the days one waits after the due date are past",
        ),
        Transition(
            "fail",
            (PaymentStatus.DUE, PaymentStatus.OVERDUE, PaymentStatus.PAID),
            PaymentStatus.FAILED,
            "billing:write",
            "Note that the bank or card issuer refused it or took it back; it is asked for anew.",
            "the money goes to the insurer",
        ),
        Transition(
            "refund",
            (PaymentStatus.PAID,),
            PaymentStatus.REFUNDED,
            "billing:write",
            "Pay back what was received, or the last part of it; another part leaves it as it is.",
            "the money went to the insurer, and something of it is left, within the limit of the role",
        ),
        Transition(
            "unmatch",
            (PaymentStatus.PAID,),
            PaymentStatus.SCHEDULED,
            "billing:write",
            "Take a wrong match with a receipt back; it stands where it stood, or is due when its day has come.",
            "a receipt pays it, and nothing of it was paid back",
        ),
        Transition(
            "waive",
            (PaymentStatus.SCHEDULED, PaymentStatus.DUE, PaymentStatus.OVERDUE),
            PaymentStatus.WAIVED,
            "billing:write",
            "Ask for it no longer.",
        ),
    ),
)


class PaymentFailure(Choice):
    """Why a payment was refused or taken back."""

    INSUFFICIENT_FUNDS = auto(), "The account does not cover it."
    ACCOUNT_CLOSED = auto(), "The account is closed or does not exist."
    MANDATE_MISSING = auto(), "There is no valid direct debit mandate."
    CARD_DECLINED = auto(), "The card was declined."
    CHARGED_BACK = auto(), "The payer had it taken back."
    TECHNICAL = auto(), "A fault on the way."


class RefundReason(Choice):
    """Why money is paid back."""

    PAID_TWICE = auto(), "It was paid twice."
    BILLED_WRONGLY = auto(), "It should not have been asked for."
    GOODWILL = auto(), "The insurer is obliging."
    CONTRACT_ENDED = auto(), "The contract ended before the period that was paid for."
    CONTRACT_AMENDED = auto(), "The premium became lower within the period that was paid for."


class PaymentMethod(Choice):
    """How a payment is made."""

    DIRECT_DEBIT = auto(), "Collected from the customer's bank account."
    BANK_TRANSFER = auto(), "Transferred by the customer."
    CARD = auto(), "Credit or debit card."
    WALLET = auto(), "Online or mobile wallet."
    CASH = auto(), "Cash at an agency."
    CHEQUE = auto(), "Cheque."


# The states in which a payment is still to be received, as SQL.
OPEN_PAYMENTS = "'SCHEDULED', 'DUE', 'OVERDUE'"


class Payment(CustomerOwned, Versioned, table=True):
    """A sum that was, is or will be due for a contract."""

    __tablename__ = "payments"
    __table_args__ = (
        index("contract_id", "due_on", "id"),
        index("customer_id", "due_on", "id"),
        index("due_on", "id"),
        index("refund_of_id"),
        # Where a sum that came in is looked for.
        index("currency", "amount", "due_on", "id", where=f"status in ({OPEN_PAYMENTS})"),
        index("restricted"),
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
    refund_of_id: UUID | None = ref("payments.id", "The payment that was paid back with it.", nullable=True)
