"""The workflows of contracts and payments, walked at random through the mutations."""

from typing import Any, ClassVar

import pytest

from models.billing import PAYMENT_WORKFLOW
from models.contracts import CONTRACT_WORKFLOW
from tests.changes.contracts.asking import SENIOR, contract, day, mutation, payment
from tests.changes.customers.asking import run
from tests.changes.walking import Walk, Walker

_CONTRACT_MUTATIONS = {
    name: f"{name}Contract" for name in ("begin", "renew", "lapse", "reinstate", "cancel", "expire", "mature")
}
_PAYMENT_MUTATIONS = {
    "makeDue": "makePaymentDue",
    "record": "recordPayment",
    "markOverdue": "markPaymentOverdue",
    "fail": "failPayment",
    "refund": "refundPayment",
    "unmatch": "unmatchPayment",
    "waive": "waivePayment",
}
_DIGEST = (
    "select c::text, (select string_agg(p::text, '|' order by p.id) from payments p where p.contract_id = c.id),"
    " (select count(*) from events) from contracts c where id = %s"
)


class ContractWalk(Walk):
    """A car insurance, while premiums become overdue and are paid, and days pass."""

    who = SENIOR
    shown = "query ($id: ID!) { contract(id: $id) { state: status available: availableTransitions } }"
    line: ClassVar[str] = "MOTOR"
    renews: ClassVar[bool] = True

    def begin(self) -> str:
        self.row_id = contract(self.desk, self.line, status="PENDING", started=-100, renews=self.renews)
        self.turns = 0
        return f"con_{self.row_id}"

    def mutation(self, transition: str) -> tuple[str, dict[str, Any]]:
        more = {"reason": "CUSTOMER_REQUEST"} if transition == "cancel" else {}
        return mutation(_CONTRACT_MUTATIONS.get(transition, transition)), {"input": {"contractId": self.id, **more}}

    def refusal(self, transition: str) -> str | None:
        ((started, ends, renewal, grace, ended, overdue, owed),) = self.desk.rows(
            "select started_on, ends_on, renewal_on, grace_period_ends_on, ended_on,"
            " (select count(*) from payments p where p.contract_id = c.id and status = 'OVERDUE' and kind = 'PREMIUM'),"
            " (select count(*) from payments p where p.contract_id = c.id and status in ('DUE', 'OVERDUE'))"
            " from contracts c where id = %s",
            self.row_id,
        )
        reasons: dict[str, list[tuple[bool, str]]] = {
            "begin": [(started > day(0), "COVER_AHEAD")],
            "renew": [
                (renewal is None, "NOT_RENEWABLE"),
                (renewal is not None and renewal > day(90), "RENEWAL_TOO_EARLY"),
                (overdue > 0, "ARREARS"),
            ],
            "enterGracePeriod": [(not overdue, "NOTHING_OVERDUE")],
            "endGracePeriod": [(overdue > 0, "ARREARS")],
            "lapse": [(grace is None or grace >= day(0), "GRACE_PERIOD_RUNS")],
            "reinstate": [
                (ended is not None and ended < day(-90), "REINSTATEMENT_TOO_LATE"),
                (ends < day(0), "TERM_OVER"),
                (owed > 0, "ARREARS"),
            ],
            "expire": [(ends >= day(0), "TERM_RUNS"), (renewal is not None, "STILL_RENEWS")],
            "mature": [(self.line != "LIFE", "NO_BENEFIT")],
        }
        return next((code for holds, code in reasons.get(transition, []) if holds), None)

    def digest(self) -> Any:
        return self.desk.rows(_DIGEST, self.row_id)

    def happen(self, choice: int) -> None:
        """A premium becomes overdue; what is owed is paid; the grace period is over; the term nears its end, or is."""
        self.turns += 1
        if choice == 0:
            payment(self.desk, self.row_id, "OVERDUE", due=-40)
        elif choice == 1:
            run(
                self.desk,
                "update payments set status = 'PAID', paid_at = now()"
                " where contract_id = %s and status in ('DUE', 'OVERDUE')",
                self.row_id,
            )
        elif choice == 2:
            run(
                self.desk,
                "update contracts set grace_period_ends_on = %s where id = %s and grace_period_ends_on is not null",
                day(-1),
                self.row_id,
            )
        else:
            ends, renews = ((30, self.renews), (-1, False))[self.turns % 2]
            run(
                self.desk,
                "update contracts set ends_on = %s, renewal_on = %s where id = %s",
                day(ends),
                day(ends + 1) if renews else None,
                self.row_id,
            )


class LifeWalk(ContractWalk):
    """A life insurance."""

    line, renews = "LIFE", False


class PaymentWalk(Walk):
    """A premium, while days pass."""

    who = SENIOR
    shown = "query ($id: ID!) { payment(id: $id) { state: status available: availableTransitions } }"

    def begin(self) -> str:
        self.contract_id = contract(self.desk)
        self.row_id = payment(self.desk, self.contract_id, "SCHEDULED", due=3)
        self.due = 3
        return f"pay_{self.row_id}"

    def mutation(self, transition: str) -> tuple[str, dict[str, Any]]:
        more = {
            "record": {"amount": "10.00", "currency": "EUR", "method": "CARD"},
            "fail": {"reason": "CARD_DECLINED"},
            "refund": {"reason": "GOODWILL"},
        }
        return mutation(_PAYMENT_MUTATIONS[transition]), {"input": {"paymentId": self.id, **more.get(transition, {})}}

    def refusal(self, transition: str) -> str | None:
        if transition == "makeDue":
            return "DUE_AHEAD" if self.due > 0 else None
        if transition == "markOverdue":
            return "STILL_IN_TIME" if self.due >= -3 else None
        # It is recorded by hand here; how matches are taken back is walked with receipts.
        return "NOT_MATCHED" if transition == "unmatch" else None

    def digest(self) -> Any:
        return self.desk.rows(_DIGEST, self.contract_id)

    def happen(self, choice: int) -> None:
        """Days pass, or the due date is put off."""
        self.due = (3, 0, -3, -4)[choice]
        run(self.desk, "update payments set due_on = %s where id = %s", day(self.due), self.row_id)


@pytest.mark.parametrize("kind", [ContractWalk, LifeWalk])
def test_a_contract_follows_its_table(walker: Walker, kind: type[ContractWalk]) -> None:
    walker.walk(CONTRACT_WORKFLOW, kind)


def test_a_payment_follows_its_table(walker: Walker) -> None:
    walker.walk(PAYMENT_WORKFLOW, PaymentWalk)
