"""GraphQL over server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from models.roles import Role
from tests.events.following import PATIENCE, an_event, commit
from tests.live.clients import FOLLOW, Event, Live, events_of
from tests.live.conftest import OpenLive
from transport import graphql_sse

EVENTS = {"accept": "text/event-stream"}
NAMES = "query Names($n: Int!) { customers(first: $n) { nodes { number } } }"


@asynccontextmanager
async def stream(
    client: httpx.AsyncClient, query: str, /, headers: dict[str, str] | None = None, **variables: Any
) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of an answer that has begun."""
    body = {"query": query, "variables": variables}
    async with client.stream("POST", "/graphql", json=body, headers={**EVENTS, **(headers or {})}) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        yield events_of(response)


async def one(events: AsyncIterator[Event]) -> Any:
    """What the next item shows of its event, and its id."""
    event = await asyncio.wait_for(anext(events), PATIENCE)
    assert event.kind == "next", event.fields
    update = event.payload["data"]["customerEvents"]
    assert event.fields["id"] == update["cursor"]
    return update["event"]["summary"], event.fields["id"]


async def test_a_subscription_is_a_stream_of_events(live: Live) -> None:
    async with live.http() as client:
        async with stream(client, FOLLOW) as events:
            await live.until_running(1)
            await commit(live.services.pool, *(an_event(f"{n}") for n in range(3)))
            seen = [await one(events) for _ in range(3)]
            assert [text for text, _ in seen] == ["0", "1", "2"]
        await live.until_running(0)


@pytest.mark.parametrize("how", ["header", "argument"])
async def test_it_goes_on_after_the_last_event(live: Live, how: str) -> None:
    async with live.http() as client:
        async with stream(client, FOLLOW) as events:
            await live.until_running(1)
            await commit(live.services.pool, an_event("first"))
            _, last = await one(events)
        await commit(live.services.pool, an_event("missed"))
        headers, variables = ({"last-event-id": last}, {}) if how == "header" else ({}, {"after": last})
        async with stream(client, FOLLOW, headers, **variables) as events:
            await commit(live.services.pool, an_event("new"))
            assert [(await one(events))[0] for _ in range(2)] == ["missed", "new"]


async def test_the_last_event_goes_before_the_argument(live: Live) -> None:
    """A client that comes back sends the same request again, and beside it how far it has come."""
    async with live.http() as client, stream(client, FOLLOW) as events:
        await live.until_running(1)
        await commit(live.services.pool, an_event("a"), an_event("b"), an_event("c"))
        cursors = [(await one(events))[1] for _ in range(3)]
        async with stream(client, FOLLOW, {"last-event-id": cursors[1]}, after=cursors[0]) as again:
            assert (await one(again))[0] == "c"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_query_is_one_event_and_the_end(live: Live, method: str) -> None:
    async with live.http() as client:
        asked: dict[str, Any] = {
            "params" if method == "GET" else "json": {"query": "{ customers(first: 1) { nodes { number } } }"}
        }
        response = await client.request(method, "/graphql", headers=EVENTS, **asked)
        item, end = [event async for event in events_of(response)]
        assert len(item.payload["data"]["customers"]["nodes"]) == 1
        assert "id" not in item.fields
        assert end.fields == {"event": "complete", "data": ""}


async def test_get_begins_subscriptions_and_changes_nothing(live: Live) -> None:
    async with live.http() as client:
        async with client.stream("GET", "/graphql", params={"query": FOLLOW}, headers=EVENTS) as response:
            await live.until_running(1)
            await commit(live.services.pool, an_event("by GET"))
            assert (await one(events_of(response)))[0] == "by GET"
        login = 'mutation { login(login: "a", password: "b") { userErrors { code } } }'
        response = await client.get("/graphql", params={"query": login}, headers=EVENTS)
        item, end = [event async for event in events_of(response)]
        assert item.payload["errors"][0]["extensions"]["code"] == "OPERATION_NOT_ALLOWED"
        assert end.kind == "complete"


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", {}, "GRAPHQL_PARSE_FAILED"),
        (FOLLOW, {"after": "nonsense"}, "CURSOR_INVALID"),
        (FOLLOW, {"where": {"types": 7}}, "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_run_is_told_in_the_stream(
    live: Live, query: str, variables: dict[str, Any], code: str
) -> None:
    async with live.http() as client, stream(client, query, **variables) as events:
        item, end = [event async for event in events]
        assert item.payload["errors"][0]["extensions"]["code"] == code
        assert "data" not in item.payload
        assert end.kind == "complete"


async def test_who_prefers_json_gets_events_for_subscriptions_only(live: Live) -> None:
    accept = {"accept": "application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.8"}
    async with live.http() as client:
        async with stream(client, FOLLOW, accept) as events:
            await live.until_running(1)
            await commit(live.services.pool, an_event("as a stream"))
            assert (await one(events))[0] == "as a stream"
        query = {"query": NAMES, "variables": {"n": 1}}
        answer = await client.post("/graphql", json=query, headers=accept)
        assert answer.headers["content-type"].startswith("application/graphql-response+json")
        refused = await client.post("/graphql", json={"query": FOLLOW}, headers={"accept": "*/*"})
        assert refused.json()["errors"][0]["extensions"]["code"] == "OPERATION_NOT_ALLOWED"


async def test_a_credential_that_is_not_accepted_is_an_answer_of_its_own(live: Live) -> None:
    async with live.http(None, authorization="Bearer nonsense") as client:
        answer = await client.post("/graphql", json={"query": FOLLOW}, headers=EVENTS)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"]


async def test_an_actor_follows_so_much_at_once(open_live: OpenLive) -> None:
    async with open_live(subscriptions_per_actor=1) as live, live.http() as client:
        async with stream(client, FOLLOW):
            await live.until_running(1)
            answer = await client.post("/graphql", json={"query": FOLLOW}, headers=EVENTS)
            assert answer.status_code == 429
            assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
            async with live.http(Role.AGENT) as other, stream(other, FOLLOW):
                await live.until_running(2)
        await live.until_running(0)
        async with stream(client, FOLLOW):
            await live.until_running(1)


async def test_a_quiet_stream_is_kept_alive(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql_sse, "KEEP_ALIVE_SECONDS", 0.1)
    async with live.http() as client:
        body = {"query": FOLLOW}
        async with client.stream("POST", "/graphql", json=body, headers=EVENTS) as response:
            lines = response.aiter_lines()
            assert (await anext(lines)).startswith("retry: ")
            assert [await anext(lines) for _ in range(5)] == ["", ":", "", ":", ""]


async def test_a_service_that_stops_ends_streams_without_completing_them(live: Live) -> None:
    async with live.http() as client, stream(client, FOLLOW) as events:
        await live.until_running(1)
        live.services.events.end()
        assert [event async for event in events] == []
        answer = await client.post("/graphql", json={"query": FOLLOW}, headers=EVENTS)
        assert answer.status_code == 503
        assert answer.json()["errors"][0]["extensions"]["code"] == "SERVICE_RESTARTING"
