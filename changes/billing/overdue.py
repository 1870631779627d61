"""What time does to payments: they fall due, and become overdue."""

from datetime import timedelta
from typing import Any

from changes.billing.payments import OfPayment
from changes.billing.schedule import ask
from changes.commands import Made
from changes.contracts.arrears import enter_grace_period
from changes.contracts.steps import terms_of
from changes.errors import Impossible
from changes.work import Work
from models.billing import PAYMENT_WORKFLOW, PaymentKind
from models.billing_terms import LATE_FEES
from models.contracts import ContractStatus


class MakePaymentDue(OfPayment):
    """Ask for a payment whose day has come."""

    permission = "billing:write"

    async def perform(self, work: Work) -> Made:
        """Step. The history does not tell of it: that it would be due was known."""
        payment, contract = await self.payment_to(work, "makeDue")
        if payment.due_on > work.today:
            raise Impossible("DUE_AHEAD", f"it is due on {payment.due_on}", "paymentId")
        payment = await work.step(payment, PAYMENT_WORKFLOW, "makeDue")
        return {"payment": payment.id, "contract": contract.id}


class MarkPaymentOverdue(OfPayment):
    """Note that a payment was not received in time. For a premium of a contract in force a late fee is asked for, and
    the contract enters its grace period.
    """

    permission = "billing:write"

    async def perform(self, work: Work) -> Made:
        """Step, ask for the fee, tell, and begin the grace period."""
        payment, contract = await self.payment_to(work, "markOverdue")
        terms = await terms_of(work, contract)
        last = payment.due_on + timedelta(days=terms.patience)
        if last >= work.today:
            raise Impossible("STILL_IN_TIME", f"it is in time until {last}", "paymentId")
        payment = await work.step(payment, PAYMENT_WORKFLOW, "markOverdue")
        in_force = contract.status in (ContractStatus.ACTIVE, ContractStatus.GRACE_PERIOD)
        premium = payment.kind is PaymentKind.PREMIUM
        fee = LATE_FEES.get(payment.currency) if premium and in_force else None
        made = {"payment": payment.id, "contract": contract.id}
        if fee is not None:
            made["next"] = (await ask(work, contract, PaymentKind.LATE_FEE, fee)).id
        facts: dict[str, Any] = {"amount": payment.amount, "currency": payment.currency, "dueOn": payment.due_on}
        if fee is not None:
            facts["lateFee"] = fee
        summary = f"Payment for contract {contract.number} overdue"
        overdue = await work.happened("PaymentOverdue", payment, summary, **facts)
        if premium and contract.status is ContractStatus.ACTIVE:
            await enter_grace_period(work, contract, overdue)
        return made
