"""Payments of a contract: received, refused, paid back, or no longer asked for."""

from typing import Any
from uuid import UUID

from auth.approval_limits import ApprovalArea, require_limit
from changes.billing.schedule import left_of, refund
from changes.commands import Made, ObjectCommand, given
from changes.contracts.arrears import end_grace_period
from changes.contracts.steps import overdue_premiums
from changes.errors import Impossible, NotFound
from changes.work import Work
from core.errors import BadInput
from models.base import Decimal, datetime
from models.billing import (
    PAYMENT_WORKFLOW,
    Payment,
    PaymentFailure,
    PaymentKind,
    PaymentMethod,
    PaymentStatus,
    RefundReason,
)
from models.contracts import Contract, ContractStatus


class OfPayment(ObjectCommand):
    """A command about one payment."""

    payment_id: UUID = given("The payment.", of=Payment)

    async def payment_to(self, work: Work, transition: str) -> tuple[Payment, Contract]:
        """The payment and its contract, both locked, if the way leads on from its state; see `payment_of`."""
        payment, contract = await payment_of(work, self.payment_id, self.expected_version)
        PAYMENT_WORKFLOW.step(transition, payment.status)
        return payment, contract


class RecordPayment(OfPayment):
    """Match a payment that is due with money that was received. With the last overdue premium the contract's grace
    period ends.
    """

    permission = "billing:write"

    amount: Decimal = given("The sum that was received.", least=Decimal("0.01"))
    currency: str = given("Its currency (ISO 4217).", longest=3)
    method: PaymentMethod = given("How it was paid.")
    reference: str | None = given("Reference of the bank or payment provider.", longest=140, default=None)
    received_at: datetime | None = given("When it was received; now unless given.", default=None)

    async def perform(self, work: Work) -> Made:
        """Step, tell, and end the grace period where nothing is overdue any more."""
        received_at = self.received_at or work.now
        if received_at > work.now:
            raise BadInput("this moment lies ahead", argument="input.receivedAt")
        payment, contract = await self.payment_to(work, "record")
        if (self.amount, self.currency) != (payment.amount, payment.currency):
            raise Impossible("SUM_DIFFERS", f"{payment.amount} {payment.currency} is asked for", "amount")
        payment = await receive(work, payment, contract, self.method, self.reference, received_at)
        return {"payment": payment.id, "contract": contract.id}


class FailPayment(OfPayment):
    """Note that the bank or card issuer refused a payment, or took it back. It is asked for anew."""

    permission = "billing:write"

    reason: PaymentFailure = given("Why.")

    async def perform(self, work: Work) -> Made:
        """Step, tell, and ask anew: a payment that failed stays as it is."""
        payment, contract = await self.payment_to(work, "fail")
        incoming(payment)
        asked_before = payment.status
        payment = await work.step(payment, PAYMENT_WORKFLOW, "fail", paid_at=None)
        await work.happened(
            "PaymentFailed",
            payment,
            f"{named(payment)} for contract {contract.number} refused",
            amount=payment.amount,
            currency=payment.currency,
            reason=self.reason,
        )
        again = await work.create(
            Payment(
                customer_id=payment.customer_id,
                contract_id=payment.contract_id,
                kind=payment.kind,
                status=PaymentStatus.OVERDUE if asked_before is PaymentStatus.OVERDUE else PaymentStatus.DUE,
                amount=payment.amount,
                currency=payment.currency,
                period_from=payment.period_from,
                period_to=payment.period_to,
                due_on=payment.due_on,
            )
        )
        return {"payment": payment.id, "contract": contract.id, "next": again.id}


