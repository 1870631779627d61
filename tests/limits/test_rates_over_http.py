"""Points are spent by what operations cost, by each actor for itself; whoever has none left is told when to return."""

from typing import Any

import httpx
import pytest

from auth import budgets
from auth.budgets import BUDGETS, Budget
from models.roles import Role
from tests.limits.conftest import Open, Service

TEN_ROWS = {"query": "{ customers(first: 36) { nodes { number } } }"}  # 1 statement and 36 rows: 10 points


async def _ask(client: httpx.AsyncClient, request: dict[str, Any] = TEN_ROWS) -> httpx.Response:
    return await client.post("/graphql", json=request)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent may spend 25 points a minute, and nobody in particular 5."""
    monkeypatch.setitem(BUDGETS, Role.AGENT, Budget(25, 20, 5.0))
    monkeypatch.setattr(budgets, "ANONYMOUS", Budget(5, 5, 5.0))


async def test_points_are_spent_and_then_refused(service: Service) -> None:
    client = await service.signed_in(Role.AGENT)
    for remaining in ("15", "5"):
        response = await _ask(client)
        assert (response.status_code, response.headers["ratelimit-remaining"]) == (200, remaining)
        assert response.headers["ratelimit-limit"] == "25"
        assert 0 < int(response.headers["ratelimit-reset"]) <= 120
        assert "retry-after" not in response.headers
    response = await _ask(client)
    assert response.status_code == 429
    assert 0 < int(response.headers["retry-after"]) <= 120
    assert response.headers["ratelimit-remaining"] == "5"
    body = response.json()
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": int(response.headers["retry-after"])}
    assert "data" not in body
    # Nothing was spent by the refusal, and what is small enough still goes through.
    assert (await _ask(client, {"query": "{ __typename }"})).headers["ratelimit-remaining"] == "4"


async def test_nothing_is_read_for_who_is_refused(service: Service) -> None:
    client = await service.signed_in(Role.AGENT)
    for _ in range(2):
        await _ask(client)
    before = service.app.state.pool.get_stats().get("requests_num", 0)
    assert (await _ask(client)).status_code == 429
    assert service.app.state.pool.get_stats().get("requests_num", 0) == before


async def test_one_does_not_spend_for_another(service: Service) -> None:
    agent, manager = await service.signed_in(Role.AGENT), await service.signed_in(Role.MANAGER)
    for _ in range(3):
        await _ask(agent)
    assert (await _ask(agent)).status_code == 429
    assert (await _ask(manager)).status_code == 200


async def test_two_sessions_of_a_user_share(service: Service) -> None:
    first, second = await service.signed_in(Role.AGENT), await service.signed_in(Role.AGENT)
    assert (await _ask(first)).headers["ratelimit-remaining"] == "15"
    assert (await _ask(second)).headers["ratelimit-remaining"] == "5"


async def test_anonymous_requests_are_counted_by_address(service: Service) -> None:
    codes = []
    for _ in range(6):
        codes.append((await _ask(service.anonymous, {"query": "{ __typename }"})).status_code)
    assert codes == [200] * 5 + [429]
    elsewhere = httpx.ASGITransport(app=service.app, client=("192.0.2.7", 1234))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://service") as client:
        assert (await _ask(client, {"query": "{ __typename }"})).status_code == 200


@pytest.mark.parametrize(
    "request_", [{"query": "{"}, {"query": "{ nonsense }"}, {"query": "query ($a: Int!) { __typename }"}]
)
async def test_what_is_refused_costs_a_point_each(service: Service, request_: dict[str, Any]) -> None:
    statuses = [(await _ask(service.anonymous, request_)).status_code for _ in range(6)]
    assert statuses[-1] == 429
    assert 429 not in statuses[:5]


async def test_sign_ins_cost_what_a_hash_costs(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "ANONYMOUS", Budget(300, 50, 5.0))
    login = 'login(login: "nobody@limits", password: "x") { userErrors { code } }'
    one = await _ask(service.anonymous, {"query": f"mutation {{ {login} }}"})
    assert one.json()["data"]["login"]["userErrors"][0]["code"] == "SIGN_IN_FAILED"
    many = " ".join(f"a{n}: {login}" for n in range(10))
    body = (await _ask(service.anonymous, {"query": f"mutation {{ {many} }}"})).json()
    assert body["errors"][0]["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"


async def test_no_limit_by_setting(open_service: Open) -> None:
    async with open_service(rate_limit_factor=0) as service:
        client = await service.signed_in(Role.AGENT)
        responses = [await _ask(client) for _ in range(5)]
        assert {response.status_code for response in responses} == {200}
        assert "ratelimit-limit" not in responses[0].headers


async def test_twice_as_much_by_setting(open_service: Open) -> None:
    async with open_service(rate_limit_factor=2) as service:
        response = await _ask(await service.signed_in(Role.AGENT))
        assert (response.headers["ratelimit-limit"], response.headers["ratelimit-remaining"]) == ("50", "40")
