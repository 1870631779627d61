"""A time-out ends an operation on the server too, and leaves nothing behind: no statement, no connection."""

import asyncio
import time
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest
from starlette.routing import Route

from auth.budgets import BUDGETS, Budget
from execution.operations import Runner
from models.roles import Role
from tests.databases import new_database
from tests.limits.conftest import Open, Service
from transport.graphql_http import GraphQLEndpoint

SECONDS = 0.5
# Generous: it only ends a test that has failed already.
PATIENCE_SECONDS = 10.0

# Reading a product takes a minute here; products are read like everything else, through their loader.
_SLOW = """
alter table products rename to quick_products;
create view products as select * from quick_products where pg_sleep(60)::text is not null;
grant select on products to c360_staff, c360_staff_unrestricted, c360_partner;
"""
PRODUCTS = "{ products(first: 5) { nodes { code } } }"
INTERPRETED = "{ __schema { description } products(first: 5) { nodes { code } } }"
BELOW = "{ contracts(first: 5) { nodes { number product { code } } } }"


@pytest.fixture(scope="module")
def limits_database(postgres: str, demo_template: str) -> Iterator[str]:
    """The URL of a demo world whose products are slow."""
    with new_database(postgres, demo_template) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_SLOW)
        yield url


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent's operations may take SECONDS."""
    monkeypatch.setitem(BUDGETS, Role.AGENT, Budget(1_000_000, 5_000, SECONDS))


def _sleeping(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and state = 'active' and pid <> pg_backend_pid() and wait_event = 'PgSleep'"
        ).fetchone()
    assert row
    return int(row[0])


async def _until(holds: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, otherwise
        await asyncio.sleep(0.02)


async def _until_none_sleeps(url: str) -> None:
    await _until(lambda: _sleeping(url) == 0, "the server still works for an operation that has ended")


async def _until_one_sleeps(url: str, asking: asyncio.Task[httpx.Response]) -> None:
    await _until(lambda: asking.done() or _sleeping(url) == 1, "the server was not asked")
    assert not asking.done(), "it ended before it had begun"


async def _ask(client: httpx.AsyncClient, query: str) -> httpx.Response:
    return await client.post("/graphql", json={"query": query})


@pytest.mark.parametrize("query", [PRODUCTS, INTERPRETED, BELOW])
async def test_the_statement_is_cancelled_on_the_server(service: Service, limits_database: str, query: str) -> None:
    client = await service.signed_in(Role.AGENT)
    asking = asyncio.create_task(_ask(client, query))
    await _until_one_sleeps(limits_database, asking)
    started = time.monotonic()
    response = await asking
    assert time.monotonic() - started < 5
    assert response.status_code == 200
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "TIMEOUT"}
    assert "took too long" in error["message"]
    assert response.json()["data"] is None
    await _until_none_sleeps(limits_database)


@pytest.mark.parametrize("query", [PRODUCTS, INTERPRETED, BELOW])
async def test_the_pool_is_whole_afterwards(open_service: Open, limits_database: str, query: str) -> None:
    async with open_service(pool_size=2) as service:
        client = await service.signed_in(Role.AGENT)
        for _ in range(3):
            responses = await asyncio.gather(*(_ask(client, query) for _ in range(3)))
            codes = [response.json()["errors"][0]["extensions"]["code"] for response in responses]
            assert codes == ["TIMEOUT"] * 3
        await _until_none_sleeps(limits_database)
        for _ in range(5):
            body = (await _ask(client, "{ customers(first: 1) { nodes { number } } }")).json()
            assert len(body["data"]["customers"]["nodes"]) == 1

        def is_whole() -> bool:
            stats = service.app.state.pool.get_stats()
            return bool(stats["pool_available"] == stats["pool_size"] <= 2)

        await _until(is_whole, "connections are missing from the pool")


def _waiting(url: str) -> int:
    """How many sign-ins wait for a lock."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            " and query like '%password_hash%' and pid <> pg_backend_pid()"
        ).fetchone()
    assert row
    return int(row[0])


async def test_a_mutation_ends_too_and_waits_for_no_lock(service: Service, limits_database: str) -> None:
    client = await service.signed_in(Role.AGENT)
    mutation = 'mutation { login(login: "agent@limits", password: "wrong") { userErrors { code } } }'
    with psycopg.connect(limits_database) as holder:
        holder.execute("lock table users in access exclusive mode")
        asking = asyncio.create_task(_ask(client, mutation))
        await _until(lambda: asking.done() or _waiting(limits_database) == 1, "the sign-in was not tried")
        assert not asking.done(), "it ended before it had begun"
        (error,) = (await asking).json()["errors"]
        assert error["extensions"]["code"] == "TIMEOUT"
        assert "whether it was done" in error["message"]
        assert _waiting(limits_database) == 0


async def test_quick_operations_are_not_touched(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine is not a slow operation.
    monkeypatch.setitem(BUDGETS, Role.AGENT, Budget(1_000_000, 5_000, PATIENCE_SECONDS))
    client = await service.signed_in(Role.AGENT)
    body = (await _ask(client, "{ customers(first: 100) { nodes { number claims { nodes { number } } } } }")).json()
    assert len(body["data"]["customers"]["nodes"]) == 100


async def test_both_drivers_by_themselves(service: Service, limits_database: str) -> None:
    """The same with a runner that never compiles."""
    (endpoint,) = (route.app for route in service.app.routes if isinstance(route, Route) and route.path == "/graphql")
    assert isinstance(endpoint, GraphQLEndpoint)
    endpoint.operations.runner = Runner(endpoint.operations.runner.schema, compiling=False)
    client = await service.signed_in(Role.AGENT)
    body = (await _ask(client, BELOW)).json()
    assert body["errors"][0]["extensions"]["code"] == "TIMEOUT"
    await _until_none_sleeps(limits_database)
