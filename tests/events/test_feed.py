"""The feed: every committed event exactly once, in one order for everybody, whatever transactions do."""

import asyncio
import random
from contextlib import AsyncExitStack

import psycopg
import pytest

from core.snapshot import Pool
from events.cursor import BEGINNING, CursorInvalid, CursorTooOld, Position, decode, encode
from events.hub import BUFFER, Hub, Subscription
from events.interest import Interest
from events.log import Log
from tests.events.following import an_event, commit, follow, hub_over, write

EVERYTHING = Interest()
TRANSACTIONS = 300


class _Undone(Exception):
    pass


async def _transaction(pool: Pool, dice: random.Random, committed: list[list[str]]) -> None:
    """Some events with pauses between them, and then the commit, or not."""
    ids: list[str] = []
    try:
        async with pool.connection() as connection, connection.transaction():
            for n in range(dice.randint(1, 4)):
                ids += map(str, await write(connection, *[an_event(f"{n}") for _ in range(dice.randint(1, 3))]))
                await asyncio.sleep(dice.choice([0, 0, 0.001, 0.02, 0.2]))
            if dice.random() < 0.25:
                raise _Undone
    except _Undone:
        return
    committed.append(ids)


async def _all(log: Log) -> list[str]:
    found: list[str] = []
    after = BEGINNING
    while True:
        entries, upto = await log.read(after.number, 100)
        if upto is None:
            return found
        found += [entry.event_id for entry in entries]
        after = upto


async def test_every_committed_event_comes_once_and_in_one_order(
    pool: Pool, empty_database: str, over: str | None
) -> None:
    dice, committed = random.Random(7), list[list[str]]()
    async with AsyncExitStack() as stack:
        hubs = [await stack.enter_async_context(hub_over(empty_database, over)) for _ in range(2)]
        readers = [await hub.subscribe(EVERYTHING, None) for hub in hubs for _ in range(2)]
        started = asyncio.gather(*(_transaction(pool, dice, committed) for _ in range(TRANSACTIONS)))
        early = asyncio.create_task(_first(readers[0], 50))
        seen_early = await early
        # Somebody who comes in the midst of it, from behind what another one has seen.
        late = await hubs[1].subscribe(EVERYTHING, readers[0].position)
        await started
        expected = sum(map(len, committed))
        orders = await asyncio.gather(
            follow(readers[0], expected - 50), *(follow(reader, expected) for reader in readers[1:])
        )
        orders[0] = seen_early + orders[0]
        after = await follow(late, expected - 50)
        logs = [await _all(hub.log) for hub in hubs]
    for order in orders:
        assert len(order) == len(set(order)) == expected
        assert set(order) == {event for ids in committed for event in ids}
    assert orders[1:] == [orders[0]] * 3
    assert after == orders[0][50:]
    assert logs == [orders[0], orders[0]]
    places = {event: n for n, event in enumerate(orders[0])}
    assert all([places[event] for event in ids] == sorted(places[event] for event in ids) for ids in committed)


