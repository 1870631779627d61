"""Payments: a premium for each period of the last two years and the next, with what goes wrong now and then."""

from imports.demo.dice import shares
from imports.demo.moments import DAY, DAY_TEXT, HOUR, Day, Moment, add_months
from imports.demo.receipts import transferred, unknown
from imports.demo.records import Contract
from imports.demo.terms import months_per_period
from imports.demo.world import World
from models.billing import PaymentKind, PaymentMethod
from models.billing import PaymentStatus as Status
from models.contracts import ContractStatus
from models.history import SubjectKind

WINDOW = 730
"""Days before today from which payments are kept in the demo world."""

_METHODS = shares(
    {
        PaymentMethod.DIRECT_DEBIT: 62,
        PaymentMethod.BANK_TRANSFER: 20,
        PaymentMethod.CARD: 13,
        PaymentMethod.WALLET: 4,
        PaymentMethod.CASH: 1,
    }
)
_LATE_FEE = 500  # cents
_ENDED = (ContractStatus.CANCELLED, ContractStatus.LAPSED, ContractStatus.EXPIRED, ContractStatus.MATURED)


def bill(world: World, contract: Contract) -> None:
    """Write the contract's payments."""
    span, terms, dice = contract.span, contract.terms, world.dice
    method = dice.pick(_METHODS)
    last = span.last_covered(world.today)
    years = max(last - span.started, 0) / 365.25
    months = months_per_period(terms)
    if months == 0:
        contract.holder.premiums_paid += terms.premium
        paid = _premium(world, contract, method, span.started, span.ends)
        if paid:
            _received(world, contract, method, span.started, *paid)
        return
    contract.holder.premiums_paid += int(terms.annual_premium * years)
    period = max(0, int((world.today - WINDOW - span.started) / 30.5) // months)
    # The period a cancelled contract is in the midst of is paid for; one that starts after the end is not.
    stop = last if contract.status in _ENDED else None
    if span.unpaid is not None and stop is not None:
        stop = span.unpaid
    start = add_months(span.started, months * period)
    while (stop is None or start <= stop) and (terms.product.renews or span.ends is None or start <= span.ends):
        following = add_months(span.started, months * (period + 1))
        if start >= world.today - WINDOW:
            paid = _premium(world, contract, method, start, following - 1)
            if paid:
                _received(world, contract, method, start, *paid)
            if (
                span.ended is not None
                and start <= span.ended < following
                and contract.status
                in (
                    ContractStatus.CANCELLED,
                    ContractStatus.MATURED,
                )
            ):
                _refund(world, contract, method, start, following, paid and paid[0])
        if start >= world.today:
            unknown(world, contract, start)
            break
        start, period = following, period + 1


def _received(world: World, contract: Contract, method: PaymentMethod, due: Day, payment: str, paid_at: Moment) -> None:
    """A premium came in time."""
    if method is PaymentMethod.BANK_TRANSFER:
        transferred(world, contract, due, payment, paid_at)
    world.record(
        "PaymentReceived",
        contract.holder.id,
        paid_at,
        (SubjectKind.PAYMENT, payment),
        f"Premium for contract {contract.number} due {DAY_TEXT[due]} received",
        actor="collections",
        payload={
            "amount": f"{contract.terms.premium / 100:.2f}",
            "currency": contract.terms.currency,
            "method": method.value,
        },
    )


def _premium(
    world: World, contract: Contract, method: PaymentMethod, start: Day, end: Day | None
) -> tuple[str, Moment] | None:
    """One period's premium. Returns the payment and the moment it was received, if it was without trouble."""
    dice, terms, holder = world.dice, contract.terms, contract.holder
    billed_at = world.past(max(contract.issued_at, (start - 14) * DAY + 2 * HOUR))
    if start >= world.today:
        status = Status.DUE if start == world.today else Status.SCHEDULED
        _row(world, contract, PaymentKind.PREMIUM, status, method, terms.premium, start, billed_at, end=end)
        return None
    if start == contract.span.unpaid:
        _unpaid(world, contract, method, start, end, billed_at)
        return None
    chance = dice.random()
    settled_by = holder.until - 26
    if chance < 0.03 and start < settled_by:
        _failed_then_paid(world, contract, method, start, end, billed_at)
        return None
    if chance < 0.055 and start < settled_by:
        _paid_late(world, contract, method, start, end, billed_at)
        return None
    paid_at = max(billed_at, world.past(dice.at_work(start + dice.between(-1, 3))))
    payment = _row(world, contract, PaymentKind.PREMIUM, Status.PAID, method, terms.premium, start, billed_at, end=end,
                   paid_at=paid_at)  # fmt: skip
    return payment, paid_at


def _row(
    world: World,
    contract: Contract,
    kind: PaymentKind,
    status: Status,
    method: PaymentMethod,
    amount: int,
    due: Day,
    created_at: Moment,
    *,
    end: Day | None = None,
    paid_at: Moment | None = None,
    updated_at: Moment | None = None,
    refund_of: str | None = None,
) -> str:
    payment = world.dice.new_id(created_at)
    changed = paid_at or updated_at
    world.rows.payments(
        id=payment,
        customer_id=contract.holder.id,
        version=1 if changed is None else 2,
        created_at=created_at,
        updated_at=changed or created_at,
        contract_id=contract.id,
        kind=kind,
        status=status,
        method=method,
        amount=amount,
        currency=contract.terms.currency,
        period_from=due if kind is PaymentKind.PREMIUM else None,
        period_to=end,
        due_on=due,
        paid_at=paid_at,
        reference=f"{contract.number}/{DAY_TEXT[due]}" if paid_at else None,
        refund_of_id=refund_of,
    )
    return payment


def _event(
    world: World, contract: Contract, kind: str, payment: str, moment: Moment, what: str, cause: str | None = None,
    operation: str | None = None,
) -> str:  # fmt: skip
    return world.record(
        kind,
        contract.holder.id,
        moment,
        (SubjectKind.PAYMENT, payment),
        f"{what} for contract {contract.number}",
        cause=cause,
        operation=operation,
        actor="collections",
        payload={"amount": f"{contract.terms.premium / 100:.2f}", "currency": contract.terms.currency},
    )


def _unpaid(
    world: World, contract: Contract, method: PaymentMethod, due: Day, end: Day | None, billed_at: Moment
) -> None:
    """The premium that was never paid: a fee, a grace period, and in the end the lapse."""
    late_at = (due + 1) * DAY + 3 * HOUR
    payment = _row(world, contract, PaymentKind.PREMIUM, Status.OVERDUE, method, contract.terms.premium, due, billed_at,
                   end=end, updated_at=late_at)  # fmt: skip
    late = _event(world, contract, "PaymentOverdue", payment, late_at, "Premium overdue")
    fee_status = Status.OVERDUE if contract.status is ContractStatus.GRACE_PERIOD else Status.WAIVED
    _row(world, contract, PaymentKind.LATE_FEE, fee_status, method, _LATE_FEE, due, late_at + HOUR)
    contract.holder.arrears += 1
    contract.touch(late_at + HOUR)
    contract.event = world.record(
        "GracePeriodEntered",
        contract.holder.id,
        late_at + HOUR,
        contract.subject,
        f"Contract {contract.number} entered its grace period",
        cause=late,
        operation=late,
        actor="collections",
        payload={"graceDays": 30},
    )


def _paid_late(
    world: World, contract: Contract, method: PaymentMethod, due: Day, end: Day | None, billed_at: Moment
) -> None:
    paid_at = world.dice.at_work(due + world.dice.between(8, 24))
    payment = _row(world, contract, PaymentKind.PREMIUM, Status.PAID, method, contract.terms.premium, due, billed_at,
                   end=end, paid_at=paid_at)  # fmt: skip
    overdue_at = (due + 5) * DAY + 3 * HOUR
    _row(world, contract, PaymentKind.LATE_FEE, Status.PAID, method, _LATE_FEE, due + 5, overdue_at, paid_at=paid_at)
    late = _event(world, contract, "PaymentOverdue", payment, overdue_at, "Premium overdue")
    _event(world, contract, "PaymentReceived", payment, paid_at, "Overdue premium received", late, late)


def _failed_then_paid(
    world: World, contract: Contract, method: PaymentMethod, due: Day, end: Day | None, billed_at: Moment
) -> None:
    """The bank refused it; some days later it was collected anew."""
    failed_at = max(billed_at, due * DAY + 5 * HOUR)
    failed = _row(world, contract, PaymentKind.PREMIUM, Status.FAILED, method, contract.terms.premium, due, billed_at,
                  end=end, updated_at=failed_at)  # fmt: skip
    cause = _event(world, contract, "PaymentFailed", failed, failed_at, "Premium refused by the bank")
    again = due + world.dice.between(5, 12)
    paid_at = world.dice.at_work(again)
    payment = _row(world, contract, PaymentKind.PREMIUM, Status.PAID, method, contract.terms.premium, due,
                   failed_at + HOUR, end=end, paid_at=paid_at)  # fmt: skip
    _event(world, contract, "PaymentReceived", payment, paid_at, "Premium received", cause, cause)


def _refund(
    world: World, contract: Contract, method: PaymentMethod, start: Day, following: Day, refund_of: str | None
) -> None:
    """The premium for the days after the end, paid back."""
    ended = contract.span.ended
    assert ended is not None
    amount = contract.terms.premium * (following - 1 - ended) // (following - start)
    if amount < 200:
        return
    created_at = world.past((ended + 2) * DAY + 9 * HOUR)
    paid_at = max(created_at, world.past((ended + 5) * DAY + 9 * HOUR))
    payment = _row(world, contract, PaymentKind.REFUND, Status.PAID, method, -amount, ended, created_at,
                   paid_at=paid_at, refund_of=refund_of)  # fmt: skip
    _event(world, contract, "PaymentRefunded", payment, paid_at, "Unused premium paid back")
