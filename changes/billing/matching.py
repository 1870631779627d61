"""Matching receipts with payments, and taking a wrong match back.

Everything locks the contract first, then the payment, then the receipt, so that two of them do not wait for each other.
"""

from datetime import UTC, datetime, time
from uuid import UUID

from changes.billing.payments import OfPayment, incoming, named, payment_of, receive
from changes.billing.schedule import left_of
from changes.commands import Made, ObjectCommand, given
from changes.contracts.arrears import enter_grace_period
from changes.errors import Impossible
from changes.work import Work
from models.billing import PAYMENT_WORKFLOW, Payment, PaymentKind, PaymentStatus
from models.contracts import ContractStatus
from models.receipts import RECEIPT_WORKFLOW, Receipt, ReceiptMatch


class MatchPayment(ObjectCommand):
    """Pay a payment with a receipt, by as much as the payment asks for; what is more stays on the receipt. All that
    follows is the same as when the payment is recorded by hand.
    """

    permission = "billing:write"

    payment_id: UUID = given("The payment.", of=Payment)
    receipt_id: UUID = given("The receipt. The version expected is this one's.", of=Receipt)

    async def perform(self, work: Work) -> Made:
        """See that they fit, write the match, and let the payment be received."""
        payment, contract = await payment_of(work, self.payment_id)
        receipt = await work.fetch(Receipt, self.receipt_id, self.expected_version, argument="receiptId")
        way = "match" if payment.amount == receipt.remaining_amount else "matchPart"
        RECEIPT_WORKFLOW.step(way, receipt.status)
        PAYMENT_WORKFLOW.step("record", payment.status)
        _fits(receipt, payment)
        await work.create(
            ReceiptMatch(
                customer_id=payment.customer_id,
                receipt_id=receipt.id,
                payment_id=payment.id,
                amount=payment.amount,
                currency=payment.currency,
                status_before=payment.status,
                method_before=payment.method,
                matched_at=work.now,
                matched_by=work.actor_name,
            )
        )
        receipt = await work.step(
            receipt,
            RECEIPT_WORKFLOW,
            way,
            customer_id=payment.customer_id,
            matched_amount=receipt.matched_amount + payment.amount,
            remaining_amount=receipt.remaining_amount - payment.amount,
        )
        matched = await work.happened(
            "ReceiptMatched",
            receipt,
            f"{payment.amount} {payment.currency} that came in matched for contract {contract.number}",
            amount=payment.amount,
            currency=payment.currency,
            method=receipt.method,
        )
        received_at = datetime.combine(receipt.received_on, time(), UTC)
        payment = await receive(
            work, payment, contract, receipt.method, receipt.bank_reference, received_at, cause=matched
        )
        return {"payment": payment.id, "contract": contract.id, "receipt": receipt.id}


class UnmatchPayment(OfPayment):
    """Take a wrong match of a receipt with a payment back. The payment is asked for again: it stands where it stood,
    or is due when its day has come meanwhile. The sum is left on the receipt again.
    """

    permission = "billing:write"

    reason: str | None = given("Why, in a line.", default=None, longest=500)

    async def perform(self, work: Work) -> Made:
        """Put payment and receipt back, tell, and let an overdue premium count as one again."""
        payment, contract = await self.payment_to(work, "unmatch")
        matches = await work.rows_of(ReceiptMatch, payment_id=payment.id, undone_at=None, lock=True)
        if not matches:
            raise Impossible("NOT_MATCHED", "no receipt pays it; what was recorded by hand can fail", "paymentId")
        if await left_of(work, payment) != payment.amount:
            raise Impossible("PARTLY_REFUNDED", "a part of it was paid back", "paymentId")
        (match,) = matches
        receipt = await work.fetch(Receipt, match.receipt_id, argument="paymentId")
        found = await work.rows_of(ReceiptMatch, receipt_id=receipt.id, undone_at=None)
        others = [one.customer_id for one in found if one.id != match.id]
        receipt = await work.step(
            receipt,
            RECEIPT_WORKFLOW,
            "unmatchPart" if others else "unmatch",
            # After a merge that was taken back the others may be of another customer.
            customer_id=receipt.customer_id if receipt.customer_id in others else next(iter(others), None),
            matched_amount=receipt.matched_amount - match.amount,
            remaining_amount=receipt.remaining_amount + match.amount,
        )
        await work.change(match, undone_at=work.now, undone_by=work.actor_name, undone_reason=self.reason)
        work.require(PAYMENT_WORKFLOW.transition("unmatch").permission)
        payment = await work.change(
            payment,
            status=_status_after(work, payment, match),
            method=match.method_before,
            reference=None,
            paid_at=None,
        )
        unmatched = await work.happened(
            "PaymentUnmatched",
            payment,
            f"{named(payment)} for contract {contract.number} had not been received after all",
            status=payment.status,
            amount=payment.amount,
            currency=payment.currency,
        )
        overdue = payment.status is PaymentStatus.OVERDUE and payment.kind is PaymentKind.PREMIUM
        if overdue and contract.status is ContractStatus.ACTIVE:
            await enter_grace_period(work, contract, unmatched)
        return {"payment": payment.id, "contract": contract.id, "receipt": receipt.id}


def _fits(receipt: Receipt, payment: Payment) -> None:
    """Raise Impossible unless the receipt can pay all that the payment asks for."""
    incoming(payment)
    if receipt.customer_id not in (None, payment.customer_id):
        raise Impossible("OTHER_CUSTOMER", "a part of the receipt is matched for another customer", "paymentId")
    if receipt.currency != payment.currency:
        raise Impossible("CURRENCY_DIFFERS", f"{payment.amount} {payment.currency} is asked for", "paymentId")
    if receipt.remaining_amount < payment.amount:
        raise Impossible(
            "RECEIPT_TOO_SMALL",
            f"{payment.amount} {payment.currency} is asked for, and {receipt.remaining_amount} is left of the receipt",
            "paymentId",
        )


def _status_after(work: Work, payment: Payment, match: ReceiptMatch) -> PaymentStatus:
    """Where the payment stands without the match: the ways that time goes, as far as they were gone or have come.

    What fell due only meanwhile becomes overdue by timer like all others, with what follows from that.
    """
    status = PAYMENT_WORKFLOW.step("unmatch", payment.status)
    overdue = match.status_before is PaymentStatus.OVERDUE
    if overdue or match.status_before is PaymentStatus.DUE or payment.due_on <= work.today:
        status = PAYMENT_WORKFLOW.step("makeDue", status)
    return PAYMENT_WORKFLOW.step("markOverdue", status) if overdue else status
