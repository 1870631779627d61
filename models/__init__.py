"""What is stored: one module per area, and the metadata of all tables (`metadata`)."""

from sqlalchemy import DDL, CheckConstraint, event
from sqlmodel import SQLModel

from models import (
    access,
    audit,
    billing,
    book,
    claims,
    complaints,
    consents,
    contact_points,
    contracts,
    customers,
    follow_ups,
    history,
    households,
    idempotency,
    interactions,
    merges,
    orders,
    products,
    receipts,
    sealed,
    sources,
    staff,
    trusted_documents,
    webhooks,
)
from models.base import ChoiceText
from models.ddl import APPEND_ONLY_TABLES, QUEUE_EVENTS, append_only

metadata = SQLModel.metadata


def _add_choice_checks() -> None:
    """Let the database enforce every enumeration: one CHECK constraint per enumerated column."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, ChoiceText):
                values = ", ".join(f"'{member.value}'" for member in column.type.kind)
                table.append_constraint(CheckConstraint(f"{column.name} in ({values})", name=column.name))


def _add_table_comments() -> None:
    """Let a table's comment be its class's docstring."""
    for mapper in SQLModel._sa_registry.mappers:
        metadata.tables[mapper.local_table.name].comment = (mapper.class_.__doc__ or "").strip()  # type: ignore[attr-defined]


def _add_triggers() -> None:
    """Let append-only tables be so from the moment they are made, and new events wait for their numbers."""
    for table in APPEND_ONLY_TABLES:
        for statement in append_only(table):
            event.listen(metadata.tables[table], "after_create", DDL(statement))  # type: ignore[no-untyped-call]
    event.listen(metadata.tables["events"], "after_create", DDL(QUEUE_EVENTS))  # type: ignore[no-untyped-call]


_add_choice_checks()
_add_table_comments()
_add_triggers()

__all__ = [
    "access",
    "audit",
    "billing",
    "book",
    "claims",
    "complaints",
    "consents",
    "contact_points",
    "contracts",
    "customers",
    "follow_ups",
    "history",
    "households",
    "idempotency",
    "interactions",
    "merges",
    "metadata",
    "orders",
    "products",
    "receipts",
    "sealed",
    "sources",
    "staff",
    "trusted_documents",
    "webhooks",
]
