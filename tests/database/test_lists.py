"""Lists by pages: complete, in order, and right while rows come and go; filters and orders do what they say."""

from typing import Any

import psycopg
import pytest

from core.database import make_pool
from execution.operations import Runner
from tests.graph import Graph

_PAGE = """query (
  $first: Int, $after: String, $last: Int, $before: String, $orderBy: ContractOrder, $where: ContractWhere
) {
  contracts(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, where: $where) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id number endsOn startedOn status premium { amount } product { id } } }
  }
}"""


async def _page(graph: Graph, **variables: Any) -> Any:
    return (await graph.ask(_PAGE, **variables)).data["contracts"]


async def _walk(graph: Graph, *, backward: bool = False, size: int = 37, **variables: Any) -> list[Any]:
    """All nodes of a list, page by page."""
    nodes: list[Any] = []
    cursor = None
    while True:
        turn = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        page = await _page(graph, **turn, **variables)
        found = [edge["node"] for edge in page["edges"]]
        nodes = found + nodes if backward else nodes + found
        info = page["pageInfo"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return nodes
        cursor = info["startCursor" if backward else "endCursor"]


def _order(field: str, direction: str) -> dict[str, str]:
    return {"field": field, "direction": direction}


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("field", ["STARTED_ON", "ENDS_ON", "RENEWAL_ON", "PREMIUM", "NUMBER", "CREATED_AT"])
async def test_pages_forward_and_backward_are_the_whole_list_in_order(
    graph: Graph, demo_database: str, field: str, direction: str
) -> None:
    order = _order(field, direction)
    forward, backward = await _walk(graph, orderBy=order), await _walk(graph, orderBy=order, backward=True)
    column = {"PREMIUM": "premium_amount"}.get(field, field.lower())
    with psycopg.connect(demo_database) as connection:
        rows = connection.execute(f"select number from contracts order by {column} {direction}, id {direction}")
        expected = [row[0] for row in rows]
    assert [node["number"] for node in forward] == expected
    assert [node["number"] for node in backward] == expected


async def test_total_count_counts_what_the_filter_leaves(graph: Graph, demo_database: str) -> None:
    page = await _page(graph, where={"status": {"in": ["ACTIVE", "LAPSED"]}, "startedOn": {"gte": "2022-01-01"}})
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select count(*) from contracts where status in ('ACTIVE', 'LAPSED') and started_on >= '2022-01-01'"
        ).fetchone()
    assert row
    assert page["totalCount"] == row[0] > 0
    assert {edge["node"]["status"] for edge in page["edges"]} <= {"ACTIVE", "LAPSED"}


async def test_filters(graph: Graph) -> None:
    everything = await _walk(graph)
    sample = everything[5]
    by_number = await _walk(graph, where={"number": {"eq": sample["number"]}})
    assert by_number == [sample]
    by_prefix = await _walk(graph, where={"number": {"startsWith": "K-00000"}})
    assert by_prefix == [node for node in everything if node["number"].startswith("K-00000")]
    by_product = await _walk(graph, where={"productId": {"eq": sample["product"]["id"]}})
    assert by_product == [node for node in everything if node["product"] == sample["product"]]
    open_ended = await _walk(graph, where={"endsOn": {"isNull": True}})
    assert open_ended == [node for node in everything if node["endsOn"] is None]
    others = await _walk(graph, where={"status": {"notIn": ["ACTIVE"]}})
    assert others == [node for node in everything if node["status"] != "ACTIVE"]
    between = await _walk(graph, where={"startedOn": {"gt": "2020-01-01", "lt": "2024-01-01"}})
    assert between == [node for node in everything if "2020-01-01" < node["startedOn"] < "2024-01-01"]
    dear = await _walk(graph, where={"premium": {"gte": "500.00"}})
    assert dear == [node for node in everything if float(node["premium"]["amount"]) >= 500]
    assert by_product
    assert others
    assert between
    assert dear


