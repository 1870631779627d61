"""Follow-up tasks are found from all sides, and an agent's work list costs the same however long it is."""

from typing import Any

import psycopg

from tests.graph import Graph

_WORK_LIST = """query ($number: String!) {
  agent(number: $number) {
    openFollowUps(first: 100) {
      totalCount
      nodes { id status dueAt subject customer { displayName } interaction { subject } requester { number } }
    }
  }
}"""
_ALL_SIDES = """query ($id: ID!) {
  followUp(id: $id) {
    customer { followUps(first: 100) { nodes { id } } }
    interaction { followUps { nodes { id } } }
    assignee { followUps(first: 100, orderBy: { field: DUE_AT, direction: DESC }) { nodes { id } } }
    requester { requestedFollowUps(first: 100, orderBy: { field: DUE_AT, direction: DESC }) { nodes { id } } }
  }
}"""


def _rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode(), values).fetchall()


async def test_an_agents_work_list(graph: Graph, demo_database: str) -> None:
    agents = _rows(
        demo_database,
        "select a.number, array_agg('fup_' || f.id order by f.due_at, f.id) from follow_ups f"
        " join agents a on a.id = f.assignee_id join customers c on c.id = f.customer_id"
        " where f.status = 'OPEN' and f.requester_id is not null group by 1 order by count(*) desc, 1",
    )
    longest, shortest = agents[0], agents[-1]
    assert len(longest[1]) > len(shortest[1]) > 0
    costs = set()
    for number, ids in (longest, shortest):
        answer = await graph.ask(_WORK_LIST, number=number)
        found = answer.data["agent"]["openFollowUps"]
        assert {node["status"] for node in found["nodes"]} == {"OPEN"}
        assert [node["id"] for node in found["nodes"] if node["id"] in ids] == ids
        assert found["totalCount"] == len(found["nodes"]) >= len(ids)
        moments = [node["dueAt"] for node in found["nodes"]]
        assert moments == sorted(moments)
        costs.add((answer.statements, answer.round_trips))
    # The agent; the tasks and their count; customers, contacts and who asked.
    assert costs == {(6, 3)}


async def test_a_task_is_reached_from_all_sides(graph: Graph, demo_database: str) -> None:
    ((row_id,),) = _rows(
        demo_database,
        "select 'fup_' || id from follow_ups where customer_id is not null and requester_id is not null"
        " order by due_at desc, id limit 1",
    )
    shown = (await graph.ask(_ALL_SIDES, id=row_id)).data["followUp"]
    assert {"id": row_id} in shown["customer"]["followUps"]["nodes"]
    assert shown["interaction"]["followUps"]["nodes"] == [{"id": row_id}]
    assert {"id": row_id} in shown["assignee"]["followUps"]["nodes"]
    assert {"id": row_id} in shown["requester"]["requestedFollowUps"]["nodes"]


async def test_tasks_are_found_by_time_state_and_urgency(graph: Graph, demo_database: str) -> None:
    query = """{ followUps(where: { status: { eq: COMPLETED }, priority: { in: [HIGH, URGENT] },
      dueAt: { gte: "2026-01-01T00:00:00Z" } }, first: 100) { totalCount nodes { id } } }"""
    answer = await graph.ask(query)
    expected = _rows(
        demo_database,
        "select 'fup_' || id from follow_ups where status = 'COMPLETED' and priority in ('HIGH', 'URGENT')"
        " and due_at >= '2026-01-01 00:00Z' order by due_at, id",
    )
    assert [node["id"] for node in answer.data["followUps"]["nodes"]] == [row_id for (row_id,) in expected]
    assert answer.data["followUps"]["totalCount"] == len(expected) > 0
    assert (answer.statements, answer.round_trips) == (2, 1)
