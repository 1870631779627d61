"""Receipts as the tests make them, and what always holds for them."""

from tests.access.desk import Desk
from tests.changes.contracts.asking import contract, day, do, payment

# What must never be: sums that do not add up, and owners that differ from those of what was paid.
CONTRADICTIONS = {
    "receipt that does not add up": """
        select from receipts where amount <> matched_amount + returned_amount + remaining_amount""",
    "receipt whose matches do not add up": """
        select from receipts r where matched_amount <> coalesce(
            (select sum(m.amount) from receipt_matches m where m.receipt_id = r.id and m.undone_at is null), 0)""",
    "receipt whose state is not what its sums say": """
        select from receipts where status <> all(case
            when remaining_amount = 0 then array['MATCHED', 'RETURNED']
            when matched_amount = 0 then array['UNMATCHED'] else array['PARTLY_MATCHED'] end)
           or (status = 'RETURNED' and returned_amount = 0) or (status = 'MATCHED' and matched_amount = 0)""",
    "receipt of nobody, or of somebody without a match": """
        select from receipts where (customer_id is null) <> (matched_amount = 0)""",
    "match that is not of the customers of both": """
        select from receipt_matches m join receipts r on r.id = m.receipt_id join payments p on p.id = m.payment_id
        where m.customer_id <> p.customer_id
           or (m.undone_at is null and r.customer_id is distinct from m.customer_id)""",
    "match of another sum, or of what is not paid": """
        select from receipt_matches m join receipts r on r.id = m.receipt_id join payments p on p.id = m.payment_id
        where m.undone_at is null and ((m.amount, m.currency) <> (p.amount, p.currency) or m.currency <> r.currency
           or p.status not in ('PAID', 'FAILED', 'REFUNDED'))""",
    "more paid back than was received": """
        select from payments p join payments b on b.refund_of_id = p.id
        group by p.id having p.amount + sum(b.amount) < 0
           or (p.status = 'REFUNDED' and p.amount + sum(b.amount) <> 0)""",
}


def consistent(desk: Desk) -> None:
    """Fail where sums or owners contradict one another."""
    found = {name: len(rows) for name, query in CONTRADICTIONS.items() if (rows := desk.rows(query))}
    assert not found, found


async def receipt(desk: Desk, amount: str = "10.00", **given: object) -> str:
    """The public id of a receipt that was just recorded."""
    payload = await do(desk, "recordReceipt", {"amount": amount, "currency": "EUR", **given})
    return str(payload["receipt"]["id"])


def asked_for(desk: Desk, status: str = "DUE", amount: str = "10.00", *, due: int = 0, line: str = "MOTOR") -> str:
    """The public id of a payment of a contract that has no other."""
    return f"pay_{payment(desk, contract(desk, line), status, amount=amount, due=due)}"


def of_another_customer(desk: Desk, payment_id: str) -> str:
    """The public id of a payment of ten euros that is due and not of the customer of this one."""
    ((contract_id,),) = desk.rows(
        "select c.id::text from contracts c join customers u on u.id = c.customer_id where c.currency = 'EUR'"
        " and not u.restricted and c.status = 'ACTIVE' and u.id <> (select customer_id from payments where id = %s)"
        " order by c.number limit 1",
        row(payment_id),
    )
    return f"pay_{payment(desk, str(contract_id))}"


async def matched(desk: Desk, receipt_id: str, payment_id: str) -> dict[str, object]:
    """The payload of a match that was made."""
    return await do(desk, "matchPayment", {"receiptId": receipt_id, "paymentId": payment_id})


def row(public_id: str) -> str:
    """The row id."""
    return public_id.partition("_")[2]


def yesterday() -> str:
    """The day before today."""
    return day(-1).isoformat()
