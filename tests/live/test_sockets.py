"""The protocol graphql-transport-ws, message by message and code by code."""

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from models.roles import Role
from tests.events.following import an_event, commit
from tests.live.clients import FOLLOW, PROTOCOL, Live
from tests.live.conftest import OpenLive

LOGIN = 'mutation { login(login: "nobody", password: "wrong") { userErrors { code } } }'
NAMES = "query Names($n: Int!) { customers(first: $n) { nodes { number } } }"


async def test_operations_of_all_kinds_over_one_socket(live: Live) -> None:
    async with live.socket() as socket:
        assert socket.connection.subprotocol == PROTOCOL
        await socket.begin(live.tokens[Role.MANAGER])
        await socket.subscribe(FOLLOW, "feed")
        await live.until_running(1)
        await socket.subscribe(NAMES, "names", n=2)
        assert len((await socket.item("names"))["customers"]["nodes"]) == 2
        assert await socket.hear() == {"type": "complete", "id": "names"}
        await socket.subscribe(LOGIN, "in")
        assert await socket.item("in") == {"login": {"userErrors": [{"code": "SIGN_IN_FAILED"}]}}
        assert await socket.hear() == {"type": "complete", "id": "in"}


async def test_items_come_in_order_with_their_cursors(live: Live) -> None:
    async with live.following() as socket:
        await commit(live.services.pool, *(an_event(f"{n}") for n in range(3)))
        items = [(await socket.item())["customerEvents"] for _ in range(3)]
        assert [item["event"]["summary"] for item in items] == ["0", "1", "2"]
    async with live.following(after=items[0]["cursor"]) as socket:
        assert (await socket.item())["customerEvents"] == items[1]


async def test_completing_ends_an_operation_and_frees_its_id(live: Live) -> None:
    async with live.following() as socket:
        await socket.say("complete", id="1")
        await live.until_running(0)
        await socket.say("complete", id="nobody knows")
        await socket.subscribe(FOLLOW)
        await live.until_running(1)
        await commit(live.services.pool, an_event("after that"))
        assert (await socket.item())["customerEvents"]["event"]["summary"] == "after that"
    await live.until_running(0)


async def test_ping_is_answered_before_and_after_the_beginning(live: Live) -> None:
    async with live.socket() as socket:
        await socket.say("ping")
        assert await socket.hear() == {"type": "pong"}
        await socket.begin()
        await socket.say("pong", payload={"nobody": "asked"})
        await socket.say("ping", payload={"a": 1})
        assert await socket.hear() == {"type": "pong", "payload": {"a": 1}}


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{ customers ", {}, "GRAPHQL_PARSE_FAILED"),
        (NAMES, {"n": "two"}, "BAD_USER_INPUT"),
        (FOLLOW, {"after": "nonsense"}, "CURSOR_INVALID"),
    ],
)
async def test_what_cannot_run_is_an_error_of_its_own(
    live: Live, query: str, variables: dict[str, Any], code: str
) -> None:
    async with live.socket() as socket:
        await socket.begin(live.tokens[Role.MANAGER])
        await socket.subscribe(query, "x", **variables)
        message = await socket.hear()
        assert (message["type"], message["id"]) == ("error", "x")
        assert message["payload"][0]["extensions"]["code"] == code
        # The socket goes on, and the id is free.
        await socket.subscribe(NAMES, "x", n=1)
        assert await socket.item("x")


async def test_a_field_that_is_refused_is_null_with_an_error(live: Live) -> None:
    async with live.socket() as socket:
        await socket.begin()
        await socket.subscribe(NAMES, n=1)
        message = await socket.hear()
        assert message["type"] == "next"
        assert message["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("offered", ["graphql-ws", "something-else"])
async def test_another_protocol_is_not_spoken(live: Live, offered: str) -> None:
    async with live.socket(offered) as socket:
        assert socket.connection.subprotocol is None
        assert await socket.closed() == (4406, "Subprotocol not acceptable")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no JSON", 4400),
        ("[]", 4400),
        ("null", 4400),
        (b"\x00\x01", 4400),
        ('{"id": "1"}', 4400),
        ('{"type": 1}', 4400),
        ('{"type": "next", "id": "1"}', 4400),
        ('{"type": "' + "\u00e4" * 200 + '"}', 4400),
        ('{"type": "ping", "payload": []}', 4400),
        ('{"type": "connection_init"}', 4429),
        ('{"type": "subscribe", "payload": {"query": "{ a }"}}', 4400),
        ('{"type": "subscribe", "id": 1, "payload": {"query": "{ a }"}}', 4400),
        ('{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}', 4400),
        ('{"type": "subscribe", "id": "2"}', 4400),
        ('{"type": "subscribe", "id": "2", "payload": {}}', 4400),
        ('{"type": "subscribe", "id": "2", "payload": {"query": 7}}', 4400),
        ('{"type": "subscribe", "id": "2", "payload": {"query": "{ a }", "variables": "b"}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ a }"}}', 4409),
        ('{"type": "complete"}', 4400),
        ('{"type": "ping", "payload": {"a": "' + "a" * 60_000 + '"}}', 1009),
    ],
)
async def test_what_breaks_the_protocol_closes_the_socket(open_live: OpenLive, message: str | bytes, code: int) -> None:
    async with open_live(max_body_bytes=50_000) as live, live.following() as socket:
        await socket.connection.send(message)
        assert (await socket.closed())[0] == code
        await live.until_running(0)


