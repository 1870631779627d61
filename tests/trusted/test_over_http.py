"""Trusted documents over HTTP: found by every name that clients send, and nothing else for those who may not."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest

from models.roles import Role
from tests.limits.conftest import Open, Service
from tests.trusted.conftest import CUSTOMERS, PRODUCTS, Publisher, sha256

# Workers look every two seconds.
SECONDS = 6.0
LOGIN = 'mutation { login(login: "nobody", password: "wrong") { userErrors { code } } }'


def apollo(digest: str) -> dict[str, Any]:
    """The extensions that Apollo's clients send."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}


async def _post(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    response = await client.post("/graphql", json=body)
    answer: dict[str, Any] = response.json()
    return answer


def _code(answer: dict[str, Any]) -> str:
    assert answer.get("data") is None, answer
    (error,) = answer["errors"]
    return str(error["extensions"]["code"])


async def _eventually(ask: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SECONDS):
        while not await ask():
            await asyncio.sleep(0.1)


async def test_a_document_is_found_by_every_name_clients_send(open_service: Open, publisher: Publisher) -> None:
    await asyncio.to_thread(publisher.publish, CUSTOMERS)
    digest = sha256(CUSTOMERS)
    async with open_service() as service:
        agent = await service.signed_in(Role.AGENT)
        expected = await _post(agent, query=CUSTOMERS, variables={"n": 3})
        assert len(expected["data"]["customers"]["nodes"]) == 3
        for names in ({"documentId": digest}, {"documentId": f"sha256:{digest}"}, {"doc_id": digest}, apollo(digest)):
            assert await _post(agent, variables={"n": 3}, **names) == expected
            parameters = {key: json.dumps(value) if key == "extensions" else value for key, value in names.items()}
            got = await agent.get("/graphql", params={"variables": '{"n": 3}', **parameters})
            assert got.json() == expected


async def test_the_manifests_of_apollo_and_relay_load_as_they_are(open_service: Open, publisher: Publisher) -> None:
    operations = [{"id": "customers/1", "name": "Names", "type": "query", "body": CUSTOMERS}]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    md5 = hashlib.md5(PRODUCTS.encode()).hexdigest()
    files = (
        publisher.file("manifest.json", json.dumps(manifest)),
        publisher.file("relay.json", json.dumps({md5: PRODUCTS})),
    )
    await asyncio.to_thread(publisher.good, "publish", *files)
    async with open_service() as service:
        agent = await service.signed_in(Role.AGENT)
        by_text = await _post(agent, query=PRODUCTS)
        assert by_text["data"]["products"]["nodes"]
        for name in (md5, sha256(PRODUCTS)):
            assert await _post(agent, doc_id=name) == by_text
        assert "errors" not in await _post(agent, **apollo("customers/1"))
        assert "errors" not in await _post(agent, **apollo(sha256(CUSTOMERS)))


async def test_an_unknown_hash_is_told_as_apollo_clients_expect(open_service: Open, publisher: Publisher) -> None:
    async with open_service() as service:
        agent = await service.signed_in(Role.AGENT)
        answer = await agent.post("/graphql", json=apollo("0" * 64))
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (200, "PersistedQueryNotFound")
        assert _code(answer.json()) == "PERSISTED_QUERY_NOT_FOUND"
        new = {"accept": "application/graphql-response+json"}
        assert (await agent.post("/graphql", json=apollo("0" * 64), headers=new)).status_code == 400


async def test_a_client_registers_nothing(open_service: Open, publisher: Publisher) -> None:
    async with open_service() as service:
        agent = await service.signed_in(Role.AGENT)
        assert "errors" not in await _post(agent, query=PRODUCTS, **apollo(sha256(PRODUCTS)))
        assert _code(await _post(agent, **apollo(sha256(PRODUCTS)))) == "PERSISTED_QUERY_NOT_FOUND"
    with psycopg.connect(publisher.url) as connection:
        assert connection.execute("select count(*) from trusted_documents").fetchone() == (0,)


async def test_partners_run_nothing_else_when_the_setting_is_on(open_service: Open, publisher: Publisher) -> None:
    await asyncio.to_thread(publisher.publish, CUSTOMERS)
    async with open_service(trusted_documents="partners") as service:
        partner, agent = await service.signed_in(Role.PARTNER), await service.signed_in(Role.AGENT)
        for text in (PRODUCTS, CUSTOMERS, "{ __typename }", "{ __schema { types { name } } }", "{ nonsense"):
            assert _code(await _post(partner, query=text)) == "PERSISTED_QUERY_ID_REQUIRED"
            query = {"query": text}
            assert _code((await partner.get("/graphql", params=query)).json()) == "PERSISTED_QUERY_ID_REQUIRED"
        assert _code(await _post(partner, query=PRODUCTS, **apollo(sha256(PRODUCTS)))) == "PERSISTED_QUERY_NOT_FOUND"
        # A text beside an id that is known is not even looked at.
        answer = await _post(partner, query=PRODUCTS, **apollo(sha256(CUSTOMERS)))
        everybody = await _post(agent, query=CUSTOMERS)
        assert 0 < answer["data"]["customers"]["totalCount"] < everybody["data"]["customers"]["totalCount"]
        assert (await _post(service.anonymous, query=LOGIN))["data"]["login"]["userErrors"]


async def test_everybody_runs_nothing_else_when_the_setting_says_so(open_service: Open, publisher: Publisher) -> None:
    await asyncio.to_thread(publisher.publish, PRODUCTS, LOGIN)
    async with open_service(trusted_documents="all") as service:
        agent = await service.signed_in(Role.AGENT)
        assert _code(await _post(agent, query=PRODUCTS)) == "PERSISTED_QUERY_ID_REQUIRED"
        assert "errors" not in await _post(agent, documentId=sha256(PRODUCTS))
        assert _code(await _post(service.anonymous, query=LOGIN)) == "PERSISTED_QUERY_ID_REQUIRED"
        assert (await _post(service.anonymous, documentId=sha256(LOGIN)))["data"]["login"]["userErrors"]


async def test_publishing_and_retiring_hold_within_seconds(open_service: Open, publisher: Publisher) -> None:
    async with open_service(trusted_documents="partners") as service:
        partner = await service.signed_in(Role.PARTNER)

        async def is_there() -> bool:
            return "data" in await _post(partner, documentId=sha256(PRODUCTS))

        async def is_gone() -> bool:
            return not await is_there()

        assert not await is_there()
        await asyncio.to_thread(publisher.publish, PRODUCTS)
        await _eventually(is_there)
        await asyncio.to_thread(publisher.good, "retire", sha256(PRODUCTS)[:8])
        await _eventually(is_gone)
        await asyncio.to_thread(publisher.publish, PRODUCTS)
        await _eventually(is_there)


async def test_a_document_that_costs_more_than_when_it_was_published_is_refused(
    open_service: Open, publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.to_thread(publisher.publish, CUSTOMERS)
    with psycopg.connect(publisher.url) as connection:
        # As if its fields had been cheaper then.
        connection.execute("update trusted_documents set row_bound = 50, points = 15")
    async with open_service() as service:
        agent = await service.signed_in(Role.AGENT)
        assert "errors" not in await _post(agent, documentId=sha256(CUSTOMERS), variables={"n": 10})
        for _ in range(2):
            answer = await _post(agent, documentId=sha256(CUSTOMERS), variables={"n": 100})
            assert _code(answer) == "PERSISTED_QUERY_OVER_BUDGET"
            assert answer["errors"][0]["extensions"]["budget"] == 15
    lines = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [sha256(CUSTOMERS) in record.getMessage() for record in lines] == [True]


async def test_a_published_document_opens_nothing_that_is_closed(open_service: Open, publisher: Publisher) -> None:
    closed, changed = "{ interactions(first: 1) { nodes { id } } }", "{ products { totalCount } }"
    await asyncio.to_thread(publisher.publish, closed, changed)
    with psycopg.connect(publisher.url) as connection:
        connection.execute("update trusted_documents set body = %s where body = %s", [PRODUCTS, changed])
    async with open_service(trusted_documents="partners") as service:
        partner = await service.signed_in(Role.PARTNER)
        answer = await _post(partner, documentId=sha256(closed))
        assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == ({"interactions": None}, "FORBIDDEN")
        # A text that was changed in the database is not the document any more.
        assert _code(await _post(partner, documentId=sha256(changed))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_introspection_and_suggestions_stay_off(open_service: Open, publisher: Publisher) -> None:
    introspection, broken = "{ __schema { types { name } } }", "{ custmers { nodes { id } } }"
    await asyncio.to_thread(publisher.publish, introspection)
    with psycopg.connect(publisher.url) as connection:
        connection.execute(
            """
            insert into trusted_documents select %s, '{}', %s, name, kind, statements, row_bound, points, published_at,
                   null, revision + 1 from trusted_documents
            """,
            [sha256(broken), broken],
        )
    async with open_service(trusted_documents="partners") as service:
        partner = await service.signed_in(Role.PARTNER)
        assert _code(await _post(partner, documentId=sha256(introspection))) == "FORBIDDEN"
        answer = await _post(partner, documentId=sha256(broken))
        assert _code(answer) == "GRAPHQL_VALIDATION_FAILED"
        assert "customers" not in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"documentId": 5},
        {"documentId": ""},
        {"doc_id": "x" * 201},
        {"extensions": {"persistedQuery": "abc"}},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "0" * 64}}},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"documentId": "a", **apollo("b")},
    ],
)
async def test_what_names_no_document_is_refused(service: Service, body: dict[str, Any]) -> None:
    response = await service.anonymous.post("/graphql", json=body)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_guessing_hashes_spends_the_budget(open_service: Open, publisher: Publisher) -> None:
    async with open_service(rate_limit_factor=0.01) as service:
        codes = {_code(await _post(service.anonymous, documentId=f"{n:064}")) for n in range(5)}
    assert codes == {"PERSISTED_QUERY_NOT_FOUND", "RATE_LIMITED"}
