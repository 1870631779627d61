"""GET /metrics: every request is counted for what it was, and nothing of its content shows."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest
from starlette.applications import Starlette

from app import create_app
from auth.tokens import Subject, Tokens
from core.ids import new_id
from core.settings import Settings
from models.base import utc_now
from models.roles import Role
from tests.metrics import Scrape

LIST = "{ customers(first: 2) { nodes { number contracts(first: 1) { nodes { number } } } } }"


def token(app: Starlette) -> str:
    """An access token for somebody who may see everything."""
    authentication = app.state.services.authentication
    access = authentication.access
    subject = Subject(
        user_id=str(new_id()),
        session_id=str(new_id()),
        roles=frozenset({Role.ADMINISTRATOR}),
        partner_id=None,
        methods=frozenset({"pwd"}),
        authenticated_at=utc_now(),
        version=1,
    )
    return (
        Tokens(authentication.keys, access.policy, access.clock).issue(subject, not_after=subject.authenticated_at).text
    )


@contextlib.asynccontextmanager
async def serving(database: str, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application of its own, signed in."""
    app = create_app(Settings(database_url=database, **settings))
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://c") as client:
        client.headers["authorization"] = f"Bearer {token(app)}"
        yield client


@pytest.fixture
async def client(demo_database: str) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(demo_database, max_body_bytes=50_000) as client:
        yield client


