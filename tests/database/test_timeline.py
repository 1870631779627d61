"""The timeline: everything that happened to a customer, in one order, each entry with what it is about."""

from datetime import datetime
from typing import Any

import psycopg
import pytest

from tests.graph import Graph

_TIMELINE = """query ($number: String!, $first: Int, $after: String, $kinds: [SubjectKind!], $since: DateTime,
                      $until: DateTime, $categories: [EventCategory!], $types: [String!]) {
  customer(number: $number) { timeline(first: $first, after: $after, kinds: $kinds, since: $since, until: $until,
                                       categories: $categories, types: $types) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { type category subjectKind occurredAt recordedAt summary
      cause { type occurredAt }
      subject { __typename ... on Node { id } ... on Contract { number customer { number } } ... on Claim { number } } }
  } } }"""

_TYPES = {"CUSTOMER": "Customer", "CONTRACT": "Contract", "ORDER": "Order", "CLAIM": "Claim", "PAYMENT": "Payment",
          "INTERACTION": "Interaction", "COMPLAINT": "Complaint", "HOUSEHOLD": "Household",
          "RELATIONSHIP": "Relationship", "FOLLOW_UP": "FollowUp"}  # fmt: skip


@pytest.fixture
def busiest(demo_database: str) -> str:
    """The number of the customer with the most events."""
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select c.number from customers c join events e on e.customer_id = c.id"
            " group by 1 order by count(*) desc, 1"
        ).fetchone()
    assert row
    return str(row[0])


async def _timeline(graph: Graph, number: str, **variables: Any) -> Any:
    return (await graph.ask(_TIMELINE, number=number, **variables)).data["customer"]["timeline"]


async def _all(graph: Graph, number: str, **variables: Any) -> list[Any]:
    nodes: list[Any] = []
    after = None
    while True:
        page = await _timeline(graph, number, first=10, after=after, **variables)
        nodes += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(nodes) == page["totalCount"]
            return nodes


async def test_everything_in_order_with_its_subject(graph: Graph, busiest: str, demo_database: str) -> None:
    nodes = await _all(graph, busiest)
    moments = [datetime.fromisoformat(node["occurredAt"]) for node in nodes]
    assert moments == sorted(moments, reverse=True)
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select count(*) from events where customer_id = (select id from customers where number = %s)", [busiest]
        ).fetchone()
    assert row
    assert len(nodes) == row[0] > 10
    for node in nodes:
        assert node["subject"]["__typename"] == _TYPES[node["subjectKind"]]
    owners = {node["subject"]["customer"]["number"] for node in nodes if "customer" in node["subject"]}
    assert owners == {busiest}
    assert any(node["cause"] for node in nodes)


async def test_filters(graph: Graph, busiest: str) -> None:
    nodes = await _all(graph, busiest)
    contracts = await _all(graph, busiest, kinds=["CONTRACT"])
    assert contracts == [node for node in nodes if node["subjectKind"] == "CONTRACT"] != []
    servicing = await _all(graph, busiest, categories=["SERVICING"])
    assert servicing == [node for node in nodes if node["category"] == "SERVICING"]
    one_type = await _all(graph, busiest, types=["CustomerCreated"])
    assert [node["type"] for node in one_type] == ["CustomerCreated"]
    middle = nodes[len(nodes) // 2]["occurredAt"]
    assert await _all(graph, busiest, since=middle) == [n for n in nodes if n["occurredAt"] >= middle]
    assert await _all(graph, busiest, until=middle) == [n for n in nodes if n["occurredAt"] < middle]
    assert await _all(graph, busiest, kinds=[]) == []


async def test_a_span_that_ends_before_it_begins(graph: Graph, busiest: str) -> None:
    answer = await graph.ask(_TIMELINE, number=busiest, since="2024-01-02T00:00:00Z", until="2024-01-01T00:00:00Z")
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.outcome.errors[0]["path"] == ["customer", "timeline"]


@pytest.mark.parametrize("value", ["2024-01-01", "2024-01-01T00:00:00", "yesterday", 7, "0001-01-01T00:00:00+14:00"])
async def test_a_moment_must_be_a_moment(graph: Graph, busiest: str, value: Any) -> None:
    answer = await graph.ask(_TIMELINE, number=busiest, since=value)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert not answer.outcome.executed


async def test_the_cost_is_a_statement_for_each_kind_of_subject(graph: Graph, busiest: str) -> None:
    answer = await graph.ask(_TIMELINE, number=busiest, first=50)
    page = answer.data["customer"]["timeline"]
    kinds = {node["subjectKind"] for node in page["nodes"]}
    # customer; events and their count; causes and one statement for each kind of subject; contracts' customers
    assert answer.statements == 1 + 2 + 1 + len(kinds) + 1
    assert answer.round_trips == 4
