"""A list of any length costs the same on every page: what PostgreSQL reads does not grow with the depth."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from core.cursors import encode
from core.database import SESSION, make_pool
from execution.operations import Runner
from loaders import interactions, receipts
from loaders.request import Request
from loaders.statements import counts, rows
from tests.graph import Graph
from tests.plans import generic_plan

INTERACTIONS = 100_000
NEWEST = datetime(2026, 1, 1, tzinfo=UTC)
_PAGE = """query ($number: String!, $after: String) { customer(number: $number) {
  interactions(first: 20, after: $after) { nodes { occurredAt } pageInfo { hasNextPage endCursor } } } }"""
# Two hundred payments of each contract but one, all of which a receipt paid.
_PAID_BY_OTHERS = b"""
    with paid as (
        insert into payments (id, created_at, updated_at, customer_id, contract_id, kind, status, amount, currency,
                              due_on)
        select gen_random_uuid(), now(), now(), customer_id, id, 'PREMIUM', 'PAID', 1, currency, current_date
        from contracts, generate_series(1, 200) where id <> %s
        returning id, customer_id, currency)
    insert into receipt_matches (id, customer_id, receipt_id, payment_id, amount, currency, status_before, matched_at,
                                 matched_by)
    select gen_random_uuid(), p.customer_id, r.id, p.id, 1, p.currency, 'DUE', now(), 'x'
    from paid p, (select id from receipts order by id limit 1) r"""


@pytest.fixture
def busy(own_demo_database: str) -> Iterator[tuple[psycopg.Connection, str, str]]:
    """A connection to a world in which one customer has 100,000 interactions, a second apart; its id and number."""
    options = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    with psycopg.connect(own_demo_database, autocommit=True, options=options) as connection:
        row = connection.execute("select id::text, number from customers order by number limit 1").fetchone()
        assert row
        for table in ("follow_ups", "interactions"):
            connection.execute(f"delete from {table} where customer_id = %s".encode(), [row[0]])
        connection.execute(
            "insert into interactions (id, created_at, customer_id, type, channel, direction, occurred_at,"
            " subject) select gen_random_uuid(), now(), %s, 'INQUIRY', 'PHONE', 'INBOUND',"
            " %s::timestamptz - n * interval '1 second', 'x' from generate_series(0, %s) n",
            [row[0], NEWEST, INTERACTIONS - 1],
        )
        connection.execute("vacuum analyze interactions")
        yield connection, *row


def _blocks(connection: psycopg.Connection, statement: tuple[bytes, list[Any]], expected: int) -> int:
    """Blocks that PostgreSQL looks at to execute the statement by its generic plan, which brings so many rows."""
    plan = generic_plan(connection, *statement, options="analyze, buffers")
    assert plan["Actual Rows"] == expected
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


async def test_a_customer_with_100_000_interactions_pages_at_constant_cost(
    busy: tuple[psycopg.Connection, str, str], own_demo_database: str, runner: Runner
) -> None:
    connection, customer, number = busy
    costs = []
    positions: list[tuple[str, str] | None] = [None]
    for depth in (1_000, 50_000, 99_900):
        at = NEWEST - timedelta(seconds=depth)
        row = connection.execute(
            "select id::text from interactions where customer_id = %s and occurred_at = %s", [customer, at]
        ).fetchone()
        assert row
        positions.append((at.isoformat(), row[0]))
    for position in positions:
        request = Request(("occurred_at",), limit=20, after=position)
        costs.append(_blocks(connection, rows(interactions.of_customer, request).statement([customer]), 21))
    # A descent of the index and one or two leaves, wherever the page is.
    assert max(costs) <= 20, costs

    async with make_pool(own_demo_database, 1) as pool:
        graph = Graph(runner, pool)
        for position, depth in zip(positions, (0, 1_001, 50_001, 99_901), strict=True):
            after = position and encode("-occurred_at,-id", position)
            answer = await graph.ask(_PAGE, number=number, after=after)
            page = answer.data["customer"]["interactions"]
            newest = datetime.fromisoformat(page["nodes"][0]["occurredAt"])
            assert newest == NEWEST - timedelta(seconds=depth)
            assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (20, True)
            assert answer.statements == 2


def test_counting_the_receipts_of_a_contract_reads_no_payments_of_others(own_demo_database: str) -> None:
    options = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    with psycopg.connect(own_demo_database, autocommit=True, options=options) as connection:
        row = connection.execute(
            "select p.contract_id::text, count(*) from payments p join receipt_matches m on m.payment_id = p.id"
            " group by 1 order by 2 desc, 1 limit 1"
        ).fetchone()
        assert row
        connection.execute(_PAID_BY_OTHERS, [row[0]])
        connection.execute("vacuum analyze payments, receipt_matches, receipts")
        # For each of its few payments one descent of an index, and two for what was found.
        assert _blocks(connection, counts(receipts.of_contract, ()).statement([row[0]]), 1) <= 60
