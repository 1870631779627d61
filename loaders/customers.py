"""Edges to customers."""

from loaders.base import children, derived, one, page
from loaders.claims import OPEN_CLAIMS
from models.customers import Customer, CustomerIdentifier

by_id = one(Customer)
by_number = one(Customer, "number")

# What people have in their hands may be of a customer that was merged since: it leads to the survivor.
_SURVIVOR = "select m.customer_id from customer_merges m where m.undone_at is null and m"
by_any_id = one(Customer, found=f"coalesce(({_SURVIVOR}.merged_id = k.key), k.key)")
by_any_number = one(
    Customer,
    "number",
    found=f"coalesce(({_SURVIVOR}.merged_number = k.key), (select c.id from customers c where c.number = k.key))",
)
all_customers = page(Customer, order="sort_name")

identifier_by_id = one(CustomerIdentifier)
identifiers_of = children(CustomerIdentifier, "customer_id", order="scheme")

# What a group of customers has in force, in each currency; also used for households.
TOTALS_COLUMNS = {
    "currency": "text",
    "contract_count": "bigint",
    "annual_premium_amount": "numeric",
    "open_claim_count": "bigint",
    "open_reserve_amount": "numeric",
}
TOTALS_SELECT = """c.currency,
           count(*) as contract_count,
           sum(c.annual_premium_amount) as annual_premium_amount,
           coalesce(sum(o.claims), 0)::bigint as open_claim_count,
           coalesce(sum(o.reserve), 0) as open_reserve_amount"""
TOTALS_OPTIONAL = {"open_reserve_amount": "s.reserve_amount"}
TOTALS_CLAIMS = f"""left join lateral (
        select count(*) as claims, sum({{open_reserve_amount}}) as reserve
        from claims s where s.contract_id = c.id and s.status in ({OPEN_CLAIMS})) o on true"""

totals_of = derived(
    "customer_totals",
    f"""select c.customer_id, {TOTALS_SELECT}
    from contracts c {TOTALS_CLAIMS}
    where c.status in ('ACTIVE', 'GRACE_PERIOD')
    group by c.customer_id, c.currency""",
    key="customer_id",
    columns={"customer_id": "uuid", **TOTALS_COLUMNS},
    order="currency",
    optional=TOTALS_OPTIONAL,
)
