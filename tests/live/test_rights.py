"""Who may follow: the rules of HTTP hold over sockets and event streams, for as long as something runs over them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from auth import users
from auth.actor import SYSTEM
from models.roles import Role
from tests.events.following import an_event, commit
from tests.live.clients import FOLLOW, Live, events_of
from tests.live.conftest import OpenLive
from tests.metrics import Scrape
from tests.signing_in import PASSWORD, login_of, login_request

SCHEMA = "{ __schema { queryType { name } } }"
# How soon a right that was lost is missed: the next look (three seconds) and the news of it (two), and a busy machine.
SOON = 15.0


async def _session(live: Live, role: Role = Role.MANAGER) -> dict[str, Any]:
    """A session of its own, which the test may end."""
    async with live.http(None) as client:
        answer = await client.post("/graphql", json=login_request(login_of(role), PASSWORD))
    session: dict[str, Any] = answer.json()["data"]["login"]["session"]
    return session


@asynccontextmanager
async def _event_stream(live: Live, token: str) -> AsyncIterator[Any]:
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {token}"}
    async with (
        live.http(None) as client,
        client.stream("POST", "/graphql", json={"query": FOLLOW}, headers=headers) as response,
    ):
        yield events_of(response)


async def nothing() -> None:
    """Let time pass."""


async def _end_of_both(live: Live, token: str, ends: Any, reason: str) -> None:
    """What follows with this token ends, over either transport, and says why."""
    async with live.socket() as socket, _event_stream(live, token) as events:
        await socket.begin(token)
        await socket.subscribe(FOLLOW)
        await live.until_running(2)
        await ends()
        async with asyncio.timeout(SOON):
            assert await socket.closed() == (4403, f"Forbidden: {reason}")
            item, end = [event async for event in events]
        error = item.payload["errors"][0]["extensions"]
        assert (error["code"], error["reason"]) == ("UNAUTHENTICATED", reason)
        assert end.kind == "complete"
    await live.until_running(0)


async def test_signing_out_ends_what_runs(live: Live) -> None:
    session = await _session(live)

    async def sign_out() -> None:
        async with live.http(None, authorization=f"Bearer {session['accessToken']}") as client:
            answer = await client.post("/graphql", json={"query": "mutation { logout { userErrors { code } } }"})
            assert answer.json()["data"]["logout"] == {"userErrors": []}

    await _end_of_both(live, session["accessToken"], sign_out, "REVOKED")


async def test_a_token_that_expires_ends_what_runs(live: Live) -> None:
    tokens = live.services.authentication.authenticator._tokens
    subject = (await tokens.verify((await _session(live))["accessToken"])).subject
    token = tokens.issue(subject, not_after=datetime.now(UTC) + timedelta(seconds=4)).text
    await _end_of_both(live, token, nothing, "EXPIRED")


async def test_roles_that_change_end_what_runs(live: Live) -> None:
    session = await _session(live, Role.UNDERWRITER)

    async def change() -> None:
        access = live.services.authentication.access
        user = await users.find(access, login_of(Role.UNDERWRITER))
        await users.set_roles(access, SYSTEM, user.id, [Role.AGENT])

    await _end_of_both(live, session["accessToken"], change, "REVOKED")


async def test_a_dead_token_opens_no_socket(live: Live) -> None:
    for payload in ({"Authorization": "Bearer nonsense"}, {"X-API-Key": "nonsense"}):
        async with live.socket() as socket:
            await socket.say("connection_init", payload=payload)
            code, reason = await socket.closed()
            assert code == 4403
            assert reason in ("Forbidden: INVALID", "Forbidden: MALFORMED")


async def test_administrators_come_from_their_networks_only(open_live: OpenLive) -> None:
    async with open_live(admin_networks="10.0.0.0/8") as live, live.socket() as socket:
        payload = {"Authorization": f"Bearer {live.tokens[Role.ADMINISTRATOR]}"}
        await socket.say("connection_init", payload=payload)
        assert await socket.closed() == (4403, "Forbidden: FORBIDDEN")


async def test_trusted_documents_and_introspection_are_the_same(open_live: OpenLive) -> None:
    async with open_live(trusted_documents="all") as live, live.socket() as socket:
        await socket.begin(live.tokens[Role.MANAGER])
        for query in (FOLLOW, "{ customers { totalCount } }"):
            await socket.subscribe(query)
            assert (await socket.hear())["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_ID_REQUIRED"
    async with open_live() as live, live.socket() as socket:
        await socket.begin(live.tokens[Role.PARTNER])
        await socket.subscribe(SCHEMA)
        assert (await socket.hear())["payload"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_rates_are_counted_over_sockets_too(open_live: OpenLive) -> None:
    async with open_live(rate_limit_factor=0.0001) as live, live.socket() as socket:
        await socket.begin(live.tokens[Role.MANAGER])
        await socket.subscribe("{ customers(first: 50) { nodes { contracts { nodes { number } } } } }")
        assert (await socket.hear())["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
        async with live.http(accept="text/event-stream") as client:
            for _ in range(10):
                answer = await client.post("/graphql", json={"query": FOLLOW, "variables": {"after": "x"}})
                if answer.status_code == 429:
                    break
            assert answer.status_code == 429
            assert int(answer.headers["retry-after"]) > 0


async def test_metrics_tell_what_runs(live: Live) -> None:
    async with live.http() as client:

        async def value(name: str, **labels: str) -> float:
            return Scrape((await client.get("/metrics")).text).value(name, **labels)

        async with live.following() as socket:
            await commit(live.services.pool, an_event())
            await socket.item()
            assert await value("c360_sockets") == 1
            assert await value("c360_streams", over="websocket") == 1
            assert await value("c360_subscription_items_total", over="websocket") == 1
            await socket.connection.send("nonsense")
            await socket.closed()
        await live.until_running(0)
        assert await value("c360_sockets") == 0
        assert await value("c360_streams", over="websocket") == 0
        assert await value("c360_socket_closes_total", code="4400") == 1
