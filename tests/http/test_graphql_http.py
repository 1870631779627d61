"""GraphQL over HTTP: what is asked properly is answered, what is not gets a clear 4xx in JSON."""

import json
from typing import Any

import httpx
import pytest

GRAPHQL = "application/graphql-response+json"
OK = {"query": "{ __typename }"}


def _code(response: httpx.Response) -> str:
    body = response.json()
    assert set(body) <= {"errors", "data"}
    code = body["errors"][0]["extensions"]["code"]
    assert isinstance(code, str)
    return code


async def test_post(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json=OK)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_get(client: httpx.AsyncClient) -> None:
    query = "query Q($n: Int) { customers(first: $n) { nodes { number } } }"
    parameters = {"query": query, "variables": '{"n": 2}', "operationName": "Q"}
    response = await client.get("/graphql", params=parameters)
    assert len(response.json()["data"]["customers"]["nodes"]) == 2


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (GRAPHQL, GRAPHQL),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        (f"application/json;q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0, */*", "application/json"),
        ("text/plain, application/json;q=0.1", "application/json"),
    ],
)
async def test_media_type_is_negotiated(client: httpx.AsyncClient, accept: str, media: str) -> None:
    response = await client.post("/graphql", json=OK, headers={"accept": accept})
    assert response.headers["content-type"] == f"{media}; charset=utf-8"


async def test_not_acceptable(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json=OK, headers={"accept": "image/png"})
    assert (response.status_code, _code(response)) == (406, "NOT_ACCEPTABLE")


_BODIES: list[tuple[bytes, int, str]] = [
    (b"", 400, "BAD_REQUEST"),
    (b"{", 400, "BAD_REQUEST"),
    (b"[]", 400, "BAD_REQUEST"),
    (b"null", 400, "BAD_REQUEST"),
    (b"1", 400, "BAD_REQUEST"),
    (b'"query"', 400, "BAD_REQUEST"),
    (b"{}", 400, "BAD_REQUEST"),
    (b'{"query": null}', 400, "BAD_REQUEST"),
    (b'{"query": 7}', 400, "BAD_REQUEST"),
    (b'{"query": "{ __typename }", "variables": []}', 400, "BAD_REQUEST"),
    (b'{"query": "{ __typename }", "variables": "x"}', 400, "BAD_REQUEST"),
    (b'{"query": "{ __typename }", "operationName": {}}', 400, "BAD_REQUEST"),
    (b'{"query": "{ __typename }", "extensions": 3}', 400, "BAD_REQUEST"),
    (b'{"query": "\xff\xfe"}', 400, "BAD_REQUEST"),
    (b'{"query": "\\ud800"}', 400, "BAD_REQUEST"),
    (b"\xff\xfe\x00", 400, "BAD_REQUEST"),
    (b"[" * 40_000, 400, "BAD_REQUEST"),
    (b'{"query": ' + b'{"a":' * 8_000, 400, "BAD_REQUEST"),
    (b'{"query": "' + b"x" * 60_000 + b'"}', 413, "BODY_TOO_LARGE"),
    (json.dumps({"query": "{" * 4_000}).encode(), 400, "GRAPHQL_PARSE_FAILED"),
    (json.dumps({"query": "{a" * 3_000 + "}" * 3_000}).encode(), 400, "GRAPHQL_PARSE_FAILED"),
    (json.dumps({"query": "{ a " * 9_000}).encode(), 400, "GRAPHQL_PARSE_FAILED"),
    (json.dumps({"query": "{ customers(where: " + "[" * 3_000 + "]" * 3_000 + ") { totalCount } }"}).encode(), 400, ""),
    (json.dumps({"query": ""}).encode(), 400, "GRAPHQL_PARSE_FAILED"),
    (json.dumps({"query": "{ nonsense }"}).encode(), 400, "GRAPHQL_VALIDATION_FAILED"),
    (json.dumps({"query": "{ a: __typename } query B { __typename }"}).encode(), 400, "GRAPHQL_VALIDATION_FAILED"),
    (
        json.dumps({"query": "query A {a: __typename} query B {__typename}"}).encode(),
        400,
        "OPERATION_RESOLUTION_FAILURE",
    ),
    (json.dumps({**OK, "operationName": "Nobody"}).encode(), 400, "OPERATION_RESOLUTION_FAILURE"),
    (
        json.dumps({"query": "query ($n: Int!) { customers(first: $n) { totalCount } }"}).encode(),
        400,
        "BAD_USER_INPUT",
    ),
]


@pytest.mark.parametrize(("body", "status", "code"), _BODIES, ids=range(len(_BODIES)))
async def test_malformed_requests(client: httpx.AsyncClient, body: bytes, status: int, code: str) -> None:
    headers = {"content-type": "application/json", "accept": GRAPHQL}
    response = await client.post("/graphql", content=body, headers=headers)
    assert response.status_code == status, response.text
    assert _code(response) == code or not code
    assert "data" not in response.json()


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_only_json_bodies(client: httpx.AsyncClient, content_type: str) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = await client.post("/graphql", content=json.dumps(OK), headers=headers)
    assert (response.status_code, _code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_other_charset(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json; charset=latin-1"}
    response = await client.post("/graphql", content=json.dumps(OK), headers=headers)
    assert response.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("variables", ["{", "[]", '"x"'])
async def test_malformed_query_string(client: httpx.AsyncClient, variables: str) -> None:
    response = await client.get("/graphql", params={"query": "{ __typename }", "variables": variables})
    assert (response.status_code, _code(response)) == (400, "BAD_REQUEST")


async def test_browsers_get_the_page(client: httpx.AsyncClient) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    response = await client.get("/graphql", headers={"accept": accept})
    assert response.headers["content-type"].startswith("text/html")


async def test_a_wrong_argument_names_itself_and_spares_the_rest(client: httpx.AsyncClient) -> None:
    query = '{ bad: customer(id: "con_x") { id } good: customers(first: 1) { nodes { number } } }'
    body: dict[str, Any] = (await client.post("/graphql", json={"query": query})).json()
    assert body["data"]["bad"] is None
    assert len(body["data"]["good"]["nodes"]) == 1
    (error,) = body["errors"]
    assert error["path"] == ["bad"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "expected a customer id (cus_…), got con_…" in error["message"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ customers(first: 1) { nodes { number } } }", {"driver": "compiled", "statements": 1, "roundTrips": 1}),
        (
            "{ __schema { queryType { name } } }",
            {"driver": "interpreted", "reason": "__schema", "statements": 0, "roundTrips": 0},
        ),
    ],
)
async def test_a_request_can_ask_how_its_answer_was_made(
    client: httpx.AsyncClient, query: str, expected: dict[str, Any]
) -> None:
    body = (await client.post("/graphql", json={"query": query, "extensions": {"debug": True}})).json()
    assert body["extensions"] == {"debug": expected}
    assert "extensions" not in (await client.post("/graphql", json={"query": query})).json()


async def test_health(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health")).json() == {"status": "ok"}