async def test_nothing_is_run_for_whoever_has_not_begun(live: Live) -> None:
    async with live.socket() as socket:
        await socket.subscribe(NAMES, n=1)
        assert await socket.closed() == (4401, "Unauthorized")


async def test_whoever_does_not_begin_in_time_is_not_waited_for(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    (endpoint,) = (route.app for route in live.app.routes if type(route).__name__ == "WebSocketRoute")  # type: ignore[attr-defined]
    monkeypatch.setattr(endpoint, "initialisation_seconds", 0.2)
    async with live.socket() as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")
    async with live.socket() as socket:
        await socket.begin()
        await asyncio.sleep(0.4)
        await socket.say("ping")
        assert await socket.hear() == {"type": "pong"}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1"])
async def test_pages_of_other_origins_are_turned_away(live: Live, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with live.socket(origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_our_own_pages_and_allowed_origins_may_connect(open_live: OpenLive) -> None:
    async with open_live(cors_origins="https://portal.example.com") as live:
        for origin in (f"http://127.0.0.1:{live.port}", f"https://127.0.0.1:{live.port}", "https://portal.example.com"):
            async with live.socket(origin=origin) as socket:
                await socket.begin()


async def test_an_actor_has_so_many_sockets_and_subscriptions(open_live: OpenLive) -> None:
    async with open_live(sockets_per_actor=1, subscriptions_per_actor=2) as live:
        async with live.following() as first:
            async with live.socket() as second:
                await second.say("connection_init", payload={"Authorization": f"Bearer {live.tokens[Role.MANAGER]}"})
                assert (await second.closed())[0] == 1013
            async with live.following(Role.AGENT):
                pass
            await first.subscribe(FOLLOW, "2")
            await live.until_running(2)
            await first.subscribe(FOLLOW, "3")
            message = await first.hear()
            assert (message["type"], message["id"]) == ("error", "3")
            assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
            await first.say("complete", id="2")
            await live.until_running(1)
            await first.subscribe(FOLLOW, "3")
            await live.until_running(2)
        async with live.following():
            pass


async def test_one_who_does_not_read_is_not_waited_for(live: Live) -> None:
    """What waits for a slow client is bounded, others do not feel it, and it misses nothing."""
    total = 3_000
    async with live.socket(max_queue=1) as slow:
        await slow.begin(live.tokens[Role.MANAGER])
        await slow.subscribe(FOLLOW.replace("summary", "summary id occurredAt type subject { __typename }"))
        await live.until_running(1)
        (subscription,) = (s for same in live.services.events._subscribers.values() for s in same)
        async with live.socket() as quick:
            await quick.begin(live.tokens[Role.SENIOR_AGENT])
            await quick.subscribe(FOLLOW)
            await live.until_running(2)
            for start in range(0, total, 500):
                await commit(live.services.pool, *(an_event(f"{n} {'x' * 200}") for n in range(start, start + 500)))
            seen = [(await quick.item())["customerEvents"]["event"]["summary"].split()[0] for _ in range(total)]
            assert seen == [str(n) for n in range(total)]
        assert subscription.waiting <= 100
        late = [(await slow.item())["customerEvents"]["event"]["summary"].split()[0] for _ in range(total)]
        assert late == seen


async def test_a_credential_in_the_headers_of_the_handshake(live: Live) -> None:
    token = live.tokens[Role.MANAGER]
    async with live.socket(additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        await socket.begin()
        await socket.subscribe(NAMES, n=1)
        assert await socket.item()


@pytest.mark.parametrize("payload", [{"Authorization": 7}, {"Authorization": "a", "authorization": "b"}])
async def test_credentials_that_are_none_break_the_protocol(live: Live, payload: dict[str, Any]) -> None:
    async with live.socket() as socket:
        await socket.connection.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert (await socket.closed())[0] == 4400
