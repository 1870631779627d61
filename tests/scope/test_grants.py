"""The database grants what models/grants.py says: not a column more or less, and to nobody else."""

import psycopg
import pytest

import models
from core.scope import PARTNER, ROLES, STAFF, DatabaseRole
from models.grants import GRANTS, NOBODY
from models.scope import PARTNER_POLICIES, secured_tables, staff_views
from models.scope_ddl import columns_of, of_table
from tests.scope.expected import World
from tests.scope.roles import as_partner, as_role

# What a partner may read, as a set of (table, column); and what of those tables it may not.
GRANTED = [(table, column) for table in GRANTS[PARTNER.name] for column in columns_of(PARTNER.name, table)]
KEPT_BACK = [
    f"{table}.{column.name}"
    for table in GRANTS[PARTNER.name]
    for column in models.metadata.tables[table].columns
    if (table, column.name) not in set(GRANTED)
]
_VIEWS = staff_views().keys()


def _place(role: str, table: str) -> str:
    return f"{STAFF.schemas[0]}.{table}" if role == STAFF.name and table in _VIEWS else f"public.{table}"


def test_every_table_is_decided_on() -> None:
    """A new table: list it for each role in models/grants.py, or name it in NOBODY."""
    decided = NOBODY.keys() | {table for relations in GRANTS.values() for table in relations}
    undecided = models.metadata.tables.keys() - decided
    assert not undecided, f"decide in models/grants.py who may read {sorted(undecided)}"
    assert not NOBODY.keys() & {table for relations in GRANTS.values() for table in relations}
    assert decided <= models.metadata.tables.keys()


def test_the_database_grants_what_is_listed(empty_database: str) -> None:
    """If this fails, the migration of the table lacks what it prints."""
    wanted = {
        (role, _place(role, table), column)
        for role, relations in GRANTS.items()
        for table in relations
        for column in columns_of(role, table)
    }
    with psycopg.connect(empty_database) as connection:
        rows = connection.execute(
            "select grantee, table_schema || '.' || table_name, column_name, privilege_type"
            " from information_schema.column_privileges where grantee like 'c360%'"
            " and table_name not in (select table_name from information_schema.views where table_schema = 'public')"
        ).fetchall()
    assert {kind for *_, kind in rows} == {"SELECT"}
    found = {(role, place, column) for role, place, column, _ in rows}
    tables = sorted({place.partition(".")[2] for _, place, _ in wanted ^ found})
    statements = [statement for table in tables if table in models.metadata.tables for statement in of_table(table)]
    assert found == wanted, f"{sorted(wanted ^ found)[:10]}; for the migration:\n" + ";\n".join(statements)


def test_a_new_table_is_granted_to_nobody(own_demo_database: str) -> None:
    """No default privileges, not even for what the same user makes later."""
    with psycopg.connect(own_demo_database) as connection:
        connection.execute("create table secrets (id uuid); create view c360_staff.secrets as select * from secrets")
        connection.execute("create sequence secret_numbers; create schema hidden; create table hidden.more (id uuid)")
    for role in ROLES:
        with as_role(own_demo_database, role) as connection:
            for query in (
                b"table public.secrets",
                b"table hidden.more",
                b"table secrets",
                b"select nextval('secret_numbers')",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(query)


def test_row_level_security_is_on_wherever_rows_are_kept_back(empty_database: str) -> None:
    with psycopg.connect(empty_database) as connection:
        on = connection.execute("select relname::text from pg_class where relrowsecurity").fetchall()
        policies = connection.execute("select tablename::text, policyname::text from pg_policies").fetchall()
    assert {row[0] for row in on} == set(secured_tables())
    partners = {table for table, policy in policies if policy == PARTNER.name}
    readable = {table for table in GRANTS[PARTNER.name] if "customer_id" in models.metadata.tables[table].columns}
    assert readable <= partners == PARTNER_POLICIES.keys()


@pytest.mark.parametrize("place", KEPT_BACK)
def test_a_column_that_is_not_granted_is_refused(scoped_database: str, world: World, place: str) -> None:
    """It can be neither read nor filtered, sorted, grouped or counted by."""
    table, _, column = place.partition(".")
    key = GRANTS[PARTNER.name][table][0]
    with as_partner(scoped_database, world.partners()[0]) as connection:
        for query in (
            f"select {column} from {table}",
            f"select {key} from {table} where {column} is not null",
            f"select {key} from {table} order by {column}",
            f"select count({column}) from {table}",
            f"select count(*) from {table} group by {column}",
            f"select to_jsonb(t) from {table} t",
            f"select * from {table}",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(query.encode())


def test_what_is_granted_can_be_read(scoped_database: str, world: World) -> None:
    with as_partner(scoped_database, world.partners()[0]) as connection:
        for table, column in GRANTED:
            connection.execute(f"select {column} from {table} where {column} is not null order by {column}".encode())


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_nobody_writes(scoped_database: str, world: World, role: DatabaseRole) -> None:
    with as_role(scoped_database, role, world.partners()[0]) as connection:
        for name, table in models.metadata.tables.items():
            column = next(iter(table.columns)).name
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"truncate public.{name}".encode())
            # Views of the staff could be written through, if that were granted.
            for place in (f"public.{name}", name):
                for query in (
                    f"delete from {place}",
                    f"insert into {place} default values",
                    f"update {place} set {column} = {column}",
                ):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(query.encode())
