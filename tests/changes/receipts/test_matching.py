"""What matching does besides stepping: sums that fit or not, arrears that end and come back, money sent back."""

from typing import Any

import pytest

from tests.access.desk import Desk
from tests.changes.contracts.asking import contract, day, do, owner, payment, refused
from tests.changes.customers.asking import events, position, run
from tests.changes.digests import everything
from tests.changes.receipts.asking import asked_for, consistent, matched, of_another_customer, receipt, row, yesterday


async def test_what_is_paid_too_much_stays_on_the_receipt_and_pays_the_next(desk: Desk) -> None:
    contract_id = contract(desk)
    first, second = (f"pay_{payment(desk, contract_id, 'DUE', due=due)}" for due in (-2, 0))
    receipt_id = await receipt(desk, "25.00", receivedOn=yesterday(), bankReference="RF18539007547034", method="CHEQUE")
    payload: Any = await matched(desk, receipt_id, first)
    assert payload["receipt"]["status"] == "PARTLY_MATCHED"
    assert payload["receipt"]["remaining"] == {"amount": "15.00"}
    assert payload["receipt"]["customer"] == {"id": f"cus_{owner(desk, 'contracts', contract_id)}"}
    assert (payload["payment"]["status"], payload["payment"]["method"]) == ("PAID", "CHEQUE")
    assert payload["payment"]["paidAt"].startswith(yesterday())
    assert desk.rows("select reference from payments where id = %s", row(first)) == [("RF18539007547034",)]
    payload = await matched(desk, receipt_id, second)
    assert payload["receipt"]["remaining"] == {"amount": "5.00"}
    returned = (await do(desk, "returnReceipt", {"receiptId": receipt_id, "reason": "PAID_TOO_MUCH"}))["receipt"]
    assert (returned["status"], returned["returned"]) == ("RETURNED", {"amount": "5.00"})
    consistent(desk)


async def test_a_sum_that_is_just_right_is_matched_whole(desk: Desk) -> None:
    payload: Any = await matched(desk, await receipt(desk), asked_for(desk, "SCHEDULED", due=5))
    assert (payload["receipt"]["status"], payload["receipt"]["remaining"]) == ("MATCHED", {"amount": "0.00"})
    assert payload["receipt"]["availableTransitions"] == ["unmatch", "unmatchPart"]
    consistent(desk)


async def test_the_history_tells_what_led_to_what(desk: Desk) -> None:
    payment_id = asked_for(desk, "OVERDUE", due=-20)
    contract_id = desk.rows("select contract_id::text from payments where id = %s", row(payment_id))[0][0]
    run(
        desk,
        "update contracts set status = 'GRACE_PERIOD', grace_period_ends_on = %s where id = %s",
        day(9),
        contract_id,
    )
    since = position(desk)
    payload: Any = await matched(desk, await receipt(desk), payment_id)
    assert (payload["contract"]["status"], payload["contract"]["gracePeriodEndsOn"]) == ("ACTIVE", None)
    told = desk.rows(
        "select e.type, c.type from events e left join events c on c.id = e.cause_id where e.position > %s"
        " order by e.position",
        since,
    )
    assert told == [
        ("ReceiptMatched", None),
        ("PaymentReceived", "ReceiptMatched"),
        ("GracePeriodEnded", "PaymentReceived"),
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "status", "kind", "asked", "code", "field"),
    [
        ("9.99", "EUR", "DUE", "PREMIUM", "10.00", "RECEIPT_TOO_SMALL", "paymentId"),
        ("10.00", "CHF", "DUE", "PREMIUM", "10.00", "CURRENCY_DIFFERS", "paymentId"),
        ("10.00", "EUR", "DUE", "REFUND", "-10.00", "PAID_OUT", "paymentId"),
        ("10.00", "EUR", "PAID", "PREMIUM", "10.00", "TRANSITION_IMPOSSIBLE", None),
        ("10.00", "EUR", "WAIVED", "PREMIUM", "10.00", "TRANSITION_IMPOSSIBLE", None),
    ],
)
async def test_what_does_not_fit_is_refused(
    desk: Desk, amount: str, currency: str, status: str, kind: str, asked: str, code: str, field: str | None
) -> None:
    payment_id = f"pay_{payment(desk, contract(desk), status, amount=asked, kind=kind)}"
    receipt_id = await receipt(desk, amount, currency=currency)
    before = everything(desk)
    error = await refused(desk, "matchPayment", {"receiptId": receipt_id, "paymentId": payment_id})
    assert (error["code"], error["field"]) == (code, ["input", field] if field else ["input"])
    assert everything(desk) == before


async def test_what_is_left_pays_for_the_same_customer_alone(desk: Desk) -> None:
    receipt_id = await receipt(desk, "30.00")
    mine = asked_for(desk)
    await matched(desk, receipt_id, mine)
    other = of_another_customer(desk, mine)
    before = everything(desk)
    error = await refused(desk, "matchPayment", {"receiptId": receipt_id, "paymentId": other})
    assert (error["code"], error["field"]) == ("OTHER_CUSTOMER", ["input", "paymentId"])
    assert everything(desk) == before
    # Taken back, it is nobody's again, and may be the other's.
    await do(desk, "unmatchPayment", {"paymentId": mine})
    await matched(desk, receipt_id, other)
    consistent(desk)


