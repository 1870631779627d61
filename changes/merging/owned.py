"""What hangs on a customer: found by the foreign keys of the models, so that no new table is forgotten.

Nor could one be: the merged customer's row is deleted in the end, which PostgreSQL refuses while anything refers to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Index, Table

import models

# Tables whose rows do not move, each with the reason.
STAYING: dict[str, str] = {
    "data_keys": "the survivor's values are sealed under the survivor's key; those that move are sealed anew",
}

# Tables that name customers without a foreign key, and follow the rows that they tell of.
FOLLOWING: dict[str, str] = {
    "event_queue": "with their events",
    "event_feed": "with their events; the numbers stay, so that cursors do",
}

# Tables that name customers without a foreign key, and do not follow.
LOOSE: dict[str, str] = {
    "partner_book": "kept by the database",
}

# Foreign keys that lead from a row to one that hangs on it, each with the reason; others lead to what a row hangs on.
REVERSED: dict[tuple[str, str], str] = {
    ("follow_ups", "completing_interaction_id"): "the contact in which a task was done is with the task's customer",
}

# What makes two contact points the same: expressions over a row `t`. The one of the merged customer is removed then.
SAME: dict[str, tuple[str, ...]] = {
    "addresses": ("kind", "street", "postal_code", "city", "country", "valid_from", "valid_to"),
    "phones": ("kind", "e164"),
    "emails": ("kind", "lower({t}.address)"),
    "customer_identifiers": ("scheme", "value"),
}


# Tables whose rows go where what hangs on them goes, and not the other way round.
LED: dict[str, str] = {
    "receipts": "a receipt is the customer's whose payments it pays, and a match goes with its payment",
}


@dataclass(frozen=True)
class Owner:
    """A column that leads from a table's rows to customers."""

    table: Table
    column: str

    @property
    def others(self) -> tuple[str, ...]:
        """The other columns that may not lead to the same customer: nobody is related to themselves."""
        if not any(isinstance(c, CheckConstraint) and "not_self" in str(c.name) for c in self.table.constraints):
            return ()
        return tuple(owner.column for owner in owners_of(self.table) if owner.column != self.column)

    @property
    def unique(self) -> tuple[tuple[tuple[str, ...], str | None], ...]:
        """What may be there once for a customer: the other columns of a unique index, and where the index holds."""
        return tuple(
            (tuple(name for name in names if name != self.column), condition)
            for names, condition in _unique_indexes(self.table)
            if self.column in names
        )


def owners_of(table: Table) -> list[Owner]:
    """The columns of a table that lead to customers by a foreign key."""
    return [
        Owner(table, column.name)
        for column in table.columns
        if any(key.column.table.name == "customers" for key in column.foreign_keys)
    ]


def owners() -> list[Owner]:
    """All columns by which rows move with their customer, in the order of the tables' foreign keys."""
    return [owner for table in models.metadata.sorted_tables if table.name not in STAYING for owner in owners_of(table)]


@dataclass(frozen=True)
class Hanging:
    """Rows of a table hang on those of `parent` where the two columns are equal."""

    table: Table
    column: str
    parent: Table
    parent_column: str


def parts() -> list[Hanging]:
    """What hangs on what, by the foreign keys between the tables of customers' rows."""
    owned = {owner.table.name for owner in owners() if owner.column == "customer_id"}
    return [
        Hanging(other, "id", table, column.name)
        if (table.name, column.name) in REVERSED
        else Hanging(table, column.name, other, "id")
        for table in models.metadata.sorted_tables
        if table.name in owned
        for column in table.columns
        for key in column.foreign_keys
        if (other := key.column.table).name in owned - LED.keys() and other is not table
    ]


def _unique_indexes(table: Table) -> Iterator[tuple[tuple[str, ...], str | None]]:
    for index in table.indexes:
        if isinstance(index, Index) and index.unique:
            where = index.dialect_options["postgresql"]["where"]
            yield tuple(column.name for column in index.columns), None if where is None else str(where)
