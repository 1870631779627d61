"""The billing schedule of a contract: the premiums to come as payments, made, made anew, and cut off at the end."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from changes.commands import Made
from changes.contracts.steps import OfContract, payments_of
from changes.errors import Impossible
from changes.work import Work
from models.billing import PAYMENT_WORKFLOW, Payment, PaymentKind, PaymentStatus, RefundReason
from models.billing_terms import horizon
from models.contracts import BillingFrequency, Contract, ContractStatus
from models.instalments import Instalment, instalments, share

_DAY = timedelta(days=1)
_OPEN = (PaymentStatus.SCHEDULED, PaymentStatus.DUE, PaymentStatus.OVERDUE)
_BILLED = (ContractStatus.PENDING, ContractStatus.ACTIVE, ContractStatus.GRACE_PERIOD)


class BillContract(OfContract):
    """Make the payments of a contract for the year to come, as far as they are not there."""

    permission = "billing:write"

    async def perform(self, work: Work) -> Made:
        """Make them."""
        contract = await self.contract(work)
        if contract.status not in _BILLED:
            raise Impossible("CONTRACT_ENDED", "the contract has ended; nothing is due for it any more", "contractId")
        if await bill(work, contract, horizon(contract, work.today)):
            await work.touch(contract)
        return {"contract": contract.id}


async def bill(work: Work, contract: Contract, until: date, *, lapsed_on: date | None = None) -> int:
    """Make a payment for each period that begins up to `until` and has none; returns how many.

    Periods before the first that was ever billed are left alone: an old contract may come from another system with its
    last payments alone. What was waived stays so, unless for periods after `lapsed_on`: a lapse that is taken back.
    """
    asked = await work.rows_of(Payment, contract_id=contract.id, kind=PaymentKind.PREMIUM)
    billed = {one.period_from for one in asked if one.period_from is not None and not _dropped(one, lapsed_on)}
    known = min(billed, default=contract.started_on)
    missing = [one for one in planned(contract, until) if one.first not in billed and one.first >= known]
    for one in missing:
        await _ask(work, contract, one)
    return len(missing)


def _dropped(payment: Payment, lapsed_on: date | None) -> bool:
    first = payment.period_from
    return payment.status is PaymentStatus.WAIVED and lapsed_on is not None and first is not None and first > lapsed_on


async def rebill(work: Work, contract: Contract, since: date) -> None:
    """Put the terms the contract has now in the place of the premiums scheduled for periods that begin on `since` or
    later.
    """
    until = horizon(contract, work.today)
    for payment in await payments_of(work, contract, PaymentStatus.SCHEDULED, kind=PaymentKind.PREMIUM):
        if payment.period_from is not None and payment.period_from >= since:
            until = max(until, payment.period_from)
            await work.remove(payment)
    await bill(work, contract, until)


def planned(contract: Contract, until: date) -> list[Instalment]:
    """The premiums by the contract's terms, from its first day on."""
    once = contract.billing_frequency is BillingFrequency.SINGLE
    total = contract.premium_amount if once else contract.annual_premium_amount
    return list(instalments(total, contract.billing_frequency, contract.started_on, contract.ends_on, until))


async def cut_off(work: Work, contract: Contract, last: date, cause: UUID | None = None) -> None:
    """Settle the premiums of a contract whose cover ends with `last`: what is for later is waived or paid back, a
    period that has begun costs its share.
    """
    for payment in await payments_of(work, contract, *_OPEN, PaymentStatus.PAID, kind=PaymentKind.PREMIUM):
        first, end = payment.period_from, payment.period_to
        if first is None or end is None or end <= last:
            continue
        used = share(payment.amount, first, end, first, last) if first <= last else Decimal(0)
        if payment.status is PaymentStatus.PAID:
            await pay_back(work, contract, payment, payment.amount - used, RefundReason.CONTRACT_ENDED, cause)
        elif used:
            await work.change(payment, amount=used, period_to=last)
        else:
            await _waive(work, payment)


async def waive(work: Work, contract: Contract, kind: PaymentKind, after: date | None = None) -> None:
    """Ask no longer for open payments of a kind; of premiums for those of periods that begin `after` a day."""
    for payment in await payments_of(work, contract, *_OPEN, kind=kind):
        if after is None or (payment.period_from is not None and payment.period_from > after):
            await _waive(work, payment)


async def _waive(work: Work, payment: Payment) -> None:
    # It follows from the end of the contract; who may end that need not be able to change payments.
    await work.change(payment, status=PAYMENT_WORKFLOW.step("waive", payment.status))


async def ask(
    work: Work, contract: Contract, kind: PaymentKind, amount: Decimal, due_on: date | None = None
) -> Payment:
    """A sum that is due besides the premiums, today unless another day is named."""
    return await work.create(
        Payment(
            customer_id=contract.customer_id,
            contract_id=contract.id,
            kind=kind,
            status=PaymentStatus.DUE,
            amount=amount,
            currency=contract.currency,
            due_on=due_on or work.today,
        )
    )


async def left_of(work: Work, payment: Payment) -> Decimal:
    """What was received with a payment, less what was paid back of it. The payment is locked, so it stays so."""
    refunds = await work.rows_of(Payment, refund_of_id=payment.id)
    return payment.amount + sum((each.amount for each in refunds), Decimal("0.00"))


async def pay_back(
    work: Work, contract: Contract, payment: Payment, amount: Decimal, reason: RefundReason, cause: UUID | None
) -> None:
    """Pay a sum back of a payment, as far as that much is left of it, and tell; nothing is done for nothing."""
    amount = min(amount, await left_of(work, payment))
    if amount > 0:
        await refund(work, contract, payment, amount, reason, cause)


async def refund(
    work: Work, contract: Contract, payment: Payment, amount: Decimal, reason: RefundReason, cause: UUID | None = None
) -> Payment:
    """Pay a sum back of a payment of which that much is left, and tell."""
    paid_back = await work.create(
        Payment(
            customer_id=contract.customer_id,
            contract_id=contract.id,
            kind=PaymentKind.REFUND,
            status=PaymentStatus.PAID,
            amount=-amount,
            currency=payment.currency,
            due_on=work.today,
            paid_at=work.now,
            refund_of_id=payment.id,
        )
    )
    await work.happened(
        "PaymentRefunded",
        paid_back,
        f"{amount} {payment.currency} paid back for contract {contract.number}",
        cause=cause,
        amount=amount,
        currency=payment.currency,
        reason=reason,
    )
    return paid_back


async def _ask(work: Work, contract: Contract, one: Instalment) -> None:
    due_on = max(one.first, work.today)
    await work.create(
        Payment(
            customer_id=contract.customer_id,
            contract_id=contract.id,
            kind=PaymentKind.PREMIUM,
            status=PaymentStatus.DUE if due_on <= work.today else PaymentStatus.SCHEDULED,
            amount=one.amount,
            currency=contract.currency,
            period_from=one.first,
            period_to=one.last,
            due_on=due_on,
        )
    )
