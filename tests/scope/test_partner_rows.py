"""A partner gets exactly the rows of its book, of every table and whatever the statement says."""

import psycopg
import pytest

import models
from core.scope import PARTNER
from models.grants import GRANTS
from models.scope import tables_with_restricted_rows
from tests.scope.expected import World
from tests.scope.roles import NOBODY, as_partner, values

# Every table a partner may read that has data of customers.
TABLES = sorted({table.name for table in tables_with_restricted_rows()} & GRANTS[PARTNER.name].keys() | {"households"})
UNREADABLE = sorted(models.metadata.tables.keys() - GRANTS[PARTNER.name].keys())


def test_the_world_has_every_case(world: World) -> None:
    """What the others compare must not be empty, nor the same for all."""
    seen = {partner: world.seen_by_partner(partner) for partner in world.partners()}
    # Nobody was merged in that world.
    for table in (name for name in TABLES if name != "customer_merges"):
        assert any(rows[table] for rows in seen.values()), f"no partner sees any of {table}"
        assert all(rows[table] < world.ids(table) for rows in seen.values()), f"a partner sees all of {table}"
    sold = {str(row["customer_id"]) for row in world.rows["contracts"] if row["partner_id"] is not None}
    shown = set().union(*(rows["customers"] for rows in seen.values()))
    assert len(sold - shown) >= 4, "restrictions and withdrawals take customers away"
    twice = [one for one in shown if sum(one in rows["customers"] for rows in seen.values()) > 1]
    assert twice, "a customer of two partners"


@pytest.mark.parametrize("table", TABLES)
def test_a_partner_sees_its_rows_and_no_others(scoped_database: str, world: World, table: str) -> None:
    for partner in world.partners():
        expected = world.seen_by_partner(partner)[table]
        with as_partner(scoped_database, partner) as connection:
            found = values(connection, f"select id from {table}")
            assert len(found) == len(set(found))
            assert set(found) == expected, f"{table} of {partner}"
            assert values(connection, f"select count(*) from {table}") == [str(len(expected))]


@pytest.mark.parametrize("table", TABLES)
def test_no_id_leads_to_a_row_of_others(scoped_database: str, world: World, table: str) -> None:
    for partner in world.partners():
        others = sorted(world.ids(table) - world.seen_by_partner(partner)[table])
        with as_partner(scoped_database, partner) as connection:
            assert values(connection, f"select id from {table} where id = any(%s::uuid[])", others) == []


@pytest.mark.parametrize("partner", [None, NOBODY, ""])
def test_without_a_partner_there_is_nothing(scoped_database: str, partner: str | None) -> None:
    with as_partner(scoped_database, partner) as connection:
        for table in [*TABLES, "partners", "partner_book"]:
            assert values(connection, f"select count(*) from {table}") == ["0"], table


def test_the_partner_ends_with_the_transaction(scoped_database: str, world: World) -> None:
    partner = max(world.partners(), key=lambda one: len(world.seen_by_partner(one)["customers"]))
    with as_partner(scoped_database, None) as connection:
        with connection.transaction():
            connection.execute("select set_config('c360.partner_id', %s, true)", (partner,))
            assert values(connection, "select id from customers")
        assert values(connection, "select id from customers") == []


def test_what_is_no_partner_is_refused(scoped_database: str) -> None:
    with as_partner(scoped_database, "' or true --") as connection:
        for table in ("customers", "contracts", "partners"):
            with pytest.raises(psycopg.errors.InvalidTextRepresentation):
                connection.execute(f"select id from {table}".encode())


def test_a_partner_sees_itself_alone(scoped_database: str, world: World) -> None:
    for partner in world.partners():
        with as_partner(scoped_database, partner) as connection:
            assert values(connection, "select id from partners") == [partner]
            assert set(values(connection, "select partner_id from partner_book")) <= {partner}


@pytest.mark.parametrize(
    "query",
    [
        # Whatever may lead to others' rows: joins, subqueries, set operations, conditions that are always true.
        "select c.id from customers c join contracts k on true where k.id is not null or true",
        "select c.id from contracts k right join customers c on c.id = k.customer_id",
        "select id from customers union select customer_id from contracts union select customer_id from claims",
        "select related_customer_id from relationships union select customer_id from household_members",
        "select unnest(array_agg(id)) from customers",
        "with recursive r(id) as (select id from customers union select s.related_customer_id from relationships s"
        " join r on s.customer_id = r.id) select id from r",
        "select c.id from (select id from customers offset 0) c where exists (select from events e)",
        "select id from customers where coalesce(id::text, '') <> '' order by id for key share",
    ],
)
def test_a_statement_that_forgets_its_scope(scoped_database: str, world: World, query: str) -> None:
    for partner in world.partners():
        with as_partner(scoped_database, partner) as connection:
            try:
                found = set(values(connection, query))
            except psycopg.errors.InsufficientPrivilege:
                continue
            assert found <= world.seen_by_partner(partner)["customers"]


@pytest.mark.parametrize("table", UNREADABLE)
def test_what_is_not_granted_is_refused(scoped_database: str, world: World, table: str) -> None:
    with as_partner(scoped_database, world.partners()[0]) as connection:
        for query in (f"select from {table}", f"select count(*) from {table}", f"select 1 from {table} limit 0"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(query.encode())
