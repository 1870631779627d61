"""What each database role may read: tables and columns. The one list; the migrations and the tests follow it.

PostgreSQL checks it for every statement: a column that is not named here can be neither read nor filtered nor sorted
by. Which rows of a table a role gets is told in models/scope.py. Nobody gets anything by default: a new table is
either listed for each role, or named in NOBODY with the reason.
"""

from core.scope import PARTNER, STAFF, STAFF_UNRESTRICTED

Columns = tuple[str, ...]

# Every column, also those that come later.
ALL: Columns = ("*",)
# Every column but the sealed ones: they are opened through another door, and only one at a time.
UNSEALED: Columns = ("* but sealed",)

# Tables without data of single customers; the audit log names customers, and permissions decide who reads it.
_COMMON: dict[str, Columns] = {
    "households": ALL,
    "agents": ALL,
    "teams": ALL,
    "partners": ALL,
    "product_categories": ALL,
    "products": ALL,
}

# Tables with data of customers. The ordinary staff reads them through views of the same names (models/scope.py).
_OF_CUSTOMERS: dict[str, Columns] = {
    "customers": UNSEALED,
    "bank_accounts": UNSEALED,
    "customer_identifiers": ALL,
    "addresses": ALL,
    "phones": ALL,
    "emails": ALL,
    "consents": ALL,
    "relationships": ALL,
    "household_members": ALL,
    "contracts": ALL,
    "contract_parties": ALL,
    "payments": ALL,
    "receipts": ALL,
    "receipt_matches": ALL,
    "orders": ALL,
    "order_status_changes": ALL,
    "order_documents": ALL,
    "medical_exams": UNSEALED,
    "underwriting_decisions": ALL,
    "claims": ALL,
    "claim_notes": ALL,
    "claim_documents": ALL,
    "claim_payments": ALL,
    "claim_approvals": ALL,
    "interactions": ALL,
    "complaints": ALL,
    "follow_ups": ALL,
    "events": ALL,
    "event_feed": ("number", "event_id", "customer_id"),
    "customer_merges": ALL,
}

