"""The audit trail: every operation that shows customers leaves an entry, by either driver, before it is answered."""

import hashlib
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
import pytest
from graphql import OperationType

from auth.actor import Actor, ActorKind, Audience
from auth.audit import AuditWriter
from execution.context import OperationContext
from execution.operations import GraphQLRequest
from models.roles import Role
from tests.access.desk import ADMINISTRATOR, AGENT, UNDERWRITER, Desk, actor

SENIOR = actor(Role.SENIOR_AGENT, 4)
BLIND = Actor(ActorKind.USER, Audience.STAFF, AGENT.id, permissions=frozenset({"customers:read"}))


async def _opened(desk: Desk, who: Any, query: str, **variables: Any) -> list[tuple[set[str], list[str]]]:
    await desk.ask(who, query, **variables)
    return [(set(entry["customer_ids"]), entry["sensitive_fields"]) for entry in await desk.log("PROFILE_OPENED")]


async def test_an_opened_profile_is_recorded(either: Desk) -> None:
    (number, row_id) = either.rows("select number, id::text from customers where birth_date is not null limit 1")[0]
    query = "query Card($n: String!) { customer(number: $n) { displayName birthDate nationalId { masked } } }"
    await either.ask(AGENT, query, n=number)
    (entry,) = await either.log("PROFILE_OPENED")
    assert entry["customer_ids"] == [row_id]
    assert entry["sensitive_fields"] == ["Customer.birthDate"]
    assert (entry["actor_id"], entry["actor_kind"], entry["operation"]) == (AGENT.id, "USER", "Card")
    assert entry["document_hash"] == hashlib.sha256(query.encode()).hexdigest()


async def test_of_a_list_its_page_is_recorded(either: Desk) -> None:
    first = {row[0] for row in either.rows("select id::text from customers order by number limit 3")}
    last = {row[0] for row in either.rows("select id::text from customers order by number desc limit 2")}
    query = "{ customers(orderBy: { field: NUMBER, direction: ASC }, %s) { nodes { displayName } } }"
    assert await _opened(either, AGENT, query % "first: 3") == [(first, [])]
    assert (await _opened(either, AGENT, query % "last: 2"))[1:] == [(last, [])]


async def test_whoever_is_reached_from_another_object_is_recorded(either: Desk) -> None:
    (claim, holder) = either.rows("select id::text, customer_id::text from claims limit 1")[0]
    query = "query ($id: ID!) { node(id: $id) { ... on Claim { %s } } }"
    entries = await _opened(either, AGENT, query % "customer { displayName }", id=f"clm_{claim}")
    assert entries == [({holder}, [])]
    # One who is asked for what is the customer's looks at the customer.
    entries = await _opened(either, AGENT, query % "description", id=f"clm_{claim}")
    assert entries[1:] == [({holder}, [])]


async def test_medical_data_is_recorded_wherever_it_is_met(either: Desk) -> None:
    (order, holder) = either.rows(
        "select o.number, o.customer_id::text from medical_exams m join orders o on o.id = m.order_id"
        " where m.result is not null limit 1"
    )[0]
    entries = await _opened(
        either, UNDERWRITER, "query ($n: String!) { order(number: $n) { medicalExams { result } } }", n=order
    )
    assert entries == [({holder}, ["MedicalExam.result"])]


@pytest.mark.parametrize(
    "query",
    [
        "{ products { nodes { name } } }",
        "{ customers { totalCount } }",
        "{ __typename }",
        'mutation { login(login: "nobody", password: "nothing") { userErrors { code } } }',
        'query { customer(number: "C-9999999") { displayName birthDate } }',
    ],
)
async def test_what_shows_nobody_is_not_recorded(either: Desk, query: str) -> None:
    await either.ask(SENIOR, query)
    assert await either.log("PROFILE_OPENED") == []
    assert await either.log("REFUSAL") == []


async def test_what_was_refused_is_recorded_and_not_counted_as_seen(either: Desk) -> None:
    query = "query List { customers(first: 2) { nodes { a: income { amount } birthDate } } }"
    assert (await either.ask(AGENT, query)).codes == ["FORBIDDEN", "FORBIDDEN"]
    (refusal,) = await either.log("REFUSAL")
    assert refusal["sensitive_fields"] == ["Customer.income"]
    assert refusal["details"]["permissions"] == ["customers:read_income"]
    assert (refusal["actor_id"], refusal["operation"]) == (AGENT.id, "List")
    (opened,) = await either.log("PROFILE_OPENED")
    assert opened["sensitive_fields"] == ["Customer.birthDate"]


async def test_a_filter_that_was_refused_is_recorded(either: Desk) -> None:
    query = 'query Young { customers(where: { birthDate: { gt: "1999-01-01" } }) { totalCount } }'
    assert (await either.ask(BLIND, query)).codes == ["FORBIDDEN"]
    (refusal,) = await either.log("REFUSAL")
    assert refusal["details"]["permissions"] == ["customers:read_birth_date"]


async def test_both_drivers_leave_the_same_trail(desk: Desk, repository: Path) -> None:
    query = (repository / "benchmarks/queries/customer_360.graphql").read_text()
    variables = orjson.loads((repository / "benchmarks/queries/customer_360.variables.json").read_bytes())
    for compiling in (True, False):
        desk.runner.compiling = compiling
        try:
            assert not (await desk.ask(ADMINISTRATOR, query, **variables)).outcome.errors
        finally:
            desk.runner.compiling = True
    one, other = await desk.log("PROFILE_OPENED")
    assert sorted(one["customer_ids"]) == sorted(other["customer_ids"])
    assert one["sensitive_fields"] == other["sensitive_fields"]
    assert one["customer_ids"]


async def test_what_cannot_be_recorded_is_not_shown(either: Desk) -> None:
    full = AuditWriter(either.url, capacity=0)
    object.__setattr__(either.services, "audit", full)
    answer = await either.ask(AGENT, "{ customers(first: 1) { nodes { displayName } } }")
    assert (answer.codes, answer.outcome.data) == (["AUDIT_UNAVAILABLE"], None)
    assert not (await either.ask(AGENT, "{ products { nodes { name } } }")).outcome.errors


async def test_the_trail_of_the_profile_costs_little(desk: Desk, repository: Path) -> None:
    query = (repository / "benchmarks/queries/customer_360.graphql").read_text()
    variables = orjson.loads((repository / "benchmarks/queries/customer_360.variables.json").read_bytes())
    trail = desk.runner.trail
    async with OperationContext(desk.services.pool, ADMINISTRATOR) as context:
        await desk.runner.run(GraphQLRequest(query, variables), context, (OperationType.QUERY,))
        trail.opened(context)
        fastest = 1.0
        for _ in range(20):
            start = perf_counter()
            for _ in range(50):
                trail.opened(context)
            fastest = min(fastest, (perf_counter() - start) / 50)
    assert fastest < 20e-6
