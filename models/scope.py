"""Which rows each database role sees. Declarations only; models/scope_ddl.py makes SQL of them.

- `c360_partner`: row-level security. A policy for each table leads to the partner book, which the database keeps
  (models/book.py): the customers with a contract sold by the partner, less those who are restricted or withdrew their
  consent to sharing, and the contracts, orders and claims the partner sold or brought to them.
- `c360_staff`: all but restricted customers. Not by policies: those keep every comparison PostgreSQL does not call
  leakproof (trigrams, LIKE, numbers) away from the indexes, and a search over a million customers then takes seconds.
  The role may not read the tables but views of the same names in its own schema, which leave restricted rows out, and
  what would tell of them otherwise.
- `c360_staff_unrestricted`: everything, by policies that are constantly true and cost nothing.
"""

from sqlalchemy import Table

import models
from core.scope import PARTNER, STAFF, STAFF_UNRESTRICTED
from models.grants import GRANTS

# What a partner reads of its customers' history: events about a contract, an order or a claim it sees, of types whose
# line tells nothing internal or medical. Unknown types of external sources are not shown.
PARTNER_EVENTS = (
    "ClaimApproved",
    "ClaimClosed",
    "ClaimRejected",
    "ClaimSettled",
    "ClaimStatusChanged",
    "ClaimSubmitted",
    "ContractAmended",
    "ContractCancelled",
    "ContractExpired",
    "ContractIssued",
    "ContractLapsed",
    "ContractReinstated",
    "ContractRenewed",
    "CoverBegan",
    "DocumentVerified",
    "GracePeriodEnded",
    "GracePeriodEntered",
    "OrderApproved",
    "OrderDrafted",
    "OrderStatusChanged",
    "OrderSubmitted",
    "RenewalReminderSent",
)


def _in_book(kind: str, column: str) -> str:
    """The condition that the partner's book has the object of a kind that a column names."""
    return f"exists (select from partner_book b where b.object_id = {column} and b.kind = {kind})"


def _of_customer(column: str) -> str:
    return _in_book("'CUSTOMER'", column)


def _of_contract(column: str) -> str:
    return _in_book("'CONTRACT'", column)


def _of_order(column: str) -> str:
    return _in_book("'ORDER'", column)


def _of_claim(column: str) -> str:
    return _in_book("'CLAIM'", column)


_EVENT_TYPES = ", ".join(f"'{name}'" for name in PARTNER_EVENTS)

PARTNER_POLICIES: dict[str, str] = {
    "partner_book": "partner_id = c360_partner()",
    "partners": "id = c360_partner()",
    "customers": _of_customer("customers.id"),
    "customer_identifiers": _of_customer("customer_identifiers.customer_id"),
    "addresses": _of_customer("addresses.customer_id"),
    "phones": _of_customer("phones.customer_id"),
    "emails": _of_customer("emails.customer_id"),
    "consents": _of_customer("consents.customer_id")
    + " and purpose = 'PARTNER_SHARING' and (partner_id is null or partner_id = c360_partner())",
    "customer_merges": _of_customer("customer_merges.customer_id"),
    "relationships": f"{_of_customer('relationships.customer_id')}"
    f" and {_of_customer('relationships.related_customer_id')}",
    "household_members": _of_customer("household_members.customer_id"),
    "households": "exists (select from household_members m where m.household_id = households.id)",
    "contracts": _of_contract("contracts.id"),
    "contract_parties": _of_contract("contract_parties.contract_id"),
    "payments": _of_contract("payments.contract_id"),
    "orders": _of_order("orders.id"),
    "order_status_changes": _of_order("order_status_changes.order_id"),
    "order_documents": _of_order("order_documents.order_id"),
    "claims": _of_claim("claims.id"),
    "claim_documents": _of_claim("claim_documents.claim_id"),
    "claim_payments": _of_claim("claim_payments.claim_id"),
    "events": f"type in ({_EVENT_TYPES}) and " + _in_book("events.subject_kind", "events.subject_id"),
    "event_feed": "exists (select from events e where e.id = event_feed.event_id)",
    "webhook_endpoints": "partner_id = c360_partner()",
    # What was withheld tells of a customer who is no longer theirs.
    "webhook_deliveries": "partner_id = c360_partner() and status <> 'WITHHELD'",
}


_MEMBERS = "select from public.household_members m where m.household_id = t.id"

# What the ordinary staff sees of tables whose rows tell of restricted customers without being theirs alone.
_TOLD_OF: dict[str, str] = {
    # What is told of a relationship names both sides, and belongs to one of them.
    "events": "not t.restricted and not (t.subject_kind = 'RELATIONSHIP' and exists"
    " (select from public.relationships r where r.id = t.subject_id and r.restricted))",
    # A household bears the name of those who live there: it is hidden when they all are.
    "households": f"not exists ({_MEMBERS} and m.restricted) or exists ({_MEMBERS} and not m.restricted)",
}


def tables_with_restricted_rows() -> list[Table]:
    """The tables whose rows may belong to a restricted customer."""
    return [table for table in models.metadata.sorted_tables if "restricted" in table.columns]


def staff_views() -> dict[str, str]:
    """The tables that the ordinary staff reads views in the place of, and the condition on rows `t` of each."""
    conditions = {table.name: "not t.restricted" for table in tables_with_restricted_rows()}
    return {name: condition for name, condition in (conditions | _TOLD_OF).items() if name in GRANTS[STAFF.name]}


def secured_tables() -> list[str]:
    """The tables with row-level security: where somebody who may read some rows may not read all."""
    restrictable = {table.name for table in tables_with_restricted_rows()}
    return sorted(restrictable | PARTNER_POLICIES.keys())


def policies() -> list[tuple[str, str, str]]:
    """(table, role, condition) of every policy; a role without one on a table sees no row of it."""
    views = staff_views()
    found = [(table, PARTNER.name, condition) for table, condition in PARTNER_POLICIES.items()]
    for table in secured_tables():
        if table in GRANTS[STAFF.name] and table not in views:
            found.append((table, STAFF.name, "true"))
        if table in GRANTS[STAFF_UNRESTRICTED.name]:
            found.append((table, STAFF_UNRESTRICTED.name, "true"))
    return sorted(found)