class RefundPayment(OfPayment):
    """Pay back what was received with a payment, or a part of it. With the last part the payment is refunded."""

    permission = "billing:write"

    amount: Decimal | None = given(
        "The sum, in the payment's currency; all that is left of what was received if not given.",
        default=None,
        least=Decimal("0.01"),
    )
    reason: RefundReason = given("Why.")

    async def perform(self, work: Work) -> Made:
        """Look at what is left and at the limit, step with the last part, write the refund, and tell."""
        payment, contract = await self.payment_to(work, "refund")
        incoming(payment)
        left = await left_of(work, payment)
        if left <= 0:
            raise Impossible("NOTHING_LEFT", "all that was received was paid back", "paymentId")
        amount = self.amount or left
        if amount > left:
            raise Impossible("ABOVE_RECEIVED", f"{left} {payment.currency} of what was received is left", "amount")
        # What was paid back before counts: a large sum is not made small by dividing it.
        total = payment.amount - left + amount
        require_limit(work.actor, ApprovalArea.REFUND, total, payment.currency, argument="input.amount")
        if amount == left:
            payment = await work.step(payment, PAYMENT_WORKFLOW, "refund")
        else:
            # Another refund that read the same version would not know of this one.
            payment = await work.touch(payment)
        paid_back = await refund(work, contract, payment, amount, self.reason)
        return {"payment": payment.id, "contract": contract.id, "next": paid_back.id}


class WaivePayment(OfPayment):
    """Ask for a payment no longer."""

    permission = "billing:write"

    async def perform(self, work: Work) -> Made:
        """Step, tell, and end the grace period where nothing is overdue any more."""
        payment, contract = await self.payment_to(work, "waive")
        payment = await work.step(payment, PAYMENT_WORKFLOW, "waive")
        waived = await work.happened(
            "PaymentWaived",
            payment,
            f"{named(payment)} for contract {contract.number} waived",
            amount=payment.amount,
            currency=payment.currency,
            dueOn=payment.due_on,
        )
        await _settled(work, contract, waived)
        return {"payment": payment.id, "contract": contract.id}


async def payment_of(
    work: Work, payment_id: UUID, expected_version: int | None = None, argument: str = "paymentId"
) -> tuple[Payment, Contract]:
    """A payment and its contract, both locked, the contract first: as by every command about either.

    Raises NotFound, Conflict.
    """
    found = await work.rows_of(Payment, id=payment_id)
    if not found:
        raise NotFound("payment", f"input.{argument}")
    (contract,) = await work.rows_of(Contract, id=found[0].contract_id, lock=True)
    return await work.fetch(Payment, payment_id, expected_version, argument=argument), contract


async def receive(
    work: Work,
    payment: Payment,
    contract: Contract,
    method: PaymentMethod,
    reference: str | None,
    received_at: datetime,
    cause: UUID | None = None,
) -> Payment:
    """Let a payment be paid, and tell; with the last overdue premium the grace period ends."""
    payment = await work.step(
        payment, PAYMENT_WORKFLOW, "record", method=method, reference=reference, paid_at=received_at
    )
    facts: dict[str, Any] = {"amount": payment.amount, "currency": payment.currency, "method": method}
    received = await work.happened(
        "PaymentReceived",
        payment,
        f"{named(payment)} for contract {contract.number} received",
        occurred_at=received_at,
        cause=cause,
        **facts,
    )
    await _settled(work, contract, received)
    return payment


async def _settled(work: Work, contract: Contract, cause: UUID) -> None:
    if contract.status is ContractStatus.GRACE_PERIOD and not await overdue_premiums(work, contract):
        await end_grace_period(work, contract, cause)


def incoming(payment: Payment) -> None:
    """Raise Impossible for money that went to the customer."""
    if payment.amount <= 0 or payment.kind is PaymentKind.REFUND:
        raise Impossible("PAID_OUT", "this went to the customer", "paymentId")


def named(payment: Payment) -> str:
    """What a payment is called where a line begins with it."""
    words = {PaymentKind.PREMIUM: "Premium", PaymentKind.LATE_FEE: "Late fee", PaymentKind.ADJUSTMENT: "Adjustment"}
    return words.get(payment.kind, "Refund")
