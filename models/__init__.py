"""What is stored: one module per area, and the metadata of all tables (`metadata`)."""

from sqlalchemy import CheckConstraint
from sqlmodel import SQLModel

from models import (
    billing,
    claims,
    complaints,
    contact_points,
    contracts,
    customers,
    history,
    households,
    interactions,
    orders,
    products,
    sources,
    staff,
)
from models.base import ChoiceText

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


_add_choice_checks()
_add_table_comments()

__all__ = [
    "billing",
    "claims",
    "complaints",
    "contact_points",
    "contracts",
    "customers",
    "history",
    "households",
    "interactions",
    "metadata",
    "orders",
    "products",
    "sources",
    "staff",
]
