"""What surrounds signing in: dead tokens, doubled headers, addresses, administrators' networks, partners who leave."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from app import create_app
from auth import api_keys, users
from auth.access import Access
from auth.actor import SYSTEM
from auth.passwords import Passwords
from core.database import make_pool
from execution.services import Services
from models.roles import Role
from tests.http.forged_tokens import forged
from tests.signing_in import CHEAP, LOGIN, bearer, login_request, service_settings

PASSWORD = "nine purple otters waltz"
ME = {"query": "{ me { login } }"}
ELSEWHERE = "203.0.113.9"
# Workers look every two seconds.
SECONDS = 6.0

ClientAt = Callable[[str], httpx.AsyncClient]
OpenService = Callable[..., AbstractAsyncContextManager[ClientAt]]


@pytest.fixture
async def access(empty_database: str) -> AsyncIterator[Access]:
    """Administration beside the service: an agent, an administrator, and the user of a partner."""
    with psycopg.connect(empty_database) as connection:
        connection.execute(
            """
            insert into partners (id, created_at, updated_at, name, kind, status, country, since)
            values (gen_random_uuid(), now(), now(), 'Nord', 'BROKER', 'ACTIVE', 'DE', '2020-01-01')
            """
        )
    async with make_pool(empty_database, 2) as pool:
        access = Access(pool, passwords=Passwords(CHEAP))
        for login, role in (("anna", Role.AGENT), ("root", Role.ADMINISTRATOR)):
            await users.add(access, SYSTEM, login, [role], password=PASSWORD)
        await users.add(access, SYSTEM, "paula", [Role.PARTNER], password=PASSWORD, partner_number="P-0000001")
        yield access


@pytest.fixture
def open_service(empty_database: str, access: Access, tmp_path: Path) -> OpenService:
    """Opens the application by settings; gives clients of it by their network address."""

    @asynccontextmanager
    async def open_service(**settings: Any) -> AsyncIterator[ClientAt]:
        app = create_app(service_settings(empty_database, tmp_path, **settings))
        async with app.router.lifespan_context(app):

            def at(address: str) -> httpx.AsyncClient:
                transport = httpx.ASGITransport(app=app, client=(address, 1234))
                client = httpx.AsyncClient(transport=transport, base_url="http://service")
                client.services = app.state.services  # type: ignore[attr-defined]
                return client

            yield at

    return open_service


async def _sign_in(client: httpx.AsyncClient, login: str, **headers: str) -> dict[str, Any]:
    response = await client.post("/graphql", json=login_request(login, PASSWORD), headers=headers)
    assert response.status_code == 200, response.text
    payload: dict[str, Any] = response.json()["data"]["login"]
    return payload


async def _token(client: httpx.AsyncClient, login: str) -> str:
    token: str = (await _sign_in(client, login))["session"]["accessToken"]
    return token


def _code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def _eventually(ask: Callable[[], Awaitable[bool]]) -> None:
    end = time.monotonic() + SECONDS
    while not await ask():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.1)


async def test_signing_in_works_with_a_dead_token_at_hand(open_service: OpenService) -> None:
    async with open_service() as at:
        client = at("127.0.0.1")
        good = await _token(client, "anna")
        services: Services = client.services  # type: ignore[attr-defined]
        dead = {what: token for what, token, _ in forged(good, services.authentication.keys.ring.signing)}
        for what in ("expired", "another key", "for another service"):
            headers = bearer(dead[what])
            assert (await client.post("/graphql", json=ME, headers=headers)).status_code == 401
            session = (await _sign_in(client, "anna", **headers))["session"]
            refresh = "mutation ($token: String!) { refreshSession(refreshToken: $token) { session { accessToken } } }"
            body = {"query": refresh, "variables": {"token": session["refreshToken"]}}
            renewed = (await client.post("/graphql", json=body, headers=headers)).json()
            assert renewed["data"]["refreshSession"]["session"]["accessToken"]


NOT_ONLY_SIGNING_IN = (
    "{ me { login } }",
    "{ __typename }",
    "query login { products { totalCount } }",
    "mutation { logout { ended } }",
    'mutation { login(login: "a", password: "b") { session { expiresAt } } logoutEverywhere { ended } }',
    'mutation { ...F } fragment F on Mutation { login(login: "a", password: "b") { session { expiresAt } } }',
    'mutation { ... { login(login: "a", password: "b") { session { expiresAt } } } }',
    'mutation A { login(login: "a", password: "b") { session { expiresAt } } } mutation B { logout { ended } }',
    "mutation { login",
)


async def test_a_dead_token_opens_nothing_else(open_service: OpenService) -> None:
    async with open_service() as at:
        client = at("127.0.0.1")
        headers = bearer((await _token(client, "anna"))[:-10])
        for query in NOT_ONLY_SIGNING_IN:
            response = await client.post("/graphql", json={"query": query}, headers=headers)
            assert (response.status_code, _code(response)) == (401, "UNAUTHENTICATED"), query


@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
async def test_two_headers_of_one_kind_are_refused(open_service: OpenService, access: Access, header: str) -> None:
    async with open_service() as at:
        client = at("127.0.0.1")
        value = f"Bearer {await _token(client, 'anna')}"
        if header == "x-api-key":
            value = (await api_keys.create(access, SYSTEM, "portal", "P-0000001")).text
        assert (await client.post("/graphql", json=ME, headers={header: value})).status_code == 200
        for second in (value, "Bearer x"):
            for pair in ([(header, value), (header, second)], [(header, second), (header, value)]):
                response = await client.post("/graphql", json=ME, headers=pair)
                assert (response.status_code, _code(response)) == (400, "BAD_REQUEST")


async def test_sign_ins_are_counted_by_address_whoever_tries(open_service: OpenService) -> None:
    async with open_service(sign_ins_per_minute=3) as at:
        home, elsewhere = at("198.51.100.7"), at(ELSEWHERE)
        token = await _token(elsewhere, "root")
        # Also by somebody who is signed in, who has a larger budget, and many in one operation.
        many = " ".join(f'a{n}: login(login: "u{n}", password: "x") {{ userErrors {{ code }} }}' for n in range(5))
        response = await home.post("/graphql", json={"query": f"mutation {{ {many} }}"}, headers=bearer(token))
        codes = [payload["userErrors"][0]["code"] for payload in response.json()["data"].values()]
        assert codes == ["SIGN_IN_FAILED"] * 3 + ["RATE_LIMITED"] * 2
        refused = await _sign_in(home, "anna")
        assert (refused["session"], refused["userErrors"][0]["code"]) == (None, "RATE_LIMITED")
        assert "try again in" in refused["userErrors"][0]["message"]
        assert (await _sign_in(elsewhere, "anna"))["session"]


async def test_one_network_of_ipv6_counts_as_one_address(open_service: OpenService) -> None:
    async with open_service(sign_ins_per_minute=2) as at:
        codes = [(await _sign_in(at(f"2001:db8:1:2::{n}"), "nobody"))["userErrors"][0]["code"] for n in range(3)]
        assert codes == ["SIGN_IN_FAILED", "SIGN_IN_FAILED", "RATE_LIMITED"]
        assert (await _sign_in(at("2001:db8:1:3::1"), "anna"))["session"]


async def test_administrators_come_from_their_networks_only(open_service: OpenService) -> None:
    async with open_service(admin_networks="10.1.0.0/16, 2001:db8::/32") as at:
        inside, outside = at("10.1.2.3"), at(ELSEWHERE)
        root, anna = await _token(inside, "root"), await _token(outside, "anna")
        for address in ("10.1.2.3", "10.1.255.255", "2001:db8::1", "::ffff:10.1.2.3"):
            assert (await at(address).post("/graphql", json=ME, headers=bearer(root))).status_code == 200
        for address in (ELSEWHERE, "10.2.0.1", "2001:db9::1", "::ffff:10.2.0.1", "testclient", ""):
            response = await at(address).post("/graphql", json=ME, headers=bearer(root))
            assert (response.status_code, _code(response)) == (403, "FORBIDDEN")
            assert (await at(address).post("/graphql", json=ME, headers=bearer(anna))).status_code == 200
        # A header is nothing but a header here; uvicorn alone decides whom it believes.
        spoofed = {**bearer(root), "x-forwarded-for": "10.1.2.3", "forwarded": "for=10.1.2.3", "x-real-ip": "10.1.2.3"}
        assert (await outside.post("/graphql", json=ME, headers=spoofed)).status_code == 403
        # Nor can a password be tried from outside: the answer is that of a wrong one.
        assert (await _sign_in(outside, "root"))["userErrors"][0]["code"] == "SIGN_IN_FAILED"
        assert (await _sign_in(inside, "root"))["session"]


@pytest.mark.parametrize("status", ["ENDED", "SUSPENDED"])
async def test_nobody_acts_for_a_partner_who_is_not_active(
    open_service: OpenService, access: Access, empty_database: str, status: str
) -> None:
    async with open_service() as at:
        client = at("127.0.0.1")
        key = (await api_keys.create(access, SYSTEM, "portal", "P-0000001")).text
        credentials = (bearer(await _token(client, "paula")), {"x-api-key": key})

        async def statuses() -> set[int]:
            return {(await client.post("/graphql", json=ME, headers=headers)).status_code for headers in credentials}

        async def are_refused() -> bool:
            return await statuses() == {401}

        async def are_accepted() -> bool:
            return await statuses() == {200}

        assert await are_accepted()
        _set_status(empty_database, status)
        await _eventually(are_refused)
        assert (await _sign_in(client, "paula"))["userErrors"][0]["code"] == "SIGN_IN_FAILED"
        _set_status(empty_database, "ACTIVE")
        await _eventually(are_accepted)


def _set_status(url: str, status: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("update partners set status = %s", [status])


SECRET = "8417hunter2"


TYPED_WRONGLY: tuple[dict[str, Any], ...] = (
    {"query": LOGIN, "variables": {"login": "anna", "password": {"a": SECRET}}},
    {"query": LOGIN, "variables": {"login": "anna", "password": [SECRET]}},
    {"query": LOGIN, "variables": {"login": [[SECRET]], "password": 8417}},
    {"query": "mutation ($t: Int!) { refreshSession(refreshToken: $t) { session { expiresAt } } }"},
    {"query": "query ($f: CustomerWhere) { customers(where: $f) { totalCount } }", "variables": {"f": SECRET}},
    {
        "query": "query ($f: CustomerWhere) { customers(where: $f) { totalCount } }",
        "variables": {"f": {"status": {"eq": SECRET}}},
    },
    {
        "query": "query ($f: CustomerWhere) { customers(where: $f) { totalCount } }",
        "variables": {"f": {"number": {"in": [{"x": SECRET}]}}},
    },
    {
        "query": "query ($f: CustomerWhere) { customers(where: $f) { totalCount } }",
        "variables": {"f": {"createdAt": {"gt": SECRET}, "nope": SECRET}},
    },
    {"query": "query ($n: Int!) { customers(first: $n) { totalCount } }", "variables": {"n": SECRET}},
    {"query": "query ($n: Boolean!) { me @skip(if: $n) { login } }", "variables": {"n": SECRET}},
    {"query": "query ($n: ID!) { node(id: $n) { id } }", "variables": {"n": [SECRET]}},
    {"query": "query ($n: String!) { customer(number: $n) { id } }", "variables": {"n": [SECRET]}},
    {"query": f'mutation {{ login(login: "anna", password: ["{SECRET}"]) {{ session {{ expiresAt }} }} }}'},
    {"query": f'mutation {{ login(login: "anna", password: {{a: "{SECRET}"}}) {{ session {{ expiresAt }} }} }}'},
    {"query": f'mutation {{ login(login: "anna", password: E{SECRET}) {{ session {{ expiresAt }} }} }}'},
    {"query": 'mutation { login(login: "anna", password: 8417) { session { expiresAt } } }'},
    {"query": "mutation { refreshSession(refreshToken: 8417) { session { expiresAt } } }"},
)


async def test_what_was_typed_wrongly_is_not_repeated(open_service: OpenService) -> None:
    async with open_service() as at:
        client = at("127.0.0.1")
        headers = bearer(await _token(client, "root"))
        for body in TYPED_WRONGLY:
            response = await client.post("/graphql", json=body, headers=headers)
            assert _code(response) in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"), response.text
            assert "8417" not in response.text


async def test_the_place_of_a_wrong_value_is_named(open_service: OpenService) -> None:
    query = "query ($f: CustomerWhere, $n: Int!) { customers(where: $f, first: $n) { totalCount } }"
    values = {"f": {"status": {"eq": "X"}, "createdAt": {"gt": "yesterday"}, "nope": 1}, "n": None}
    async with open_service() as at:
        client = at("127.0.0.1")
        headers = bearer(await _token(client, "anna"))
        response = await client.post("/graphql", json={"query": query, "variables": values}, headers=headers)
    assert [error["message"] for error in response.json()["errors"]] == [
        "Variable '$f' has no acceptable value at .status.eq: expected CustomerStatus",
        "Variable '$f' has no acceptable value at .createdAt.gt: "
        "a DateTime is written as in RFC 3339, such as 2026-11-01T09:30:00Z",
        "Variable '$f' has no acceptable value: CustomerWhere has no nope",
        "Variable '$n' has no acceptable value: expected Int!, got null",
    ]
