"""Edges to receipts, to what they pay, and to the payments they are likely meant for."""

from loaders.base import children, derived, one, page
from models.billing import OPEN_PAYMENTS
from models.receipts import Receipt, ReceiptMatch

by_id = one(Receipt)
all_receipts = page(Receipt, order="-received_on")
of_customer = page(Receipt, "customer_id", order="-received_on")
of_contract = page(
    Receipt,
    order="-received_on",
    match="t.id = any(k.found)",
    # As a condition beside the row, counting would read the payments of all contracts.
    found="array(select m.receipt_id from receipt_matches m join payments p on p.id = m.payment_id"
    " where p.contract_id = k.key and m.undone_at is null)",
)

match_by_id = one(ReceiptMatch)
matches_of = page(ReceiptMatch, "receipt_id", order="-matched_at")
matches_of_payment = children(ReceiptMatch, "payment_id", order="-matched_at")

# The most candidates for one receipt, the likeliest first.
MOST = 10
# How much of each kind of evidence is looked at: numbers in a text, names, payments of a contract, equal sums on
# either side of the day. A reference is text from outside, and a common sum is asked for a thousand times.
_NUMBERS, _NAMES, _EACH, _NEAR = 5, 5, 3, 5

# K and digits, or a number written whole without the letter; by our notation then.
_IN_TEXT = (
    rf"regexp_matches(upper(r.reference), '\mK[-. ]*([0-9]{{1,12}})\M|\m([0-9]{{7,12}})\M', 'g') m limit {_NUMBERS}"
)
_NUMBER = "'K-' || lpad(d.digits, greatest(7, length(d.digits)), '0')"

_CONTRACTS = f"""
    numbered as (
        select c.id from (select distinct ltrim(coalesce(m[1], m[2]), '0') as digits from {_IN_TEXT}) d
        join contracts c on c.number = {_NUMBER}),
    named as (
        select c.id, max(u.alike) as alike
        from (select u.id, similarity(u.search_name, f.payer) as alike
              from (select c360_fold(r.payer_name) as payer) f join customers u on u.search_name % f.payer
              order by 2 desc, 1 limit {_NAMES}) u
        cross join lateral (select c.id from contracts c where c.customer_id = u.id
                            union select q.contract_id from contract_parties q
                            where q.party_customer_id = u.id and q.role = 'PAYER') c
        group by c.id)"""

_OPEN = f"p.status in ({OPEN_PAYMENTS}) and p.currency = r.currency"
_SAME_SUM = f"select p.id from payments p where {_OPEN} and p.amount = r.remaining_amount and p.due_on"

_PAYMENTS = f"""
    found as (
        select p.id
        from (select id from numbered union select id from named
              union select c.id from contracts c where c.customer_id = r.customer_id) k
        cross join lateral (select p.id from payments p where p.contract_id = k.id and {_OPEN} and p.amount > 0
                            order by p.due_on, p.id limit {_EACH}) p
        union ({_SAME_SUM} <= r.received_on order by p.due_on desc, p.id desc limit {_NEAR})
        union ({_SAME_SUM} > r.received_on order by p.due_on, p.id limit {_NEAR}))"""

_EVIDENCE = """
    select 'CONTRACT_NUMBER' as reason, 0.5 as points where p.contract_id in (select id from numbered)
    union all select 'AMOUNT', 0.25 where p.amount = r.remaining_amount
    union all select 'PAYER_NAME', 0.25 * n.alike from named n where n.id = p.contract_id
    union all select 'CUSTOMER', 0.25 where p.customer_id = r.customer_id"""

candidates_of = derived(
    "receipt_candidates",
    f"""select r.id as receipt_id, c.* from receipts r
    cross join lateral (
        with {_CONTRACTS}, {_PAYMENTS}
        select p.id as payment_id, p.due_on, round(least(sum(e.points), 1.0)::numeric, 4)::float8 as score,
               array_agg(e.reason order by e.points desc, e.reason) as reasons
        from found join payments p on p.id = found.id
        cross join lateral ({_EVIDENCE}) e
        where coalesce(r.customer_id, p.customer_id) = p.customer_id
        group by p.id, p.due_on order by 3 desc, 2, 1 limit {MOST}) c
    where r.status in ('UNMATCHED', 'PARTLY_MATCHED')""",
    key="receipt_id",
    columns={"receipt_id": "uuid", "payment_id": "uuid", "due_on": "date", "score": "float8", "reasons": "text[]"},
    order="-score due_on payment_id",
)
