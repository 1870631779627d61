"""A case for each command about contracts and payments: input with which it does its work, and what tells of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.access.desk import Desk
from tests.changes.contracts.asking import approved, contract, day, owner, payment
from tests.changes.customers.asking import run

Input = dict[str, Any]
Made = tuple[str, Input]


@dataclass(frozen=True)
class Case:
    """`make` gives the customer's row id and the input; `events` are those that follow, in order."""

    name: str
    events: tuple[str, ...]
    make: Callable[[Desk], Made]


def _issue(desk: Desk) -> Made:
    order = approved(desk)
    return owner(desk, "orders", order), {"orderId": f"ord_{order}"}


def _of(line: str = "MOTOR", *, arrears: bool = False, given: Input | None = None, **state: Any) -> Callable[..., Made]:
    """A contract put into a state; with `arrears` a premium of it is overdue."""

    def make(desk: Desk) -> Made:
        row_id = contract(desk, line, **state)
        if arrears:
            payment(desk, row_id, "OVERDUE", due=-20)
        return owner(desk, "contracts", row_id), {"contractId": f"con_{row_id}", **(given or {})}

    return make


def _dated(column: str, offset: int, *, status: str, extra: str = "") -> Callable[..., Made]:
    """A contract in a state with a day set."""

    def make(desk: Desk) -> Made:
        row_id = contract(desk, status=status)
        run(desk, f"update contracts set {column} = %s {extra} where id = %s", day(offset), row_id)
        return owner(desk, "contracts", row_id), {"contractId": f"con_{row_id}"}

    return make


def _payment(status: str, due: int, **given: Any) -> Callable[..., Made]:
    def make(desk: Desk) -> Made:
        row_id = payment(desk, contract(desk), status, due=due)
        return owner(desk, "payments", row_id), {"paymentId": f"pay_{row_id}", **given}

    return make


_RECEIVED = {"amount": "10.00", "currency": "EUR", "method": "BANK_TRANSFER", "reference": "RF18539007547034"}
_CHILD = {
    "name": "Younger Sister",
    "birthDate": "2015-05-05",
    "rank": "PRIMARY",
    "sharePercent": "100",
    "relationship": "child",
}

CASES: tuple[Case, ...] = (
    Case("issueContract", ("OrderStatusChanged", "ContractIssued"), _issue),
    Case("beginContract", ("CoverBegan",), _of(status="PENDING")),
    Case("amendContract", ("ContractAmended",), _of(given={"deductible": "137.50"})),
    Case("changeBeneficiaries", ("ContractAmended",), _of("LIFE", renews=False, given={"beneficiaries": [_CHILD]})),
    Case("remindOfRenewal", ("RenewalReminderSent",), _of(started=-350)),
    Case("renewContract", ("ContractRenewed",), _of(started=-350)),
    Case("enterGracePeriod", ("GracePeriodEntered",), _of(arrears=True)),
    Case("endGracePeriod", ("GracePeriodEnded",), _of(status="GRACE_PERIOD")),
    Case("lapseContract", ("ContractLapsed",), _dated("grace_period_ends_on", -1, status="GRACE_PERIOD")),
    Case("reinstateContract", ("ContractReinstated",), _dated("ended_on", -10, status="LAPSED")),
    Case("cancelContract", ("ContractCancelled",), _of(given={"reason": "RISK_CEASED"})),
    Case("expireContract", ("ContractExpired",), _dated("ends_on", -1, status="ACTIVE", extra=", renewal_on = null")),
    Case("matureContract", ("ContractExpired",), _of("LIFE", renews=False)),
    Case("billContract", (), _of()),
    Case("makePaymentDue", (), _payment("SCHEDULED", 0)),
    Case("recordPayment", ("PaymentReceived",), _payment("DUE", -1, **_RECEIVED)),
    Case("markPaymentOverdue", ("PaymentOverdue", "GracePeriodEntered"), _payment("DUE", -20)),
    Case("failPayment", ("PaymentFailed",), _payment("DUE", -1, reason="INSUFFICIENT_FUNDS")),
    Case("refundPayment", ("PaymentRefunded",), _payment("PAID", -1, reason="PAID_TWICE")),
    Case("waivePayment", ("PaymentWaived",), _payment("DUE", -1)),
)
