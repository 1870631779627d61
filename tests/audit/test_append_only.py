"""Entries and seals stay as they were written, also for the owner of the tables."""

import psycopg
import pytest

from tests.audit.logs import fill, rows, seal

STATEMENTS = (
    "update {} set {} = {}",
    "delete from {}",
    "delete from {} where false",
    "truncate {} cascade",
)


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize(("table", "column"), [("audit_entries", "purpose"), ("audit_seals", "number")])
async def test_nothing_but_insert(empty_database: str, statement: str, table: str, column: str) -> None:
    fill(empty_database, 3)
    await seal(empty_database)
    before = rows(empty_database, f"select * from {table} order by 1")
    assert len(before) == 3
    # Some statements above would fail on a row anyway; what refuses them must be the trigger.
    with psycopg.connect(empty_database) as connection, pytest.raises(psycopg.errors.RestrictViolation) as refusal:
        connection.execute(statement.format(table, column, column))
    assert refusal.value.diag.message_primary == f"audit_{table.removeprefix('audit_')} is append-only"
    assert rows(empty_database, f"select * from {table} order by 1") == before


async def test_an_update_that_replicates_is_refused_too(empty_database: str) -> None:
    """`session_replication_role` switches off ordinary triggers."""
    fill(empty_database, 1)
    with psycopg.connect(empty_database) as connection:
        connection.execute("set session_replication_role to replica")
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute("delete from audit_entries")
