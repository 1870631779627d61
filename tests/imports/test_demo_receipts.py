"""Receipts of the demo world: they add up, fit their payments, and some wait for somebody to find out."""

import psycopg
import pytest

from models.receipts import ReceiptStatus
from tests.changes.receipts.asking import CONTRADICTIONS
from tests.imports.contradictions import TODAY, found_by

_BY_STATUS = "select status, count(*) from receipts group by status"

OF_THE_WORLD = CONTRADICTIONS | {
    "receipt after today": f"""
        select from receipts where created_at >= {TODAY} or received_on >= {TODAY} or returned_at >= {TODAY}
        union all select from receipt_matches where matched_at >= {TODAY}""",
    "receipt that is matched or returned before it came": """
        select from receipts r left join receipt_matches m on m.receipt_id = r.id
        where m.matched_at < r.created_at or r.returned_at < r.created_at""",
    "payment that came another day than its receipt": """
        select from receipt_matches m join receipts r on r.id = m.receipt_id join payments p on p.id = m.payment_id
        where r.received_on <> (p.paid_at at time zone 'UTC')::date or p.method <> r.method
           or m.status_before <> case when r.received_on < p.due_on then 'SCHEDULED' else 'DUE' end""",
    "receipt of nobody's that pays nothing asked for soon": f"""
        select from receipts r where status = 'UNMATCHED' and not exists (
            select from payments p where p.status = 'SCHEDULED' and p.due_on <= {TODAY} + 30
            and (p.amount, p.currency) = (r.remaining_amount, r.currency))""",
    "refund of another contract's payment": """
        select from payments b join payments p on p.id = b.refund_of_id
        where b.contract_id <> p.contract_id or b.kind <> 'REFUND' or p.paid_at > b.paid_at""",
}


@pytest.mark.parametrize("contradiction", OF_THE_WORLD)
def test_receipts_fit_together(demo_database: str, contradiction: str) -> None:
    assert found_by(demo_database, OF_THE_WORLD[contradiction]) == 0


def test_there_are_receipts_in_every_state(demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        found: dict[str, int] = dict(connection.execute(_BY_STATUS).fetchall())
        (nobodys,) = connection.execute("select count(*) from receipts where customer_id is null").fetchall()
    assert found.keys() == {status.value for status in ReceiptStatus}
    assert nobodys[0] >= found["UNMATCHED"]