async def _first(reader: Subscription, count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        entry = await reader.next(1.0)
        if entry is not None:
            found.append(entry.event_id)
    return found


async def test_a_slow_subscriber_holds_up_nobody_and_has_a_bounded_buffer(
    pool: Pool, empty_database: str, over: str | None
) -> None:
    written: list[str] = []
    async with hub_over(empty_database, over) as hub:
        slow, quick = await hub.subscribe(EVERYTHING, None), await hub.subscribe(EVERYTHING, None)
        assert await slow.next(0.1) is None
        taking = asyncio.create_task(follow(quick, 10 * BUFFER))
        most = 0
        for n in range(10):
            written += map(str, await commit(pool, *[an_event(f"{n}")] * BUFFER))
            await asyncio.sleep(0.05)
            most = max(most, slow.waiting)
        assert await taking == written
        assert slow.is_lagging
        assert most <= BUFFER
        found: list[str] = []
        while len(found) < len(written):
            entry = await slow.next(5.0)
            assert entry is not None
            assert slow.waiting <= BUFFER
            found.append(entry.event_id)
        assert found == written
        assert await slow.next(0.2) is None
        assert not slow.is_lagging


async def test_a_transaction_that_stays_open_holds_up_nobody(pool: Pool, empty_database: str, over: str | None) -> None:
    async with hub_over(empty_database, over) as hub:
        reader = await hub.subscribe(EVERYTHING, None)
        async with pool.connection() as connection, connection.transaction():
            (open_for_long,) = await write(connection, an_event("first written"))
            (quick,) = await commit(pool, an_event("first committed"))
            assert await _first(reader, 1) == [str(quick)]
        assert await follow(reader, 1) == [str(open_for_long)]


async def test_what_no_notify_tells_of_is_found_all_the_same(pool: Pool, empty_database: str, over: str | None) -> None:
    async with hub_over(empty_database, over) as hub:
        reader = await hub.subscribe(EVERYTHING, None)
        assert await reader.next(0.1) is None
        with psycopg.connect(empty_database) as connection:
            connection.execute(
                "insert into events (id, type, category, source, summary, occurred_at, subject_kind, subject_id)"
                " values (gen_random_uuid(), 'InteractionLogged', 'SERVICING', 'IMPORT', 'x', now(), 'INTERACTION',"
                " gen_random_uuid())"
            )
        assert len(await follow(reader, 1)) == 1


async def test_a_cursor_is_read_back_or_refused(pool: Pool, empty_database: str) -> None:
    async with hub_over(empty_database) as hub:
        reader = await hub.subscribe(EVERYTHING, None)
        await commit(pool, *[an_event()] * 3)
        await follow(reader, 3)
        place = reader.position
        assert decode(encode(place)) == place
        await hub.log.check(place)
        await hub.log.check(BEGINNING)
        for wrong in (Position(place.number, b"otherone"), Position(place.number + 1, place.check)):
            with pytest.raises(CursorInvalid):
                await hub.log.check(wrong)
    for text in ("", "x", "AQ", encode(place)[:-2], encode(place) + "AAAA", "Ä" * 23, "Ag" + encode(place)[2:]):
        with pytest.raises(CursorInvalid):
            decode(text)


async def test_a_cursor_is_too_old_only_when_something_was_missed(pool: Pool, empty_database: str) -> None:
    async with hub_over(empty_database) as hub:
        reader = await hub.subscribe(EVERYTHING, None)
        await commit(pool, *[an_event()] * 3)
        await follow(reader, 3)
        await pool_execute(pool, "update event_feed set numbered_at = now() - interval '31 days'")
        await hub.log.check(reader.position)
        with pytest.raises(CursorTooOld):
            await hub.subscribe(EVERYTHING, BEGINNING)
        await commit(pool, an_event())
        assert len(await follow(await hub.subscribe(EVERYTHING, reader.position), 1)) == 1


async def pool_execute(pool: Pool, statement: str) -> None:
    async with pool.connection() as connection:
        await connection.execute(statement.encode())


async def test_a_feed_that_was_replaced_ends_what_follows_it(pool: Pool, empty_database: str, over: str | None) -> None:
    async with hub_over(empty_database, over) as hub:
        reader = await hub.subscribe(EVERYTHING, None)
        await commit(pool, *[an_event()] * 3)
        await follow(reader, 3)
        await pool_execute(pool, "delete from event_feed where number > 1")
        with pytest.raises(CursorInvalid):
            await _ended(reader)
        again = await _begun(hub)
        (event,) = await commit(pool, an_event())
        assert str(event) in await follow(again, 1)


async def _ended(reader: Subscription) -> None:
    for _ in range(60):
        await reader.next(0.5)


async def _begun(hub: Hub) -> Subscription:
    while hub.newest.number > 1:
        await asyncio.sleep(0.05)
    return await hub.subscribe(EVERYTHING, None)
