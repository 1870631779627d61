"""Where a partner's lists begin: with its book, which is short, and not with all rows of a table.

What a partner may see is decided by row-level security, whatever stands here. But a policy is checked row by row, so a
list of all customers would look at all of them. These conditions say the same in a way that the planner can begin with.
"""


def _of_kind(kind: str) -> str:
    return f"(select b.object_id from partner_book b where b.kind = '{kind}')"


CUSTOMERS = _of_kind("CUSTOMER")

# Table -> a condition on its rows `t` that holds for all rows a partner may see.
CONDITIONS: dict[str, str] = {
    "customers": f"t.id in {CUSTOMERS}",
    "households": f"t.id in (select m.household_id from household_members m where m.customer_id in {CUSTOMERS})",
    "contracts": f"t.id in {_of_kind('CONTRACT')}",
    "payments": f"t.contract_id in {_of_kind('CONTRACT')}",
    "orders": f"t.id in {_of_kind('ORDER')}",
    "claims": f"t.id in {_of_kind('CLAIM')}",
}

# Keys with more rows than a partner's book.
WIDE_KEYS = frozenset({"product_id"})