async def test_a_nested_list_pages_for_each_parent(graph: Graph) -> None:
    query = """query ($after: String) { customers(first: 40) { nodes { number
        contracts(first: 2, after: $after) {
            totalCount pageInfo { hasNextPage } nodes { number customer { number } } } } } }"""
    answer = await graph.ask(query)
    seen = 0
    for customer in answer.data["customers"]["nodes"]:
        contracts = customer["contracts"]
        assert len(contracts["nodes"]) == min(2, contracts["totalCount"])
        assert contracts["pageInfo"]["hasNextPage"] == (contracts["totalCount"] > 2)
        assert all(node["customer"]["number"] == customer["number"] for node in contracts["nodes"])
        seen += contracts["totalCount"]
    assert seen > 20
    assert answer.round_trips == 3


async def test_pages_stay_right_while_rows_are_added_and_removed(runner: Runner, own_demo_database: str) -> None:
    async with make_pool(own_demo_database, 2) as pool:
        graph = Graph(runner, pool)
        before = [node["number"] for node in await _walk(graph)]
        first = await _page(graph, first=10)
        with psycopg.connect(own_demo_database) as connection:
            # One row moves to the head of the list, one on the first page goes: every offset would now be wrong.
            connection.execute("update contracts set started_on = '2030-01-01' where number = %s", [before[30]])
            connection.execute("update contracts set started_on = '1950-01-01' where number = %s", [before[3]])
        second = await _page(graph, first=10, after=first["pageInfo"]["endCursor"])
        everything = [node["number"] for node in await _walk(graph, size=10)]
    assert [edge["node"]["number"] for edge in second["edges"]] == before[10:20]
    assert everything == [before[30], *(n for n in before if n not in (before[30], before[3])), before[3]]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"first": -1}, "first is between 0 and 100"),
        ({"first": 101}, "first is between 0 and 100"),
        ({"last": 2147483647}, "last is between 0 and 100"),
        ({"first": 1, "last": 1}, "first and last cannot both be given"),
        ({"after": "nonsense"}, "not a cursor of this list"),
        ({"after": "e30"}, "not a cursor of this list"),
        ({"before": "WyItc3RhcnRlZF9vbiwtaWQiLCB7fSwgInh4Il0"}, "not a cursor of this list"),
        ({"where": {"status": {"eq": None}}}, "null compares with nothing"),
        ({"where": {"productId": {"eq": "con_0192f0c1-7c3e-7b11-a0b1-c2d3e4f5a6b7"}}}, "expected a product id"),
        ({"where": {"productId": {"in": ["prd_zzz"]}}}, "expected a product id"),
        ({"where": {"number": {"eq": "\0"}}}, "no NUL character"),
        ({"where": {"number": {"in": ["x"] * 501}}}, "at most 500 values"),
    ],
)
async def test_bad_arguments(graph: Graph, variables: dict[str, Any], message: str) -> None:
    answer = await graph.ask(_PAGE, **variables)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert message in answer.outcome.errors[0]["message"]
    assert answer.outcome.errors[0]["path"] == ["contracts"]
    assert answer.statements == 0


async def test_a_cursor_of_another_order_is_refused(graph: Graph) -> None:
    page = await _page(graph, first=1)
    cursor = page["pageInfo"]["endCursor"]
    answer = await graph.ask(_PAGE, first=1, after=cursor, orderBy=_order("NUMBER", "ASC"))
    assert answer.codes == ["BAD_USER_INPUT"]
    assert "another orderBy" in answer.outcome.errors[0]["message"]


async def test_a_forged_cursor_cannot_reach_the_database_as_sql(graph: Graph) -> None:
    from core import cursors

    forged = cursors.encode("-started_on,-id", ("2020-01-01'; drop table claims; --", "x"))
    answer = await graph.ask(_PAGE, first=1, after=forged)
    assert answer.codes == ["BAD_USER_INPUT"]


async def test_empty_page(graph: Graph) -> None:
    page = await _page(graph, first=0)
    assert page["edges"] == []
    assert page["pageInfo"]["endCursor"] is None