@pytest.mark.parametrize(
    ("before", "due", "after"),
    [("SCHEDULED", 3, "SCHEDULED"), ("SCHEDULED", 0, "DUE"), ("DUE", -2, "DUE"), ("OVERDUE", -20, "OVERDUE")],
)
async def test_taken_back_the_payment_stands_where_it_stood_by_now(
    desk: Desk, before: str, due: int, after: str
) -> None:
    payment_id = asked_for(desk, before, due=due)
    run(desk, "update payments set method = 'DIRECT_DEBIT' where id = %s", row(payment_id))
    receipt_id = await receipt(desk, "15.00")
    await matched(desk, receipt_id, payment_id)
    since = position(desk)
    payload = await do(desk, "unmatchPayment", {"paymentId": payment_id, "reason": "Another Sommer."})
    shown = payload["payment"]
    assert (shown["status"], shown["method"], shown["paidAt"]) == (after, "DIRECT_DEBIT", None)
    assert payload["receipt"]["status"] == "UNMATCHED"
    assert (payload["receipt"]["customer"], payload["receipt"]["remaining"]) == (None, {"amount": "15.00"})
    told = events(desk, owner(desk, "payments", row(payment_id)), since)
    names = ["PaymentUnmatched", "GracePeriodEntered"] if after == "OVERDUE" else ["PaymentUnmatched"]
    assert [name for name, _ in told] == names
    assert payload["contract"]["status"] == ("GRACE_PERIOD" if after == "OVERDUE" else "ACTIVE")
    # No second fee is asked for.
    assert len(desk.rows("select from payments where contract_id = %s", row(payload["contract"]["id"]))) == 1
    # The match stays to tell of it, and the payment can be paid by another receipt.
    await matched(desk, await receipt(desk), payment_id)
    assert desk.rows(
        "select undone_at is null, undone_reason from receipt_matches where payment_id = %s order by matched_at",
        row(payment_id),
    ) == [(False, "Another Sommer."), (True, None)]
    consistent(desk)


async def test_of_several_matches_one_is_taken_back(desk: Desk) -> None:
    contract_id = contract(desk)
    first, second = (f"pay_{payment(desk, contract_id, 'DUE', due=due)}" for due in (-2, 0))
    receipt_id = await receipt(desk, "20.00")
    await matched(desk, receipt_id, first)
    await matched(desk, receipt_id, second)
    payload = await do(desk, "unmatchPayment", {"paymentId": first})
    assert payload["receipt"]["status"] == "PARTLY_MATCHED"
    assert payload["receipt"]["customer"] == {"id": f"cus_{owner(desk, 'contracts', contract_id)}"}
    consistent(desk)


async def test_what_was_recorded_by_hand_or_paid_back_is_not_taken_back(desk: Desk) -> None:
    by_hand = asked_for(desk, "PAID")
    before = everything(desk)
    error = await refused(desk, "unmatchPayment", {"paymentId": by_hand})
    assert (error["code"], error["field"]) == ("NOT_MATCHED", ["input", "paymentId"])
    assert everything(desk) == before
    payment_id = asked_for(desk)
    await matched(desk, await receipt(desk), payment_id)
    await do(desk, "refundPayment", {"paymentId": payment_id, "amount": "1.00", "reason": "GOODWILL"})
    before = everything(desk)
    error = await refused(desk, "unmatchPayment", {"paymentId": payment_id})
    assert (error["code"], error["field"]) == ("PARTLY_REFUNDED", ["input", "paymentId"])
    assert everything(desk) == before


async def test_a_transaction_of_the_bank_is_recorded_once(desk: Desk) -> None:
    await receipt(desk, bankReference="RF18539007547034")
    before = everything(desk)
    given = {"amount": "11.00", "currency": "EUR", "bankReference": " RF18539007547034 "}
    error = await refused(desk, "recordReceipt", given)
    assert (error["code"], error["field"]) == ("ALREADY_RECORDED", ["input", "bankReference"])
    assert everything(desk) == before
    # Cash has no reference of a bank.
    await receipt(desk, method="CASH")
    await receipt(desk, method="CASH")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "0.00"}, "amount"),
        ({"amount": "-5.00"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"currency": "eur"}, "currency"),
        ({"receivedOn": day(1).isoformat()}, "receivedOn"),
        ({"payerName": " "}, "payerName"),
        ({"reference": "x" * 501}, "reference"),
    ],
)
async def test_a_receipt_that_cannot_be_is_not_recorded(desk: Desk, wrong: dict[str, str], field: str) -> None:
    before = everything(desk)
    error = await refused(desk, "recordReceipt", {"amount": "10.00", "currency": "EUR", **wrong})
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", field])
    assert everything(desk) == before
