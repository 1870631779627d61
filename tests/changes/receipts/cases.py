"""A case for each command about receipts: input with which it does its work, and what tells of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.access.desk import Desk
from tests.changes.contracts.asking import owner
from tests.changes.receipts.asking import asked_for, matched, receipt, row

Input = dict[str, Any]
# The customer's row id, none where nobody is known, and the input.
Made = tuple[str | None, Input]

_WORDS = {"payerName": "Roswitha Sommer", "reference": "Sommer, car", "bankReference": "SOMMER-2026-1"}


@dataclass(frozen=True)
class Case:
    """`events` follow in the customer's history, in order; `named` is the argument that names what is changed."""

    name: str
    events: tuple[str, ...]
    make: Callable[[Desk], Awaitable[Made]]
    named: str | None


async def _record(desk: Desk) -> Made:
    return None, {"amount": "12.50", "currency": "EUR", **_WORDS}


async def _match(desk: Desk) -> Made:
    payment_id = asked_for(desk)
    receipt_id = await receipt(desk, "12.50", **_WORDS)
    return owner(desk, "payments", row(payment_id)), {"paymentId": payment_id, "receiptId": receipt_id}


async def _unmatch(desk: Desk) -> Made:
    customer, given = await _match(desk)
    await matched(desk, given["receiptId"], given["paymentId"])
    return customer, {"paymentId": given["paymentId"], "reason": "It was Mr Sommer's."}


async def _return(desk: Desk) -> Made:
    return None, {"receiptId": await receipt(desk, **_WORDS), "reason": "NOT_IDENTIFIED"}


async def _return_rest(desk: Desk) -> Made:
    customer, given = await _match(desk)
    await matched(desk, given["receiptId"], given["paymentId"])
    return customer, {"receiptId": given["receiptId"], "reason": "PAID_TOO_MUCH"}


CASES: tuple[Case, ...] = (
    Case("recordReceipt", (), _record, None),
    Case("matchPayment", ("ReceiptMatched", "PaymentReceived"), _match, "paymentId"),
    Case("unmatchPayment", ("PaymentUnmatched",), _unmatch, "paymentId"),
    Case("returnReceipt", (), _return, "receiptId"),
    Case("returnReceipt", ("ReceiptReturned",), _return_rest, "receiptId"),
)