@pytest.fixture
async def own_client(own_demo_database: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application on a database that the test may change."""
    async with serving(own_demo_database) as client:
        yield client


async def scrape(client: httpx.AsyncClient) -> Scrape:
    """The metrics as they are now."""
    response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    return Scrape(response.text)


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    """The answer to a query, with how it was made."""
    body = {"query": query, "variables": variables, "extensions": {"debug": True}}
    return (await client.post("/graphql", json=body)).json()


async def test_a_compiled_query(client: httpx.AsyncClient) -> None:
    debug = (await ask(client, LIST))["extensions"]["debug"]
    assert debug == {"driver": "compiled", "statements": 2, "roundTrips": 2}
    await ask(client, "{ __typename }")
    seen = await scrape(client)
    assert seen.operations() == {("compiled", "none"): 2}
    assert seen.value("c360_operation_statements_sum", driver="compiled") == 2
    assert seen.value("c360_operation_statements_bucket", driver="compiled", le="1.0") == 1
    assert seen.value("c360_operation_round_trips_sum", driver="compiled") == 2
    assert seen.value("c360_operation_duration_seconds_count", driver="compiled") == 2
    assert 0 < seen.value("c360_operation_duration_seconds_sum", driver="compiled") < 30
    assert seen.value("c360_errors_total") == seen.value("c360_http_refusals_total") == 0


@pytest.mark.parametrize(
    ("query", "variables", "driver", "reason", "code"),
    [
        ("{ __schema { queryType { name } } }", {}, "interpreted", "introspection", None),
        ("{ customers(first: -1) { totalCount } }", {}, "interpreted", "bad_input", "BAD_USER_INPUT"),
        ('{ customer(id: "con_x") { id } }', {}, "interpreted", "bad_input", "BAD_USER_INPUT"),
        (
            "query ($n: Int!) { customers(first: $n) { totalCount } }",
            {"n": "many"},
            "interpreted",
            "variables",
            "BAD_USER_INPUT",
        ),
        ("mutation { logoutEverywhere { ended } }", {}, "interpreted", "mutation", None),
        ("{ nonsense }", {}, "none", "refused", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { forgetCustomer }", {}, "none", "refused", "GRAPHQL_VALIDATION_FAILED"),
        ("{", {}, "none", "refused", "GRAPHQL_PARSE_FAILED"),
    ],
)
async def test_what_no_plan_ran(
    client: httpx.AsyncClient, query: str, variables: dict[str, Any], driver: str, reason: str, code: str | None
) -> None:
    await ask(client, query, **variables)
    seen = await scrape(client)
    assert seen.operations() == {(driver, reason): 1}
    assert seen.value("c360_operation_duration_seconds_count") == (driver == "interpreted")
    assert seen.value("c360_errors_total") == (code is not None)
    if code:
        assert seen.value("c360_errors_total", code=code) == 1


async def test_a_field_that_is_forbidden(client: httpx.AsyncClient) -> None:
    del client.headers["authorization"]
    code = (await ask(client, LIST))["errors"][0]["extensions"]["code"]
    seen = await scrape(client)
    assert seen.operations() == {("interpreted", "forbidden"): 1}
    assert seen.value("c360_errors_total", code=code) == 1


async def test_a_missing_row_is_a_surprise_and_both_runs_are_paid_for(
    own_client: httpx.AsyncClient, own_demo_database: str
) -> None:
    with psycopg.connect(own_demo_database, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("delete from customers")
    answer = await ask(own_client, "{ contracts(first: 1) { nodes { customer { number } } } }")
    assert answer["extensions"]["debug"]["statements"] == 4
    seen = await scrape(own_client)
    assert seen.operations() == {("interpreted", "surprise"): 1}
    assert seen.value("c360_operation_statements_sum", driver="interpreted") == 4
    assert seen.value("c360_operation_round_trips_sum", driver="interpreted") == 4
    assert seen.value("c360_errors_total") == len(answer["errors"]) > 0


async def test_an_error_of_the_database(own_client: httpx.AsyncClient, own_demo_database: str) -> None:
    with psycopg.connect(own_demo_database, autocommit=True) as connection:
        connection.execute("alter table customers rename to clients")
    answer = await ask(own_client, "{ customers(first: 1) { nodes { number } } }")
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"
    seen = await scrape(own_client)
    assert seen.operations() == {("interpreted", "database"): 1}
    assert seen.value("c360_errors_total", code="INTERNAL") == 1
    assert answer["errors"][0]["extensions"]["errorId"] not in seen.text


async def test_requests_that_are_no_graphql(client: httpx.AsyncClient) -> None:
    await client.post("/graphql", content=b"{", headers={"content-type": "application/json"})
    await client.post("/graphql", content=b"[]", headers={"content-type": "application/json"})
    await client.post("/graphql", content=b"x" * 60_000, headers={"content-type": "application/json"})
    await client.post("/graphql", content=b"{}")
    await client.put("/graphql")
    await client.post("/graphql", json={"query": LIST}, headers={"authorization": "Bearer x"})
    await client.post("/graphql", json={"query": LIST}, headers={"accept": "image/png"})
    seen = await scrape(client)
    expected = {
        "BAD_REQUEST": 2,
        "BODY_TOO_LARGE": 1,
        "UNSUPPORTED_MEDIA_TYPE": 1,
        "METHOD_NOT_ALLOWED": 1,
        "NOT_ACCEPTABLE": 1,
        "UNAUTHENTICATED": 1,
    }
    assert {code: seen.value("c360_http_refusals_total", code=code) for code in expected} == expected
    assert seen.value("c360_http_refusals_total") == sum(expected.values())
    assert seen.operations() == {}


async def test_the_document_cache(client: httpx.AsyncClient) -> None:
    for query in (LIST, LIST, LIST, "{ __typename }"):
        await ask(client, query)
    seen = await scrape(client)
    assert seen.value("c360_document_cache_size") == 2
    assert seen.value("c360_document_cache_hits_total") == 2
    assert seen.value("c360_document_cache_misses_total") == 2
    # What is read is not counted twice.
    assert (await scrape(client)).value("c360_document_cache_hits_total") == 2


async def test_the_pool(client: httpx.AsyncClient) -> None:
    await ask(client, LIST)
    before = await scrape(client)
    assert before.value("c360_pool_connections_max") == 4 * Settings().pool_size
    assert 0 < before.value("c360_pool_connections") <= 4 * Settings().pool_size
    assert before.value("c360_pool_connections_opened_total") > 0
    for _ in range(50):
        await ask(client, LIST)
    # Others use the pool too, now and then.
    assert (
        50 <= (await scrape(client)).value("c360_pool_requests_total") - before.value("c360_pool_requests_total") < 60
    )


async def test_the_process(client: httpx.AsyncClient) -> None:
    seen = await scrape(client)
    assert seen.value("c360_workers") == 1
    assert 30e6 < seen.value("process_resident_memory_bytes") < 3e9
    assert seen.value("process_cpu_seconds_total") > 0
    assert seen.value("python_gc_collections_total", generation="0") > 0
    again = await scrape(client)
    assert again.value("process_cpu_seconds_total") >= seen.value("process_cpu_seconds_total")
    assert again.value("process_cpu_seconds_total") < 1.5 * seen.value("process_cpu_seconds_total")


async def test_no_label_holds_anything_of_a_request(client: httpx.AsyncClient) -> None:
    names = ("Geheim", "Mustermann", "C-0000001", "unheard_of")
    query = 'query Geheim { Mustermann: customer(number: "C-0000001") { id } }'
    await ask(client, query)
    await ask(client, "query Geheim { unheard_of }")
    await client.post("/graphql?Mustermann=1", json={"query": query, "operationName": 7})
    seen = await scrape(client)
    assert not [name for name in names if name in seen.text]
    assert not [label for label in seen.labels() if not re.fullmatch(r"[a-z_-]+|[A-Z_]+|[0-2]", label)]


async def test_every_metric_says_what_it_is(client: httpx.AsyncClient) -> None:
    await ask(client, "{ nonsense }")
    await client.put("/graphql")
    families = (await scrape(client)).families.values()
    assert len(families) > 20
    assert not [family.name for family in families if not family.documentation or family.type == "unknown"]


async def test_switched_off(demo_database: str) -> None:
    async with serving(demo_database, metrics=False) as client:
        assert (await client.get("/metrics")).status_code == 404
        assert (await ask(client, LIST))["extensions"]["debug"]["driver"] == "compiled"
        assert (await client.put("/graphql")).status_code == 405
