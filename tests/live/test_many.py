"""Many who follow at once: none is turned away for want of database connections."""

import asyncio

from models.roles import Role
from tests.events.following import an_event, commit
from tests.live.clients import FOLLOW
from tests.live.conftest import OpenLive

MANY = 150


async def test_all_come_back_at_once_and_are_told_of_the_same_event(open_live: OpenLive) -> None:
    async with open_live(pool_size=2, rate_limit_factor=0) as live, live.socket() as first, live.socket() as second:
        async with live.http() as client:
            after = (await client.post("/graphql", json={"query": "{ feedCursor }"})).json()["data"]["feedCursor"]
        await commit(live.services.pool, an_event("missed"))
        for socket, role in ((first, Role.MANAGER), (second, Role.SENIOR_AGENT)):
            await socket.begin(live.tokens[role])
            for n in range(MANY):
                await socket.subscribe(FOLLOW, f"{n}", after=after)
        await commit(live.services.pool, an_event("new"))
        for socket in (first, second):
            seen: dict[str, list[str]] = {}
            for _ in range(2 * MANY):
                message = await socket.hear()
                assert message["type"] == "next", message
                update = message["payload"]["data"]["customerEvents"]
                seen.setdefault(message["id"], []).append(update["event"]["summary"])
            assert seen == {f"{n}": ["missed", "new"] for n in range(MANY)}
        # Whoever asks something else is not kept waiting by them.
        async with asyncio.timeout(10), live.http() as client:
            assert (await client.get("/health")).status_code == 200
