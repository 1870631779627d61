"""Paying back by hand: in parts, never more than was received, within the limit of the role."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from auth.approval_limits import APPROVAL_LIMITS, ApprovalArea
from models.roles import Role
from tests.access.desk import Desk
from tests.changes.contracts.asking import MANAGER, contract, day, do, owner, payment, payments, refused
from tests.changes.customers.asking import events, position, run
from tests.changes.digests import everything
from tests.changes.receipts.asking import consistent

_LIMIT = APPROVAL_LIMITS[ApprovalArea.REFUND][Role.SENIOR_AGENT]


def _given(payment_id: str, amount: str | None = None) -> dict[str, Any]:
    more = {} if amount is None else {"amount": amount}
    return {"paymentId": f"pay_{payment_id}", "reason": "GOODWILL", **more}


async def test_parts_are_paid_back_until_nothing_is_left(desk: Desk) -> None:
    row_id = contract(desk)
    payment_id = payment(desk, row_id, "PAID")
    customer, since = owner(desk, "contracts", row_id), position(desk)
    first = await do(desk, "refundPayment", _given(payment_id, "4.00"))
    assert (first["payment"]["status"], first["nextPayment"]["amount"]) == ("PAID", {"amount": "-4.00"})
    before = everything(desk)
    error = await refused(desk, "refundPayment", _given(payment_id, "6.01"))
    assert (error["code"], error["field"]) == ("ABOVE_RECEIVED", ["input", "amount"])
    assert everything(desk) == before
    last = await do(desk, "refundPayment", _given(payment_id))
    assert (last["payment"]["status"], last["nextPayment"]["amount"]) == ("REFUNDED", {"amount": "-6.00"})
    before = everything(desk)
    assert (await refused(desk, "refundPayment", _given(payment_id)))["code"] == "TRANSITION_IMPOSSIBLE"
    assert everything(desk) == before
    assert [facts["amount"] for name, facts in events(desk, customer, since)] == ["4.00", "6.00"]
    found = "select amount::text from payments where refund_of_id = %s order by amount"
    assert desk.rows(found, payment_id) == [("-4.00",), ("-6.00",)]
    consistent(desk)


async def test_many_refunds_at_once_never_exceed_what_was_received(desk: Desk) -> None:
    row_id = contract(desk)
    payment_id, since = payment(desk, row_id, "PAID"), position(desk)
    outcomes = await asyncio.gather(
        *(do(desk, "refundPayment", _given(payment_id, "3.00")) for _ in range(8)), return_exceptions=True
    )
    # Three times three of ten; what came later was refused, and nothing went wrong besides.
    assert sum(isinstance(one, dict) for one in outcomes) == 3
    assert all(isinstance(one, dict | AssertionError) for one in outcomes)
    ((total,),) = desk.rows("select sum(amount) from payments where refund_of_id = %s", payment_id)
    assert total == Decimal("-9.00")
    told = events(desk, owner(desk, "contracts", row_id), since)
    assert [name for name, _ in told] == ["PaymentRefunded"] * 3
    consistent(desk)


async def test_two_that_read_the_same_version_are_not_both_done(desk: Desk) -> None:
    payment_id = payment(desk, contract(desk), "PAID")
    given = _given(payment_id, "3.00") | {"expectedVersion": 1}
    await do(desk, "refundPayment", given)
    before = everything(desk)
    assert (await refused(desk, "refundPayment", given))["code"] == "CONFLICT"
    assert everything(desk) == before


async def test_a_large_sum_is_not_made_small_by_dividing_it(desk: Desk) -> None:
    assert _LIMIT is not None
    payment_id = payment(desk, contract(desk), "PAID", amount=f"{_LIMIT + 500}")
    await do(desk, "refundPayment", _given(payment_id, f"{_LIMIT}"))
    before = everything(desk)
    error = await refused(desk, "refundPayment", _given(payment_id, "0.01"))
    assert (error["code"], error["field"]) == ("APPROVAL_LIMIT_EXCEEDED", ["input", "amount"])
    assert "manager or administrator" in error["message"]
    assert everything(desk) == before
    assert (await do(desk, "refundPayment", _given(payment_id), MANAGER))["payment"]["status"] == "REFUNDED"


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "0.001"])
async def test_what_is_no_sum_is_refused(desk: Desk, amount: str) -> None:
    payment_id = payment(desk, contract(desk), "PAID")
    before = everything(desk)
    error = await refused(desk, "refundPayment", _given(payment_id, amount))
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", "amount"])
    assert everything(desk) == before


async def test_what_was_paid_back_by_hand_is_not_paid_back_at_the_end_of_the_contract(desk: Desk) -> None:
    row_id = contract(desk, started=-10)
    payment_id = payment(desk, row_id, "PAID", due=0, days=30)
    await do(desk, "refundPayment", _given(payment_id, "9.90"))
    run(desk, "update contracts set started_on = %s where id = %s", day(0), row_id)
    await do(desk, "cancelContract", {"contractId": f"con_{row_id}", "reason": "CUSTOMER_REQUEST"})
    refunds = [amount for kind, _, amount in payments(desk, row_id) if kind == "REFUND"]
    # 29 of 30 days would be 9.67; ten cents are left.
    assert sorted(refunds) == ["-0.10", "-9.90"]
    before = everything(desk)
    error = await refused(desk, "refundPayment", _given(payment_id))
    assert (error["code"], error["field"]) == ("NOTHING_LEFT", ["input", "paymentId"])
    assert everything(desk) == before
    consistent(desk)
