"""Subscriptions through the graph: each event with the fresh customer, from a cursor on, for those who may see it."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import pytest

from auth.actor import Actor, user
from auth.errors import AuthenticationError, Refusal
from core.ids import public_id
from execution.operations import Outcome
from models.history import SubjectKind
from models.roles import Role
from tests.events.following import PATIENCE, Feed, an_event, data, one, take

FOLLOW = """
subscription Follow($after: String, $where: EventFilter) {
  customerEvents(after: $after, where: $where) { cursor event { id type summary } customer { id displayName } }
}
"""
CHANGED = """
subscription Changed($id: ID!, $after: String) {
  customerChanged(id: $id, after: $after) {
    cursor
    event { type subject { __typename } }
    customer { number emails { address } contracts(first: 2) { totalCount nodes { number product { name } } } }
  }
}
"""


async def _customer(feed: Feed) -> UUID:
    async with feed.services.pool.connection() as connection:
        row = await (await connection.execute("select id from customers where not restricted limit 1")).fetchone()
    assert row
    return UUID(str(row[0]))


async def test_an_event_comes_with_the_customer_as_they_are_then(feed: Feed) -> None:
    customer = await _customer(feed)
    stream = await feed.stream(CHANGED, id=public_id("cus", str(customer)))
    about: dict[str, Any] = {"customer_id": customer, "subject_kind": SubjectKind.CUSTOMER, "subject_id": customer}
    await feed.write(an_event(type="CustomerInformationUpdated", **about))
    async with feed.services.pool.connection() as connection:
        await connection.execute("update emails set address = 'new@example.com' where customer_id = %s", (customer,))
    await feed.write(an_event(type="ContactInformationChanged", **about))
    first, second = await take(stream, 2)
    assert first["customerChanged"]["event"]["type"] == "CustomerInformationUpdated"
    found = second["customerChanged"]
    assert found["event"] == {"type": "ContactInformationChanged", "subject": {"__typename": "Customer"}}
    assert all(email["address"] == "new@example.com" for email in found["customer"]["emails"])
    assert found["customer"]["contracts"]["totalCount"] >= len(found["customer"]["contracts"]["nodes"])


async def test_a_delivery_is_compiled(feed: Feed) -> None:
    stream = await feed.stream(FOLLOW)
    await feed.write(an_event())
    outcome = await one(stream)
    assert outcome.interpreted is None
    assert outcome.spending.cost.points > 0
    await stream.aclose()


async def test_whoever_comes_back_with_a_cursor_misses_and_repeats_nothing(feed: Feed) -> None:
    stream = await feed.stream(FOLLOW)
    for n in range(10):
        await feed.write(an_event(f"{n}"))
    before = await take(stream, 4)
    for n in range(10, 20):
        await feed.write(an_event(f"{n}"))
    stream = await feed.stream(FOLLOW, after=before[-1]["customerEvents"]["cursor"])
    after = await take(stream, 16)
    assert [item["customerEvents"]["event"]["summary"] for item in before + after] == [f"{n}" for n in range(20)]


async def test_what_is_wrong_with_a_request_is_told_before_it_begins(feed: Feed) -> None:
    async def code(query: str, **variables: object) -> str:
        outcome = await feed.subscribe(query, **variables)
        assert isinstance(outcome, Outcome)
        assert not outcome.executed
        return str(outcome.errors[0]["extensions"]["code"])

    assert await code(FOLLOW, after="nonsense") == "CURSOR_INVALID"
    assert await code(FOLLOW, where={"customerIds": ["con_0192f0c1-0000-7000-8000-000000000000"]}) == "BAD_USER_INPUT"
    assert await code(CHANGED, id="cus_0192f0c1-0000-7000-8000-000000000000") == "NOT_FOUND"
    assert await code("{ customers { nodes { id } } }") == "OPERATION_NOT_ALLOWED"
    assert await code("subscription { customerEvents { nothing } }") == "GRAPHQL_VALIDATION_FAILED"
    assert await code("subscription { __typename }") == "GRAPHQL_VALIDATION_FAILED"
    feed.actor = user("u", frozenset({Role.PARTNER}), partner_id="0192f0c1-0000-7000-8000-000000000000")
    assert await code("subscription { complaintUpdates { cursor } }") == "FORBIDDEN"


async def test_a_filter_leaves_out_the_rest(feed: Feed) -> None:
    customer = await _customer(feed)
    where = {"customerIds": [public_id("cus", str(customer))], "types": ["InteractionLogged"]}
    stream = await feed.stream(FOLLOW, where=where)
    await feed.write(
        an_event("of nobody"),
        an_event("of another type", customer_id=customer, type="RiskAssessed"),
        an_event("wanted", customer_id=customer),
    )
    (item,) = await take(stream, 1)
    assert item["customerEvents"]["event"]["summary"] == "wanted"


@pytest.fixture
def partner(own_demo_database: str) -> Actor:
    """A user of the partner with the most customers."""
    with psycopg.connect(own_demo_database) as connection:
        row = connection.execute(
            "select partner_id::text from partner_book where kind = 'CONTRACT'"
            " group by 1 order by count(*) desc limit 1"
        ).fetchone()
    assert row
    return user("0192f0c1-0000-7000-8000-000000000001", frozenset({Role.PARTNER}), partner_id=row[0])


async def _contract(feed: Feed, condition: str, partner: Actor) -> tuple[UUID, UUID]:
    async with feed.services.pool.connection() as connection:
        row = await (
            await connection.execute(
                f"select c.id, c.customer_id from contracts c where {condition} (select from partner_book b"
                " where b.object_id = c.id and b.partner_id = %s::uuid) order by c.id limit 1",
                (partner.partner_id,),
            )
        ).fetchone()
    assert row
    return UUID(str(row[0])), UUID(str(row[1]))


async def test_a_partner_follows_its_book_and_nothing_else(feed: Feed, partner: Actor) -> None:
    mine, my_customer = await _contract(feed, "exists", partner)
    other, its_customer = await _contract(feed, "not exists", partner)
    feed.actor = partner
    stream = await feed.stream(FOLLOW)
    begin: dict[str, Any] = {"subject_kind": SubjectKind.CONTRACT, "type": "ContractAmended"}
    await feed.write(
        an_event("of another", customer_id=its_customer, subject_id=other, **begin),
        an_event("internal", customer_id=my_customer, subject_id=my_customer, type="RiskAssessed"),
        an_event("mine", customer_id=my_customer, subject_id=mine, **begin),
    )
    (item,) = await take(stream, 1)
    assert item["customerEvents"]["event"]["summary"] == "mine"
    assert item["customerEvents"]["customer"]["id"] == public_id("cus", str(my_customer))


async def test_what_leaves_the_book_is_followed_no_more(feed: Feed, partner: Actor) -> None:
    mine, customer = await _contract(feed, "exists", partner)
    feed.actor = partner
    stream = await feed.stream(FOLLOW)
    amended: dict[str, Any] = {"customer_id": customer, "subject_id": mine, "subject_kind": SubjectKind.CONTRACT}
    await feed.write(an_event("before", type="ContractAmended", **amended))
    assert data(await one(stream))["customerEvents"]["event"]["summary"] == "before"
    async with feed.services.pool.connection() as connection:
        await connection.execute(
            "insert into consents (id, customer_id, purpose, status, channel, recorded_at)"
            " values (gen_random_uuid(), %s, 'PARTNER_SHARING', 'WITHDRAWN', 'PHONE', now())",
            (customer,),
        )
    coming = asyncio.create_task(one(stream))
    (after,) = await feed.write(an_event("after", type="ContractAmended", **amended))
    await _passed_over(feed, after)
    async with feed.services.pool.connection() as connection:
        await connection.execute("delete from consents where customer_id = %s", (customer,))
    await feed.write(an_event("again", type="ContractAmended", **amended))
    assert data(await coming)["customerEvents"]["event"]["summary"] == "again"
    await stream.aclose()


async def _passed_over(feed: Feed, event: UUID) -> None:
    """Wait until an event has its place in the feed, and who follows it was looked at a few times since."""
    async with feed.services.pool.connection() as connection, asyncio.timeout(PATIENCE):
        numbered = "select 1 from event_feed where event_id = %s"
        while await (await connection.execute(numbered, (event,))).fetchone() is None:
            await asyncio.sleep(0.02)
        opened = feed.opened
        while feed.opened < opened + 3:
            await asyncio.sleep(0.02)


async def test_a_session_that_ends_ends_what_is_idle(feed: Feed) -> None:
    stream = await feed.stream(FOLLOW)
    feed.refusal = AuthenticationError(Refusal.EXPIRED)
    last = await one(stream)
    assert not last.executed
    assert last.errors[0]["extensions"] == {"code": "UNAUTHENTICATED", "reason": "EXPIRED"}
    assert [item async for item in stream] == []


async def test_a_role_that_is_lost_ends_what_it_allowed(feed: Feed) -> None:
    feed.actor = user("0192f0c1-0000-7000-8000-000000000001", frozenset({Role.AGENT}))
    stream = await feed.stream("subscription { complaintUpdates { cursor } }")
    feed.actor = user("0192f0c1-0000-7000-8000-000000000001", frozenset({Role.PARTNER}), partner_id=str(UUID(int=1)))
    last = await one(stream)
    assert last.errors[0]["extensions"]["code"] == "FORBIDDEN"
    assert not last.executed


async def test_a_heartbeat_moves_the_cursor_on(feed: Feed) -> None:
    feed.options = {"heartbeat_seconds": 0.0}
    customer = await _customer(feed)
    query = """subscription ($id: ID!, $after: String) {
      customerChanged(id: $id, heartbeats: true, after: $after) { cursor event { type } customer { id } } }"""
    stream = await feed.stream(query, id=public_id("cus", str(customer)))
    first = data(await one(stream))["customerChanged"]
    assert first["event"] is first["customer"] is None
    await feed.write(an_event("of somebody else"))
    cursors = {first["cursor"]}
    while len(cursors) < 2:
        cursors.add(data(await one(stream))["customerChanged"]["cursor"])
    await stream.aclose()
    await feed.write(an_event("missed", customer_id=customer))
    stream = await feed.stream(query, id=public_id("cus", str(customer)), after=(cursors - {first["cursor"]}).pop())
    (item,) = await take(stream, 1)
    assert item["customerChanged"]["event"] == {"type": "InteractionLogged"}
