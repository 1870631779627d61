"""What time does to contracts and payments, performed by the service itself: overdue, grace, lapse, and back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from auth.actor import SYSTEM
from changes import perform
from changes.due import STEPS, Step
from core.errors import RequestError
from tests.access.desk import Desk
from tests.changes.contracts.asking import contract, day, do, owner, payment, payments, refused
from tests.changes.customers.asking import events, position, run

_RECEIVED = {"currency": "EUR", "method": "BANK_TRANSFER"}


async def _due(desk: Desk, step: Step, ahead: int = 0) -> list[str]:
    async with desk.services.pool.connection() as connection:
        now = datetime.now(UTC) + timedelta(days=ahead)
        return [str(row_id) for row_id in await step.due(connection, now, 100_000)]


def _step(name: str) -> Step:
    (step,) = [step for step in STEPS if step.command.__name__ == name]
    return step


# Those of complaints and follow-up tasks are tested where these are.
_OF_CONTRACTS = [step for step in STEPS if step.argument in ("contract_id", "payment_id")]


@pytest.mark.parametrize("step", _OF_CONTRACTS, ids=lambda step: step.command.__name__)
async def test_all_that_is_listed_can_be_done_and_is_then_listed_no_more(desk: Desk, step: Step) -> None:
    made = {
        "BeginContract": lambda: contract(desk, status="PENDING", started=0),
        "RemindOfRenewal": lambda: contract(desk, started=-350),
        "RenewContract": lambda: contract(desk, started=-360),
        "BillContract": lambda: contract(desk),
        "MakePaymentDue": lambda: payment(desk, contract(desk), "SCHEDULED"),
        "MarkPaymentOverdue": lambda: payment(desk, contract(desk), due=-4),
        "LapseContract": lambda: _in_grace(desk, -1),
        "ExpireContract": lambda: contract(desk, started=-400),
    }[step.command.__name__]()
    if step.command.__name__ == "ExpireContract":
        run(desk, "update contracts set renewal_on = null where id = %s", made)
    listed = await _due(desk, step)
    assert made in listed
    for row_id in listed:
        await perform(desk.services.door, SYSTEM, step.command_for(row_id))  # type: ignore[arg-type]
    assert await _due(desk, step) == []
    # Whoever comes too late does no harm.
    if step.command.__name__ != "BillContract":
        with pytest.raises(RequestError):
            await perform(desk.services.door, SYSTEM, step.command_for(made))  # type: ignore[arg-type]


async def test_a_day_before_nothing_is_due(desk: Desk) -> None:
    row_id = contract(desk, status="PENDING", started=1)
    assert row_id not in await _due(desk, _step("BeginContract"))
    assert row_id in await _due(desk, _step("BeginContract"), 1)
    premium = payment(desk, contract(desk, "HOME"), due=-5)
    assert premium not in await _due(desk, _step("MarkPaymentOverdue"))
    assert premium in await _due(desk, _step("MarkPaymentOverdue"), 1)


def _in_grace(desk: Desk, until: int) -> str:
    row_id = contract(desk, status="GRACE_PERIOD")
    run(desk, "update contracts set grace_period_ends_on = %s where id = %s", day(until), row_id)
    return row_id


async def test_from_an_unpaid_premium_to_the_lapse_and_back(desk: Desk) -> None:
    row_id = contract(desk, started=-60)
    holder, since = owner(desk, "contracts", row_id), position(desk)
    premium = payment(desk, row_id, due=-29, days=30)
    payment(desk, row_id, "SCHEDULED", due=1, days=30)
    overdue = await do(desk, "markPaymentOverdue", {"paymentId": f"pay_{premium}"})
    assert overdue["contract"]["status"] == "GRACE_PERIOD"
    assert overdue["contract"]["gracePeriodEndsOn"] == str(day(1))
    assert overdue["nextPayment"]["amount"] == {"amount": "5.00"}
    told = dict(events(desk, holder, since))
    assert told["PaymentOverdue"]["lateFee"] == "5.00"
    assert told["GracePeriodEntered"]["dueOn"] == str(day(1))
    assert desk.rows(
        "select p.type from events e join events p on p.id = e.cause_id"
        " where e.type = 'GracePeriodEntered' and e.position > %s",
        since,
    ) == [("PaymentOverdue",)]

    run(desk, "update contracts set grace_period_ends_on = %s where id = %s", day(-1), row_id)
    lapsed = await do(desk, "lapseContract", {"contractId": f"con_{row_id}"})
    assert (lapsed["contract"]["status"], lapsed["contract"]["endedOn"]) == ("LAPSED", str(day(-1)))
    assert payments(desk, row_id) == [
        ("PREMIUM", "OVERDUE", "10.00"),
        ("LATE_FEE", "WAIVED", "5.00"),
        ("PREMIUM", "WAIVED", "10.00"),
    ]
    reinstate = {"contractId": f"con_{row_id}"}
    assert (await refused(desk, "reinstateContract", reinstate))["code"] == "ARREARS"
    await do(desk, "recordPayment", {"paymentId": f"pay_{premium}", "amount": "10", **_RECEIVED})
    back = await do(desk, "reinstateContract", reinstate)
    assert (back["contract"]["status"], back["contract"]["endedOn"]) == ("ACTIVE", None)


async def test_the_last_overdue_premium_ends_the_grace_period(desk: Desk) -> None:
    row_id = _in_grace(desk, 5)
    first, second = (payment(desk, row_id, "OVERDUE", due=due) for due in (-40, -10))
    one = await do(desk, "recordPayment", {"paymentId": f"pay_{first}", "amount": "10", **_RECEIVED})
    assert one["contract"]["status"] == "GRACE_PERIOD"
    other = await do(desk, "recordPayment", {"paymentId": f"pay_{second}", "amount": "10", **_RECEIVED})
    assert (other["contract"]["status"], other["contract"]["gracePeriodEndsOn"]) == ("ACTIVE", None)


async def test_another_sum_is_not_what_was_asked_for(desk: Desk) -> None:
    row_id = payment(desk, contract(desk))
    for given in ({"amount": "9.99", **_RECEIVED}, {"amount": "10", **_RECEIVED, "currency": "CHF"}):
        error = await refused(desk, "recordPayment", {"paymentId": f"pay_{row_id}", **given})
        assert (error["code"], error["field"]) == ("SUM_DIFFERS", ["input", "amount"])


async def test_a_payment_received_many_times_at_once_is_received_once(desk: Desk) -> None:
    row_id = contract(desk)
    given = {"paymentId": f"pay_{payment(desk, row_id)}", "amount": "10", **_RECEIVED}
    outcomes = await asyncio.gather(*(do(desk, "recordPayment", given) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, dict) for one in outcomes) == 1
    assert desk.rows("select count(*) from events where type = 'PaymentReceived' and subject_id = %s",
                     given["paymentId"].removeprefix("pay_")) == [(1,)]  # fmt: skip


async def test_what_failed_is_asked_for_anew_and_what_is_paid_back_shows(desk: Desk) -> None:
    row_id = contract(desk)
    first = payment(desk, row_id, "PAID")
    failed = await do(desk, "failPayment", {"paymentId": f"pay_{first}", "reason": "CHARGED_BACK"})
    again = failed["nextPayment"]
    assert (failed["payment"]["status"], again["status"]) == ("FAILED", "DUE")
    await do(desk, "recordPayment", {"paymentId": again["id"], "amount": "10", **_RECEIVED})
    refunded = await do(desk, "refundPayment", {"paymentId": again["id"], "reason": "GOODWILL"})
    assert refunded["payment"]["status"] == "REFUNDED"
    refund = refunded["nextPayment"]
    assert (refund["kind"], refund["amount"]) == ("REFUND", {"amount": "-10.00"})
    error = await refused(desk, "refundPayment", {"paymentId": refund["id"], "reason": "GOODWILL"})
    assert error["code"] == "PAID_OUT"
