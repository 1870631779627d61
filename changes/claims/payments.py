"""Payments on a claim: ordered within what was approved, paid out, refused by the bank."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from changes.claims.ending import settle
from changes.claims.steps import OfClaim, part_of, payments_of, still_open, told
from changes.commands import Made, ObjectCommand, given
from changes.errors import Impossible
from changes.work import Work
from core.errors import BadInput
from models.billing import PaymentMethod
from models.claims import CLAIM_PAYMENT_WORKFLOW, Claim, ClaimPayment, ClaimPaymentStatus, ClaimStatus
from models.customers import Customer


class OrderClaimPayment(OfClaim):
    """Order a payment of what was approved, or of a part of it."""

    permission = "claims:approve"

    amount: Decimal | None = given(
        "The sum, in the claim's currency; all that is left if not given.", default=None, least=Decimal("0.01")
    )
    method: PaymentMethod = given("How it is paid.")
    payee: str | None = given("Who receives it; the customer if not given.", default=None, longest=200)

    async def perform(self, work: Work) -> Made:
        """Look at what is left, write the payment, and tell."""
        claim = await self.claim(work)
        _approved(claim, "claimId")
        under_way = await payments_of(work, claim, ClaimPaymentStatus.APPROVED)
        ordered = sum((payment.amount for payment in under_way), claim.paid_amount)
        left = (claim.approved_amount or Decimal(0)) - ordered
        if left <= 0:
            raise Impossible("NOTHING_LEFT", "all that was approved is paid or under way", "claimId")
        if self.amount is not None and self.amount > left:
            raise Impossible("ABOVE_APPROVED", f"{left} {claim.currency} of what was approved is left", "amount")
        (customer,) = await work.rows_of(Customer, id=claim.customer_id)
        payment = await work.create(
            ClaimPayment(
                customer_id=claim.customer_id,
                claim_id=claim.id,
                status=ClaimPaymentStatus.APPROVED,
                amount=self.amount or left,
                currency=claim.currency,
                method=self.method,
                payee=self.payee or customer.display_name,
                approved_at=work.now,
            )
        )
        # Another order that read the same version would not know of this one.
        claim = await work.touch(claim)
        await told(work, "ClaimPaymentOrdered", claim, "has a payment under way", **_facts(payment))
        return {"payment": payment.id, "claim": claim.id}


class _OfPayment(ObjectCommand):
    """A command about one payment on a claim; `expectedVersion` is the version of the claim."""

    payment_id: UUID = given("The payment on a claim.", of=ClaimPayment)

    async def found(self, work: Work) -> tuple[ClaimPayment, Claim]:
        return await part_of(work, ClaimPayment, self.payment_id, self.expected_version, "paymentId")


class RecordClaimPayment(_OfPayment):
    """Note that a payment on a claim was paid out. With the last of what was approved the claim is settled."""

    permission = "claims:approve"

    paid_at: datetime | None = given("When it was paid out; now if not given.", default=None)

    async def perform(self, work: Work) -> Made:
        """Step, add it up, tell, and settle the claim if nothing is left."""
        paid_at = self.paid_at or work.now
        if paid_at.tzinfo is None:
            raise BadInput("say the time zone, as in 2026-05-04T09:30:00Z", argument="input.paidAt")
        if paid_at > work.now:
            raise BadInput("this moment lies ahead", argument="input.paidAt")
        payment, claim = await self.found(work)
        CLAIM_PAYMENT_WORKFLOW.step("record", payment.status)
        _approved(claim, "paymentId")
        payment = await work.step(payment, CLAIM_PAYMENT_WORKFLOW, "record", paid_at=paid_at)
        claim = await _add(work, claim, payment.amount)
        cause = await told(
            work, "ClaimPaymentMade", claim, "has a payment paid out", occurred_at=paid_at, **_facts(payment)
        )
        if claim.paid_amount == claim.approved_amount:
            claim = await settle(work, claim, cause)
        return {"payment": payment.id, "claim": claim.id}


class FailClaimPayment(_OfPayment):
    """Note that the bank refused a payment on a claim, or sent it back. What was paid is less by it then."""

    permission = "claims:approve"

    async def perform(self, work: Work) -> Made:
        """Step, take it off what was paid, and tell."""
        payment, claim = await self.found(work)
        CLAIM_PAYMENT_WORKFLOW.step("fail", payment.status)
        still_open(claim, "paymentId")
        was_paid = payment.status is ClaimPaymentStatus.PAID
        payment = await work.step(payment, CLAIM_PAYMENT_WORKFLOW, "fail", paid_at=None)
        claim = await _add(work, claim, -payment.amount) if was_paid else await work.touch(claim)
        await told(work, "ClaimPaymentFailed", claim, "has a payment that did not arrive", **_facts(payment))
        return {"payment": payment.id, "claim": claim.id}


async def _add(work: Work, claim: Claim, amount: Decimal) -> Claim:
    """Add to what was paid; the reserve is less by as much."""
    return await work.change(
        claim,
        paid_amount=claim.paid_amount + amount,
        reserve_amount=max(claim.reserve_amount - amount, Decimal("0.00")),
    )


def _approved(claim: Claim, argument: str) -> None:
    """Raise Impossible unless the claim's amount is approved and not settled."""
    if claim.status is not ClaimStatus.APPROVED:
        state = claim.status.value.lower().replace("_", " ")
        raise Impossible("CLAIM_NOT_APPROVED", f"the claim is {state}; only what is approved is paid", argument)


def _facts(payment: ClaimPayment) -> dict[str, Any]:
    return {"amount": payment.amount, "currency": payment.currency, "method": payment.method}
