"""The log in the graph: `auditLog`, and `accessLog` of a customer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

import loaders
from auth.audit import administered, append, changed, profiles_opened, refused
from auth.audit.connection import connect
from auth.audit.entries import Entry
from core.database import make_pool
from execution.operations import Runner
from loaders import statements
from loaders.request import Request
from tests.audit.logs import AGENT, rows
from tests.graph import Graph
from tests.plans import generic_plan, nodes, read_whole

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
async def watched(own_demo_database: str) -> tuple[str, list[str]]:
    """A demo world in which an agent looks at three customers; the ids of these."""
    ids = [str(row[0]) for row in rows(own_demo_database, "select id from customers order by number limit 3")]
    entries: list[Entry] = [
        profiles_opened(AGENT, ids[:1], operation="Profile", document_hash="ab"),
        profiles_opened(AGENT, ids, operation="List", document_hash="cd", sensitive_fields=["Customer.birthDate"]),
        changed(AGENT, "changeAddress", customer_ids=ids[1:2]),
        refused(AGENT, "Profile", ["customers:read_income"], ["Customer.income"]),
        administered("user add"),
        profiles_opened(
            AGENT, [ids[0], "0192f0c1-7c3e-7b11-a0b1-00000000dead"], operation="Erased", document_hash="ef"
        ),
    ]
    for n, entry in enumerate(entries):
        entry.recorded_at = START + timedelta(hours=n)
    async with await connect(own_demo_database) as connection:
        await append(connection, *entries)
    return own_demo_database, ids


@pytest.fixture
async def graph(watched: tuple[str, list[str]], runner: Runner) -> AsyncIterator[Graph]:
    async with make_pool(watched[0], 2) as pool:
        yield Graph(runner, pool)


async def _operations(graph: Graph, arguments: str) -> list[str]:
    log = (await graph.ask(f"{{ auditLog({arguments}) {{ nodes {{ operation }} }} }}")).data["auditLog"]
    return [node["operation"] for node in log["nodes"]]


async def test_the_newest_come_first_and_pages_follow(graph: Graph) -> None:
    query = """query ($after: String) { auditLog(first: 3, after: $after, until: "2026-11-02T15:00:00Z") {
        totalCount pageInfo { hasNextPage endCursor } nodes { operation } } }"""
    first = (await graph.ask(query)).data["auditLog"]
    assert [node["operation"] for node in first["nodes"]] == ["Erased", "user add", "Profile"]
    second = (await graph.ask(query, after=first["pageInfo"]["endCursor"])).data["auditLog"]
    assert [node["operation"] for node in second["nodes"]] == ["changeAddress", "List", "Profile"]
    assert first["pageInfo"]["hasNextPage"] is True
    assert second["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("arguments", "operations"),
    [
        ('kinds: [REFUSAL], since: "2026-11-02T00:00:00Z"', ["Profile"]),
        ('kinds: [REFUSAL, MUTATION], since: "2026-11-02T00:00:00Z"', ["Profile", "changeAddress"]),
        ("kinds: []", []),
        (f'actor: "usr_{AGENT.id}", kinds: [MUTATION]', ["changeAddress"]),
        (f'actor: "key_{AGENT.id}"', []),
        ('actor: "usr_0192f0c1-7c3e-7b11-a0b1-00000000dead"', []),
        ('since: "2026-11-02T11:00:00Z", until: "2026-11-02T13:00:00Z"', ["Profile", "changeAddress"]),
    ],
)
async def test_filters(graph: Graph, arguments: str, operations: list[str]) -> None:
    assert await _operations(graph, arguments) == operations


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('actor: "cus_0192f0c1-7c3e-7b11-a0b1-000000000001"', "expected the id of a user"),
        ('actor: "usr_1 or true"', "expected the id of a user"),
        ('actor: ""', "expected the id of a user"),
        ('since: "2026-11-02T11:00:00Z", until: "2026-11-01T13:00:00Z"', "until lies before since"),
    ],
)
async def test_bad_filters(graph: Graph, arguments: str, message: str) -> None:
    answer = await graph.ask(f"{{ auditLog({arguments}) {{ nodes {{ operation }} }} }}")
    assert answer.codes == ["BAD_USER_INPUT"]
    assert message in answer.outcome.errors[0]["message"]


ACCESS = """query ($id: ID!) { customer(id: $id) { accessLog { totalCount nodes {
    kind operation actorKind actorId sensitiveFields customerIds customers { totalCount nodes { id } } } } } }"""


async def test_a_customer_has_its_own_log(graph: Graph, watched: tuple[str, list[str]]) -> None:
    first, second, third = (f"cus_{id}" for id in watched[1])
    log = (await graph.ask(ACCESS, id=first)).data["customer"]["accessLog"]
    assert [node["operation"] for node in log["nodes"]] == ["Erased", "List", "Profile"]
    assert log["totalCount"] == 3
    assert log["nodes"][1]["sensitiveFields"] == ["Customer.birthDate"]
    assert log["nodes"][1]["customerIds"] == [first, second, third]
    assert sorted(node["id"] for node in log["nodes"][1]["customers"]["nodes"]) == sorted([first, second, third])
    assert {node["actorId"] for node in log["nodes"]} == {f"usr_{AGENT.id}"}
    # An erased customer is still named, and no longer to be found.
    assert log["nodes"][0]["customerIds"] == [first, "cus_0192f0c1-7c3e-7b11-a0b1-00000000dead"]
    assert log["nodes"][0]["customers"] == {"totalCount": 1, "nodes": [{"id": first}]}
    log = (await graph.ask(ACCESS, id=second)).data["customer"]["accessLog"]
    assert [node["operation"] for node in log["nodes"]] == ["changeAddress", "List"]


async def test_logs_of_many_customers_take_one_statement(graph: Graph, watched: tuple[str, list[str]]) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { accessLog { nodes { operation } } } } }"
    answer = await graph.ask(query, ids=[f"cus_{id}" for id in watched[1]])
    assert [len(node["accessLog"]["nodes"]) for node in answer.data["nodes"]] == [3, 2, 1]
    assert (answer.statements, answer.round_trips) == (2, 2)


async def test_an_operators_command_has_no_actor(graph: Graph) -> None:
    arguments = 'kinds: [ADMINISTRATION], first: 1, until: "2026-11-02T23:00:00Z"'
    answer = await graph.ask(f"{{ auditLog({arguments}) {{ nodes {{ actorKind actorId details }} }} }}")
    [node] = answer.data["auditLog"]["nodes"]
    assert node == {"actorKind": "SYSTEM", "actorId": None, "details": {}}


async def test_a_long_log_is_read_by_its_indexes(empty_database: str) -> None:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(
            "insert into audit_entries (id, recorded_at, kind, actor_kind, actor_id, customer_ids)"
            " select gen_random_uuid(), now() - n * interval '1 minute', 'PROFILE_OPENED', 'USER', null,"
            " array[gen_random_uuid(), gen_random_uuid()] from generate_series(1, 50000) n"
        )
        connection.execute("vacuum analyze audit_entries")
    request = Request(("operation", "recorded_at"), limit=20)
    of_customer = statements.rows(loaders.audit.of_customer, request).statement(
        ["0192f0c1-7c3e-7b11-a0b1-000000000001"]
    )
    log = statements.rows(loaders.audit.log, request).statement([])
    with psycopg.connect(empty_database) as connection:
        plan = generic_plan(connection, *of_customer)
        indexes = {index for _, _, index in nodes(plan)}
        assert ("Bitmap Index Scan", None, "audit_entries_customer_ids_idx") in nodes(plan)
        assert "audit_entries_pkey" in indexes
        assert not read_whole(plan)
        assert "audit_entries_recorded_at_id_idx" not in indexes, "it would walk back through the whole log"
        (scan,) = generic_plan(connection, *log)["Plans"]
    found = scan["Node Type"], scan["Scan Direction"], scan["Index Name"]
    assert found == ("Index Scan", "Backward", "audit_entries_recorded_at_id_idx")