# A partner gets what it needs to serve its customers: names, contact points, and the contracts it sold with their
# payments, orders and claims. Not: birth dates, incomes, scores, segments, KYC, medical and underwriting data,
# reserves, payees, bank accounts, notes, reasons of decisions, interactions, follow-up tasks, complaints, payloads of
# events, the staff.
_FOR_PARTNERS: dict[str, Columns] = {
    "customers": (
        "id", "version", "created_at", "updated_at", "number", "kind", "title", "first_name", "last_name",
        "organisation_name", "display_name", "sort_name", "gender", "language", "status", "customer_since",
        "search_name",
    ),
    "customer_identifiers": ("id", "customer_id", "scheme", "value", "issued_on", "created_at"),
    "addresses": (
        "id", "customer_id", "kind", "street", "postal_code", "city", "region", "country", "is_primary", "valid_from",
        "valid_to", "created_at",
    ),
    "phones": ("id", "customer_id", "kind", "e164", "is_primary", "verified_at", "created_at"),
    "emails": ("id", "customer_id", "kind", "address", "is_primary", "verified_at", "created_at"),
    "consents": ("id", "customer_id", "purpose", "status", "channel", "recorded_at", "partner_id"),
    "relationships": ("id", "customer_id", "related_customer_id", "kind", "started_on", "ended_on"),
    "households": ("id", "number", "name", "formed_on", "dissolved_on"),
    "household_members": ("id", "customer_id", "household_id", "role", "joined_on", "left_on"),
    "contracts": (
        "id", "version", "created_at", "updated_at", "customer_id", "number", "product_id", "order_id", "status",
        "coverage_level", "coverage_amount", "deductible_amount", "currency", "started_on", "ends_on",
        "premium_amount", "annual_premium_amount", "billing_frequency", "renewal_on", "renewal_reminded_on",
        "cash_value_amount", "surrender_value_amount", "grace_period_ends_on", "ended_on", "partner_id",
    ),
    "contract_parties": (
        "id", "customer_id", "contract_id", "party_customer_id", "name", "role", "rank", "share_percent",
        "relationship", "created_at",
    ),
    "payments": (
        "id", "version", "created_at", "updated_at", "customer_id", "contract_id", "kind", "status", "method",
        "amount", "currency", "period_from", "period_to", "due_on", "paid_at", "refund_of_id",
    ),
    "orders": (
        "id", "version", "created_at", "updated_at", "customer_id", "number", "product_id", "status",
        "coverage_level", "coverage_amount", "premium_amount", "currency", "billing_frequency",
        "requested_start_on", "channel", "partner_id", "submitted_at", "decided_at",
    ),
    "order_status_changes": ("id", "customer_id", "order_id", "from_status", "to_status", "changed_at"),
    "order_documents": (
        "id", "customer_id", "order_id", "kind", "status", "requested_at", "received_at", "verified_at",
    ),
    "claims": (
        "id", "version", "created_at", "updated_at", "customer_id", "number", "contract_id", "status", "cause",
        "incident_on", "incident_place", "description", "reported_at", "currency", "claimed_amount",
        "approved_amount", "paid_amount", "closed_at",
    ),
    "claim_documents": (
        "id", "customer_id", "claim_id", "kind", "status", "name", "requested_at", "received_at", "verified_at",
    ),
    "claim_payments": (
        "id", "customer_id", "claim_id", "status", "amount", "currency", "method", "approved_at", "paid_at",
    ),
    "events": (
        "id", "customer_id", "type", "category", "summary", "occurred_at", "recorded_at", "subject_kind",
        "subject_id",
    ),
    "event_feed": ("number", "event_id", "customer_id"),
    # By which old ids and numbers of its customers lead on.
    "customer_merges": ("id", "customer_id", "merged_id", "merged_number", "undone_at"),
    "partners": ALL,
    "product_categories": ALL,
    "products": ALL,
    # Looked up by the policies; its own lets only the partner's rows through.
    "partner_book": ("object_id", "partner_id", "kind"),
}  # fmt: skip

# All but the sealed secrets, and the bookkeeping of attempts that are just being made. Of the staff only those who see
# everything: administrators.
_WEBHOOKS: dict[str, Columns] = {
    "webhook_endpoints": (
        "id", "version", "created_at", "updated_at", "partner_id", "url", "description", "event_types", "scopes",
        "status", "previous_secret_until", "feed_number", "failing_since", "disabled_reason",
    ),
    "webhook_deliveries": (
        "id", "endpoint_id", "partner_id", "message", "event_id", "feed_number", "status", "attempts",
        "next_attempt_at", "answer_status", "failure", "created_at", "attempted_at", "settled_at",
    ),
}  # fmt: skip

# Role -> relation -> columns. Relations of the ordinary staff are views where models/scope.py says so.
GRANTS: dict[str, dict[str, Columns]] = {
    STAFF.name: _COMMON | _OF_CUSTOMERS,
    # The audit log tells of restricted customers too; whoever may read it may see them.
    STAFF_UNRESTRICTED.name: _COMMON | _OF_CUSTOMERS | {"audit_entries": ALL} | _WEBHOOKS,
    PARTNER.name: _FOR_PARTNERS | _WEBHOOKS,
}

# Tables that no role may read, each with the reason.
NOBODY: dict[str, str] = {
    "source_keys": "bookkeeping of imports",
    "users": "who may sign in; read by auth/ alone, through a door of its own",
    "sessions": "as users",
    "refresh_tokens": "as users",
    "recovery_codes": "as users",
    "api_keys": "as users",
    "signing_keys": "as users",
    "data_keys": "keys of sealed values",
    "sealing_keys": "keys of sealed values",
    "customer_merge_moves": "what merges moved and removed, to put it back; read by changes/merging alone",
    "idempotency_keys": "what came of commands that may be sent twice",
    "audit_seals": "the chain over the audit log",
    "event_queue": "events that wait for a number, which the service gives",
    "trusted_documents": "texts of operations; read by the service itself, through a door of its own",
}
