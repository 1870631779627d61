"""Receipts follow their customers through merges, and back, whenever they were matched."""

import pytest

from tests.access.desk import Desk
from tests.changes.contracts.asking import do, payment
from tests.changes.merging.asking import merged_well, two, unmerged_well
from tests.changes.receipts.asking import consistent, matched, receipt, row


def _contract(desk: Desk, customer: str) -> str:
    """The row id of a contract of a customer."""
    ((row_id,),) = desk.rows(
        "update contracts set status = 'ACTIVE', currency = 'EUR', grace_period_ends_on = null, ended_on = null"
        " where id = (select id from contracts where customer_id = %s::uuid order by number limit 1)"
        " returning id::text",
        customer,
    )
    return str(row_id)


def _owner(desk: Desk, receipt_id: str) -> str:
    ((owner,),) = desk.rows("select customer_id::text from receipts where id = %s", row(receipt_id))
    return str(owner)


async def test_receipts_are_with_whom_they_pay_for_before_and_after(desk: Desk) -> None:
    survivor, duplicate = two(desk)
    mine, theirs = _contract(desk, survivor), _contract(desk, duplicate)
    before, of_survivor = await receipt(desk, "10.00"), await receipt(desk, "10.00")
    await matched(desk, before, f"pay_{payment(desk, theirs)}")
    await matched(desk, of_survivor, f"pay_{payment(desk, mine)}")
    changed, unknown = await receipt(desk, "10.00"), await receipt(desk, "10.00")
    wrong = f"pay_{payment(desk, theirs)}"
    await matched(desk, changed, wrong)
    merge = (await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}"))["merge"]["id"]
    consistent(desk)
    assert {_owner(desk, one) for one in (before, of_survivor, changed)} == {survivor}

    # Since then one that came before was matched, one was matched otherwise, and one with payments of both.
    await matched(desk, unknown, f"pay_{payment(desk, theirs)}")
    await do(desk, "unmatchPayment", {"paymentId": wrong})
    await matched(desk, changed, f"pay_{payment(desk, mine)}")
    consistent(desk)
    await unmerged_well(desk, merge)
    consistent(desk)
    assert {_owner(desk, one) for one in (before, unknown)} == {duplicate}
    assert {_owner(desk, one) for one in (of_survivor, changed)} == {survivor}
    told = desk.rows(
        "select customer_id::text from events where subject_id = %s and type = 'ReceiptMatched'", row(unknown)
    )
    assert told == [(duplicate,)]


@pytest.mark.parametrize("wrong", [0, 1])
async def test_one_that_pays_for_both_by_now_stays_with_the_survivor(desk: Desk, wrong: int) -> None:
    survivor, duplicate = two(desk)
    mine, theirs = _contract(desk, survivor), _contract(desk, duplicate)
    merge = (await merged_well(desk, f"cus_{survivor}", f"cus_{duplicate}"))["merge"]["id"]
    receipt_id = await receipt(desk, "20.00")
    paid = [f"pay_{payment(desk, one)}" for one in (mine, theirs)]
    for payment_id in paid:
        await matched(desk, receipt_id, payment_id)
    await unmerged_well(desk, merge)
    assert _owner(desk, receipt_id) == survivor
    # Each match is with its payment, and either can be taken back: then it is the other's.
    assert desk.rows(
        "select m.customer_id = p.customer_id from receipt_matches m join payments p on p.id = m.payment_id"
        " where m.receipt_id = %s",
        row(receipt_id),
    ) == [(True,), (True,)]
    await do(desk, "unmatchPayment", {"paymentId": paid[wrong]})
    assert _owner(desk, receipt_id) == (survivor, duplicate)[1 - wrong]
    consistent(desk)
