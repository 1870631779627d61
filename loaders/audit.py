"""Edges to the audit log."""

from loaders.base import one, page
from models.audit import AuditEntry
from models.customers import Customer

by_id = one(AuditEntry)
log = page(AuditEntry, order="-recorded_at")
# The inner query finds the ids by the index over customer_ids, and the rows are then read by id. Without it, for a
# statement with order and limit, the planner may walk the whole log backwards until it has met enough rows.
of_customer = page(
    AuditEntry,
    order="-recorded_at",
    match="t.id = any(k.found)",
    found="array(select e.id from audit_entries e where e.customer_ids @> array[k.key])",
)
customers_of = page(
    Customer,
    order="sort_name",
    match="t.id = any(k.found)",
    found="select e.customer_ids from audit_entries e where e.id = k.key",
)
