"""What an operation costs: by the rule, before it runs, and never less than it then brings."""

import json
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from graphql.execution.values import get_variable_values

from auth.actor import ANONYMOUS, SYSTEM, Actor, user
from auth.budgets import BUDGETS
from core.database import make_pool
from execution.context import OperationContext
from execution.cost import INTROSPECTION, MUTATION, ROWS_A_POINT, SHORT_LIST, Cost, price
from execution.documents import Documents
from execution.driver import Driver
from models.roles import Role
from resolvers.root import schema
from tests.limits.conftest import Open, Service

PARTNER = user("0192f0c1-7c3e-7b11-a0b1-000000000001", frozenset({Role.PARTNER}), partner_id="0192f0c1")


def _cost(query: str, actor: Actor = SYSTEM, **variables: Any) -> Cost:
    document = Documents(schema._schema).get(query)
    assert document.ast is not None, document.errors
    operation = document.operation(None)
    assert operation is not None
    context = OperationContext(make_pool("", 1), actor)
    driver = Driver.build(schema._schema, document.ast, context_value=context, raw_variable_values=variables)
    values = get_variable_values(schema._schema, operation.variable_definitions or (), variables)
    assert isinstance(driver, Driver)
    assert not isinstance(values, list)
    made = price(driver)
    assert made.of(values) == made.of(values)
    return made.of(values)


def _canonical(repository: Path) -> str:
    return (repository / "benchmarks/queries/customer_360.graphql").read_text("utf-8")


def test_the_whole_profile_is_about_a_hundred_points(repository: Path) -> None:
    assert 90 <= _cost(_canonical(repository), number="C-0000001").points <= 110


@pytest.mark.parametrize(
    ("query", "statements", "rows", "fixed"),
    [
        ("{ __typename }", 0, 0, 0),
        ('{ customer(number: "C-1") { number } }', 1, 1, 0),
        ('{ customer(number: "C-1") { addresses { city } } }', 2, 1 + SHORT_LIST, 0),
        ("{ customers { nodes { number } } }", 1, 20, 0),
        ("{ customers(first: null) { nodes { number } } }", 1, 20, 0),
        ("{ customers(first: 100) { pageInfo { endCursor } } }", 1, 100, 0),
        ("{ customers(last: 7) { edges { node { number } } } }", 1, 7, 0),
        ("{ customers(first: 100) { totalCount } }", 1, 1, 0),
        ("{ customers(first: 100) { __typename } }", 0, 0, 0),
        ("{ customers(first: 0) { nodes { claims { nodes { number } } } } }", 2, 0, 0),
        ("{ customers(first: 10) { nodes { claims(first: 5) { totalCount nodes { number } } } } }", 3, 10 + 50 + 10, 0),
        ("{ customers(first: 10) { edges { node { household { name } } } } }", 2, 10 + 10, 0),
        ("{ customers(first: 101) { nodes { number } } }", 1, 0, 0),
        ("{ customers(first: 2) { ...on CustomerConnection { nodes { number } } } }", 1, 2, 0),
        ("{ customers(first: 2) @include(if: false) { nodes { number } } }", 0, 0, 0),
        ("{ a: customers(first: 2) { nodes { number } } b: customers(first: 3) { nodes { number } } }", 2, 5, 0),
        ("{ __schema { types { name } } }", 0, 0, INTROSPECTION),
        ('mutation { login(login: "a", password: "b") { userErrors { code } } }', 0, 0, MUTATION + 1),
    ],
)
def test_the_rule(query: str, statements: int, rows: int, fixed: int) -> None:
    assert _cost(query) == Cost(statements, rows, fixed)


def test_points() -> None:
    assert [Cost(rows=n).points for n in (0, 1, ROWS_A_POINT, ROWS_A_POINT + 1)] == [1, 1, 1, 2]
    assert Cost(2, ROWS_A_POINT + 1, 3).points == 2 + 2 + 3


def test_page_sizes_by_variables() -> None:
    query = """query ($first: Int = 30, $last: Int) {
        customers(first: $first) { nodes { contracts(last: $last) { nodes { number } } } } }"""
    assert _cost(query).rows == 30 + 30 * 20
    assert _cost(query, first=100, last=100).rows == 100 + 100 * 100
    assert _cost(query, first=None, last=None).rows == 20 + 20 * 20
    assert _cost(query, first=-1).rows == 0


def test_ids_by_variables_and_the_types_they_may_be_of() -> None:
    ids = [f"cus_0192f0c1-7c3e-7b11-a0b1-{n:012}" for n in range(50)]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ...on Customer { claims(first: 10) { nodes { id } } } id } }"
    assert _cost(query, ids=ids).rows == 50 + 50 * 10
    assert _cost(query, ids=ids[:1]) == Cost(2, 11)
    assert _cost(query, ids=["nonsense"]).rows == 0


