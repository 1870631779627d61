"""The schema is shown to staff only: no introspection and no suggested names for anybody else."""

from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from models.roles import Role
from tests.limits.conftest import Service


async def _ask(client: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    body: dict[str, Any] = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
    return body


async def _client(service: Service, who: Role | None) -> httpx.AsyncClient:
    return service.anonymous if who is None else await service.signed_in(who)


INTROSPECTIONS = (
    get_introspection_query(),
    '{ __type(name: "Customer") { fields { name } } }',
    "{ innocent: __schema { queryType { name } } }",
    "query A { ...F } fragment F on Query { ... on Query { __schema { types { name } } } }",
    "query ($yes: Boolean = true) { __schema @include(if: $yes) { types { name } } }",
)


@pytest.mark.parametrize("query", INTROSPECTIONS)
@pytest.mark.parametrize(("who", "code"), [(None, "UNAUTHENTICATED"), (Role.PARTNER, "FORBIDDEN")])
async def test_refused(service: Service, query: str, who: Role | None, code: str) -> None:
    body = await _ask(await _client(service, who), query)
    (error,) = body["errors"]
    assert error["extensions"]["code"] == code
    assert "data" not in body


async def test_a_document_known_from_staff_is_refused_too(service: Service) -> None:
    query = "{ __schema { queryType { name } } }"
    staff, partner = await service.signed_in(Role.AGENT), await service.signed_in(Role.PARTNER)
    for _ in range(2):
        assert (await _ask(staff, query))["data"]["__schema"]["queryType"]["name"] == "Query"
        assert (await _ask(partner, query))["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("who", [None, Role.PARTNER])
async def test_typename_stays(service: Service, who: Role | None) -> None:
    assert (await _ask(await _client(service, who), "{ __typename }"))["data"] == {"__typename": "Query"}


MISSPELT = (
    "{ customer(numbr: 1) { id } }",
    "{ custmer { id } }",
    "{ customers { nodes { numbr } } }",
    "{ customers(orderBy: {field: NUMBER, direction: DES}) { totalCount } }",
    "{ customers(where: {statu: {eq: ACTIVE}}) { totalCount } }",
    "query ($order: CustomerOrdr) { customers(orderBy: $order) { totalCount } }",
)


@pytest.mark.parametrize("query", MISSPELT)
async def test_suggestions(service: Service, query: str) -> None:
    staff = await _ask(await service.signed_in(Role.AGENT), query)
    assert "Did you mean" in staff["errors"][0]["message"]
    for who in (None, Role.PARTNER):
        body = await _ask(await _client(service, who), query)
        assert body["errors"]
        assert "Did you mean" not in str(body)


async def test_suggestions_about_variables(service: Service) -> None:
    query = "query ($where: CustomerFilter) { customers(where: $where) { totalCount } }"
    variables = {"where": {"statu": {"eq": "ACTIVE"}}}
    staff = await _ask(await service.signed_in(Role.AGENT), query, **variables)
    assert "Did you mean" in str(staff["errors"])
    partner = await _ask(await service.signed_in(Role.PARTNER), query, **variables)
    assert partner["errors"]
    assert "Did you mean" not in str(partner)
