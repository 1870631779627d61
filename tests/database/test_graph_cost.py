"""What the canonical 360° query costs, counted exactly: it grows with the query, never with the lists."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.snapshot import Pool
from tests.graph import Answer, Graph

# customer → its edges → theirs → the customers behind household members.
STATEMENTS = 24
ROUND_TRIPS = 4


@pytest.fixture
def query(repository: Path) -> str:
    return (repository / "benchmarks/queries/customer_360.graphql").read_text("utf-8")


def _numbers(database: str, order: str) -> list[str]:
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            f"select c.number from customers c where exists (select from claims s where s.customer_id = c.id)"
            f" and exists (select from relationships r where r.customer_id = c.id) order by {order}"
        )
        return [row[0] for row in rows]


def _objects(value: Any) -> int:
    if isinstance(value, dict):
        return ("id" in value) + sum(_objects(inner) for inner in value.values())
    return sum(_objects(inner) for inner in value) if isinstance(value, list) else 0


async def test_the_canonical_query_takes_a_round_trip_a_level(graph: Graph, query: str, demo_database: str) -> None:
    richest = "(select count(*) from payments p where p.customer_id = c.id) desc, c.number"
    answer = await graph.ask(query, number=_numbers(demo_database, richest)[0])
    assert (answer.statements, answer.round_trips) == (STATEMENTS, ROUND_TRIPS)
    assert _objects(answer.data) >= 60


async def test_the_cost_does_not_grow_with_the_lists(graph: Graph, query: str, demo_database: str) -> None:
    answers: list[Answer] = [await graph.ask(query, number=n) for n in _numbers(demo_database, "c.number")[:12]]
    sizes = {_objects(answer.data) for answer in answers}
    assert len(sizes) > 6, "the customers should differ in size"
    # A level without any parent is not asked for, so a small customer may cost less, never more.
    assert max(answer.round_trips for answer in answers) == ROUND_TRIPS
    assert max(answer.statements for answer in answers) == STATEMENTS


async def test_a_list_costs_the_same_for_one_and_for_a_hundred(graph: Graph) -> None:
    query = """query ($first: Int!) { customers(first: $first) { nodes {
        displayName addresses { city } contracts(first: 5) { totalCount nodes { number product { name } } } } } }"""
    one, hundred = await graph.ask(query, first=1), await graph.ask(query, first=100)
    assert len(hundred.data["customers"]["nodes"]) == 100
    assert (one.statements, one.round_trips) == (hundred.statements, hundred.round_trips) == (5, 3)


async def test_only_what_is_asked_for_is_counted_and_fetched(graph: Graph, demo_pool: Pool) -> None:
    answer = await graph.ask("{ customers(first: 3) { totalCount } }")
    assert answer.statements == 1
    answer = await graph.ask("{ customers(first: 3) { nodes { number } pageInfo { hasNextPage } } }")
    assert answer.statements == 1
