"""Any object is found again by its id; a wrong id says what is wrong."""

from typing import Any

import pytest

from schema.registry import Entity, entities
from tests.graph import Graph

MISSING = "0192f0c1-7c3e-7b11-a0b1-c2d3e4f5a6b7"
# What the demo world has none of: it is there once somebody does something.
COME_WITH_USE = {"claim_approvals", "customer_merges", "webhook_endpoints", "webhook_deliveries"}


@pytest.mark.parametrize("entity", entities(), ids=lambda e: e.name)
async def test_node_finds_every_kind(graph: Graph, entity: Entity, demo_database: str) -> None:
    import psycopg

    with psycopg.connect(demo_database) as connection:
        row = connection.execute(f"select id from {entity.table.name} limit 1").fetchone()
    if row is None:
        assert entity.table.name in COME_WITH_USE, f"the demo world should have {entity.table.name}"
        answer = await graph.ask("query ($id: ID!) { node(id: $id) { id } }", id=f"{entity.prefix}_{MISSING}")
        assert (answer.codes, answer.data) == ([], {"node": None})
        return
    public = f"{entity.prefix}_{row[0]}"
    query = "query ($id: ID!) { node(id: $id) { __typename id } nodes(ids: [$id, $id]) { id } }"
    answer = await graph.ask(query, id=public)
    assert answer.data["node"] == {"__typename": entity.name, "id": public}
    assert answer.data["nodes"] == [{"id": public}, {"id": public}]
    assert answer.round_trips == 1


async def test_what_is_not_there_is_null(graph: Graph) -> None:
    query = "query ($a: ID!, $b: ID!) { node(id: $a) { id } nodes(ids: [$a, $b]) { id } customer(id: $a) { id } }"
    answer = await graph.ask(query, a=f"cus_{MISSING}", b=f"clm_{MISSING}")
    assert answer.data == {"node": None, "nodes": [None, None], "customer": None}


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("", "not an id of this graph"),
        ("cus", "expected a customer id"),
        ("cus_", "expected a customer id"),
        ("cus_xyz", "expected a customer id"),
        (f"xyz_{MISSING}", "not an id of this graph"),
        (MISSING, "not an id of this graph"),
        ("cus_\0", "expected a customer id"),
        ("cus_" + "9" * 5000, "expected a customer id"),
    ],
)
async def test_what_is_no_id(graph: Graph, id: str, message: str) -> None:
    answer = await graph.ask("query ($id: ID!) { node(id: $id) { id } }", id=id)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert message in answer.outcome.errors[0]["message"]
    assert len(answer.outcome.errors[0]["message"]) < 200


async def test_the_wrong_kind_is_named(graph: Graph) -> None:
    answer = await graph.ask("query ($id: ID!) { customer(id: $id) { id } }", id=f"clm_{MISSING}")
    assert answer.outcome.errors[0]["message"] == "expected a customer id (cus_…), got clm_…"


@pytest.mark.parametrize("arguments", [{}, {"id": f"cus_{MISSING}", "number": "C-1"}, {"id": None}])
async def test_a_lookup_takes_exactly_one_argument(graph: Graph, arguments: dict[str, Any]) -> None:
    query = "query ($id: ID, $number: String) { customer(id: $id, number: $number) { id } }"
    answer = await graph.ask(query, **arguments)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert "exactly one of id or number" in answer.outcome.errors[0]["message"]


async def test_too_many_ids(graph: Graph) -> None:
    answer = await graph.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[f"cus_{MISSING}"] * 101)
    assert answer.codes == ["BAD_USER_INPUT"]
