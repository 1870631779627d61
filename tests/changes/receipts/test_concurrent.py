"""Matching while others match the same: what is paid is paid once, and no receipt is used twice."""

import asyncio

from tests.access.desk import Desk
from tests.changes.contracts.asking import SENIOR as WHO
from tests.changes.contracts.asking import contract, do, mutation, payment
from tests.changes.receipts.asking import asked_for, consistent, matched, receipt, row


async def _codes(desk: Desk, name: str, given: list[dict[str, str]]) -> list[str]:
    """What came of mutations that were all sent at once: codes, or nothing where it was done."""
    payloads = await asyncio.gather(*(desk.done(WHO, mutation(name), input=one) for one in given))
    return sorted(error["code"] for payload in payloads for error in payload["userErrors"])


async def test_a_payment_is_paid_by_one_of_many_receipts(desk: Desk) -> None:
    payment_id = asked_for(desk)
    receipts = [await receipt(desk) for _ in range(6)]
    codes = await _codes(desk, "matchPayment", [{"receiptId": one, "paymentId": payment_id} for one in receipts])
    assert codes == ["TRANSITION_IMPOSSIBLE"] * 5
    states = desk.rows("select status, count(*) from receipts where id::text = any(%s) group by status order by status",
                       [row(one) for one in receipts])  # fmt: skip
    assert states == [("MATCHED", 1), ("UNMATCHED", 5)]
    assert desk.rows(
        "select count(*) from events where type = 'PaymentReceived' and subject_id = %s", row(payment_id)
    ) == [(1,)]
    consistent(desk)


async def test_a_receipt_pays_no_more_than_came_in(desk: Desk) -> None:
    contract_id = contract(desk)
    wanted = [f"pay_{payment(desk, contract_id, due=due)}" for due in range(-6, 0)]
    receipt_id = await receipt(desk, "35.00")
    codes = await _codes(desk, "matchPayment", [{"receiptId": receipt_id, "paymentId": one} for one in wanted])
    assert codes == ["RECEIPT_TOO_SMALL"] * 3
    consistent(desk)


async def test_what_is_sent_back_pays_nothing_at_the_same_moment(desk: Desk) -> None:
    for _ in range(4):
        payment_id, receipt_id = asked_for(desk), await receipt(desk)
        payloads = await asyncio.gather(
            desk.done(WHO, mutation("returnReceipt"), input={"receiptId": receipt_id, "reason": "PAYER_REQUEST"}),
            desk.done(WHO, mutation("matchPayment"), input={"receiptId": receipt_id, "paymentId": payment_id}),
        )
        assert [error["code"] for one in payloads for error in one["userErrors"]] == ["TRANSITION_IMPOSSIBLE"]
        consistent(desk)


async def test_a_match_is_taken_back_once(desk: Desk) -> None:
    payment_id, receipt_id = asked_for(desk), await receipt(desk)
    await matched(desk, receipt_id, payment_id)
    codes = await _codes(desk, "unmatchPayment", [{"paymentId": payment_id}] * 5)
    assert codes == ["TRANSITION_IMPOSSIBLE"] * 4
    consistent(desk)


async def test_a_transaction_of_the_bank_sent_many_times_at_once_is_one_receipt(desk: Desk) -> None:
    given = {"amount": "10.00", "currency": "EUR", "bankReference": "RF18539007547034"}
    assert await _codes(desk, "recordReceipt", [given] * 5) == ["ALREADY_RECORDED"] * 4
    assert desk.rows("select count(*) from receipts where bank_reference = 'RF18539007547034'") == [(1,)]


async def test_matching_and_refunding_at_once_end_in_some_order(desk: Desk) -> None:
    payment_id = asked_for(desk)
    await matched(desk, await receipt(desk), payment_id)
    payloads = await asyncio.gather(
        desk.done(WHO, mutation("unmatchPayment"), input={"paymentId": payment_id}),
        desk.done(WHO, mutation("refundPayment"), input={"paymentId": payment_id, "reason": "GOODWILL"}),
    )
    assert sum(bool(one["userErrors"]) for one in payloads) == 1
    consistent(desk)
    await do(desk, "recordReceipt", {"amount": "1.00", "currency": "EUR"})