def test_a_hit_is_of_one_type_only() -> None:
    below = "claims(first: 10) { nodes { id } }"
    options = f"...on Customer {{ {below} }} ...on Contract {{ {below} }}"
    query = f'{{ search(query: "x", first: 5) {{ object {{ {options} }} }} }}'
    assert _cost(query).rows == 5 + 5 + 5 * 10


def test_what_is_refused_costs_nothing() -> None:
    query = "{ customers(first: 100) { nodes { number } } __typename }"
    assert _cost(query, ANONYMOUS).points == 1


def test_a_refused_field_does_not_hide_what_stands_beside_it() -> None:
    query = "{ auditLog(first: 100) { nodes { id } } customers(first: 100) { nodes { number } } }"
    assert _cost(query, PARTNER).rows == 100


QUERIES = (
    "{ customers(first: 100) { totalCount nodes { contracts(first: 3) { nodes { number product { name } } } } } }",
    '{ search(query: "C-0000001") { object { ...on Customer { contracts { nodes { number } } } } } }',
    "{ customers(first: 5) { nodes { timeline(first: 10) { nodes { subject { ...on Contract { number } } } } } } }",
)


@pytest.mark.parametrize("query", QUERIES)
async def test_the_answer_tells_what_was_asked_and_what_it_took(service: Service, query: str) -> None:
    client = await service.signed_in(Role.AGENT)
    body = (await client.post("/graphql", json={"query": query, "extensions": {"cost": True}})).json()
    told = body["extensions"]["cost"]
    assert set(told) == {"requested", "actual", "remaining", "restoreRate"}
    assert told["requested"] == _cost(query).points
    assert 0 < told["actual"] <= told["requested"]
    assert told["remaining"] == BUDGETS[Role.AGENT].per_minute - told["requested"]
    assert told["restoreRate"] == BUDGETS[Role.AGENT].per_minute / 60
    assert "extensions" not in (await client.post("/graphql", json={"query": query})).json()


async def test_the_profile_never_takes_more_than_it_was_said_to(
    service: Service, repository: Path, limits_database: str
) -> None:
    with psycopg.connect(limits_database) as connection:
        numbers = [row[0] for row in connection.execute("select number from customers order by 1 limit 20")]
    client = await service.signed_in(Role.ADMINISTRATOR)
    actual = []
    for number in numbers:
        request = {"query": _canonical(repository), "variables": {"number": number}, "extensions": {"cost": True}}
        told = (await client.post("/graphql", json=request)).json()["extensions"]["cost"]
        actual.append(told["actual"])
        assert told["actual"] <= told["requested"] <= 110
    assert len(set(actual)) > 3, "customers differ, and so should what they take"


EXPENSIVE = """{ customers(first: 100) { nodes { contracts(first: 100) { nodes { payments(first: 100) {
    nodes { id } } } } } } }"""


def _error(response: httpx.Response) -> dict[str, Any]:
    (error,) = response.json()["errors"]
    assert isinstance(error, dict)
    return error


@pytest.mark.parametrize("how", ["plan", "interpreter"])
async def test_too_expensive_is_refused_before_any_statement(service: Service, how: str) -> None:
    client = await service.signed_in(Role.AGENT)
    query = EXPENSIVE if how == "plan" else EXPENSIVE.replace("{ customers", "{ __schema { description } customers", 1)
    pool = service.app.state.pool
    before = pool.get_stats().get("requests_num", 0)
    response = await client.post(
        "/graphql",
        content=json.dumps({"query": query}),
        headers={"content-type": "application/json", "accept": "application/graphql-response+json"},
    )
    assert pool.get_stats().get("requests_num", 0) == before
    assert response.status_code == 400
    error = _error(response)
    assert error["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"
    cost, budget = _cost(query).points, BUDGETS[Role.AGENT].per_operation
    assert (error["extensions"]["cost"], error["extensions"]["budget"]) == (cost, budget)
    assert f"{cost:,}" in error["message"]
    assert f"{budget:,}" in error["message"]
    assert "data" not in response.json()


async def test_each_role_by_its_own_budget(open_service: Open) -> None:
    query = "{ customers(first: 100) { nodes { contracts(first: 100) { nodes { number } } } } }"
    points = _cost(query).points
    assert BUDGETS[Role.PARTNER].per_operation < points < BUDGETS[Role.AGENT].per_operation
    async with open_service(rate_limit_factor=0) as service:
        for role, refused in ((Role.PARTNER, True), (Role.AGENT, False), (Role.MANAGER, False)):
            client = await service.signed_in(role)
            body = (await client.post("/graphql", json={"query": query})).json()
            assert ("errors" in body) is refused, role
