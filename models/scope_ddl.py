"""The row scope as SQL: what a database needs besides its tables. Kept equal to the migrations by the migration check.

`of_table` is what a new table needs; print it, and put it into the table's migration:

    .venv/bin/python -m models.scope_ddl sales_leads
"""

import sys
from collections.abc import Iterator

from sqlalchemy import Table

import models
from core.scope import PARTNER, STAFF, STAFF_UNRESTRICTED
from models.grants import ALL, GRANTS, UNSEALED
from models.scope import policies, secured_tables, staff_views
from models.scope_functions import (
    BOOK_FACTS,
    BOOK_TRIGGERS,
    CREATE_ROLES,
    CUSTOMER_TRIGGERS,
    FUNCTIONS,
    PARTNER_FUNCTION,
    PRIVATE_FUNCTIONS,
    book_triggers,
    restriction_triggers,
)


def columns_of(role: str, relation: str) -> list[str]:
    """The columns of a table that a role may read, by name."""
    wanted = GRANTS[role][relation]
    names = [column.name for column in models.metadata.tables[relation].columns]
    if wanted in (ALL, UNSEALED):
        return [name for name in names if wanted == ALL or not name.endswith("_sealed")]
    return list(wanted)


def view_of(table: Table) -> str:
    """The view that shows the ordinary staff a table without what tells of restricted customers.

    It names its columns: when the table gets another, the view is dropped and made anew, with its grant.
    """
    columns = ", ".join(f"t.{name}" for name in columns_of(STAFF.name, table.name))
    return (
        f"create view {STAFF.schemas[0]}.{table.name} as"
        f" select {columns} from public.{table.name} t where {staff_views()[table.name]}"
    )


def _owners(table: Table) -> tuple[str, ...]:
    """The columns by which a table's rows belong to customers."""
    return tuple(c.name for c in table.columns if any(key.column.table.name == "customers" for key in c.foreign_keys))


def triggers_of(table: Table) -> Iterator[str]:
    """The triggers of a table that keep what is derived."""
    if table.name == "customers":
        yield from CUSTOMER_TRIGGERS
    elif "restricted" in table.columns:
        yield from restriction_triggers(table.name, _owners(table))
    if table.name in BOOK_TRIGGERS:
        yield from book_triggers(table.name)


def grants_of(name: str) -> Iterator[str]:
    """The grants on a table, and on the view that stands for it."""
    views = staff_views()
    for role, relations in GRANTS.items():
        if name not in relations:
            continue
        if role == STAFF.name and name in views:
            # The view has no other columns.
            yield f"grant select on {STAFF.schemas[0]}.{name} to {role}"
        else:
            columns = "" if relations[name] == ALL else f" ({', '.join(columns_of(role, name))})"
            yield f"grant select{columns} on public.{name} to {role}"


def of_table(name: str) -> list[str]:
    """All that a table needs for the row scope: triggers, row-level security, policies, view and grants."""
    table = models.metadata.tables[name]
    statements = [*triggers_of(table)]
    if name in secured_tables():
        statements.append(f"alter table {name} enable row level security")
    for place, role, condition in policies():
        if place == name:
            statements.append(f"create policy {role} on {name} for select to {role} using ({condition})")
    if name in staff_views():
        statements.append(view_of(table))
    return [*statements, *grants_of(name)]


def statements() -> list[str]:
    """All of it, in an order that works."""
    schema = STAFF.schemas[0]
    return [
        CREATE_ROLES,
        PARTNER_FUNCTION,
        BOOK_FACTS,
        *FUNCTIONS,
        *(f"revoke execute on function {function} from public" for function in PRIVATE_FUNCTIONS),
        f"create schema {schema}",
        f"grant usage on schema public to {STAFF.name}, {STAFF_UNRESTRICTED.name}, {PARTNER.name}",
        f"grant usage on schema {schema} to {STAFF.name}",
        *(statement for table in models.metadata.sorted_tables for statement in of_table(table.name)),
    ]


if __name__ == "__main__":
    for name in sys.argv[1:] or [table.name for table in models.metadata.sorted_tables]:
        print("\n\n".join(f"{statement};" for statement in of_table(name)), end="\n\n")  # noqa: T201
