"""The rate limiter: a budget is a budget, in memory and in a Redis that several share, and over a time without it."""

import asyncio
import logging
import random
import threading
import time
from collections.abc import AsyncIterator

import pytest
import redis

from core import rate_limit
from core.errors import StartError
from core.ids import new_id
from core.rate_limit import RateLimiter, Verdict

REDIS = "redis://127.0.0.1:6379/15"


class Clock:
    """Time as a test wants it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_800_000_000.0
        monkeypatch.setattr(time, "time", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def _has_redis() -> bool:
    try:
        with redis.Redis.from_url(REDIS, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


with_redis = pytest.mark.skipif(not _has_redis(), reason="no Redis at 127.0.0.1:6379")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is not a Redis that hangs."""
    monkeypatch.setattr(rate_limit, "_REDIS_TIMEOUT_SECONDS", 10)


@pytest.fixture(params=["memory", pytest.param("redis", marks=with_redis)])
async def limiter(request: pytest.FixtureRequest, patient: None) -> AsyncIterator[RateLimiter]:
    limiter = RateLimiter("memory://" if request.param == "memory" else REDIS)
    yield limiter
    await limiter.close()


@pytest.fixture
def actor() -> str:
    """A name nobody has spent under."""
    return f"test:{new_id()}"


async def test_a_budget_is_spent_once(limiter: RateLimiter, actor: str) -> None:
    first = await limiter.spend(actor, 60, 100)
    assert (first.allowed, first.limit, first.remaining, first.retry_after_seconds) == (True, 100, 40, 0)
    assert 60 <= first.reset_seconds <= 120
    assert first.restore_rate == pytest.approx(100 / 60)

    refused = await limiter.spend(actor, 41, 100)
    assert (refused.allowed, refused.remaining) == (False, 40), "what is refused costs nothing"
    assert refused.retry_after_seconds is not None
    assert 1 <= refused.retry_after_seconds <= 120

    assert (await limiter.spend(actor, 40, 100)).remaining == 0
    assert (await limiter.spend(actor, 1, 100)).allowed is False
    assert (await limiter.spend(f"{actor}0", 100, 100)).allowed is True, "others have budgets of their own"


async def test_more_than_the_whole_budget_never_fits(limiter: RateLimiter, actor: str) -> None:
    verdict = await limiter.spend(actor, 101, 100)
    assert verdict == Verdict(False, 100, 100, 0, 100 / 60, None)
    assert "Retry-After" not in verdict.headers()


async def test_what_costs_nothing_is_always_allowed(limiter: RateLimiter, actor: str) -> None:
    await limiter.spend(actor, 100, 100)
    assert (await limiter.spend(actor, 0, 100)).allowed is True


async def test_many_at_once_get_no_more(limiter: RateLimiter, actor: str) -> None:
    verdicts = await asyncio.gather(*(limiter.spend(actor, 7, 100) for _ in range(50)))
    assert sum(verdict.allowed for verdict in verdicts) == 14


async def test_headers(limiter: RateLimiter, actor: str) -> None:
    await limiter.spend(actor, 90, 100)
    verdict = await limiter.spend(actor, 50, 100)
    assert verdict.headers() == {
        "RateLimit-Limit": "100",
        "RateLimit-Remaining": "10",
        "RateLimit-Reset": str(verdict.reset_seconds),
        "Retry-After": str(verdict.retry_after_seconds),
    }


async def test_a_budget_comes_back_little_by_little(clock: Clock, actor: str) -> None:
    limiter = RateLimiter()
    clock.now += 59  # the last second of a window
    await limiter.spend(actor, 100, 100)
    clock.now += 2
    assert (await limiter.spend(actor, 3, 100)).allowed is False, "no second budget right behind the first"
    clock.now += 30
    halfway = await limiter.spend(actor, 0, 100)
    assert 50 <= halfway.remaining <= 53
    clock.now += halfway.reset_seconds
    assert (await limiter.spend(actor, 100, 100)).allowed is True


@pytest.mark.parametrize("seed", range(20))
async def test_waiting_as_long_as_told_is_enough_and_needed(clock: Clock, actor: str, seed: int) -> None:
    dice, limiter, limit = random.Random(seed), RateLimiter(), 100
    refusals = 0
    for _ in range(300):
        clock.now += dice.uniform(0, 20)
        cost = dice.randint(1, limit)
        verdict = await limiter.spend(actor, cost, limit)
        if verdict.allowed:
            continue
        refusals += 1
        assert verdict.retry_after_seconds is not None
        clock.now += verdict.retry_after_seconds - 1.001
        assert (await limiter.spend(actor, cost, limit)).allowed is False
        clock.now += 1.001
        assert (await limiter.spend(actor, cost, limit)).allowed is True
    assert refusals > 20


@pytest.mark.parametrize("seed", range(5))
async def test_nobody_gets_more_in_the_long_run(clock: Clock, actor: str, seed: int) -> None:
    dice, limiter, spent = random.Random(seed), RateLimiter(), 0
    end = clock.now + 1200
    while clock.now < end:
        cost = dice.randint(1, 40)
        spent += cost * (await limiter.spend(actor, cost, 100)).allowed
        clock.now += dice.expovariate(2)
    assert 0.8 * 2000 < spent <= 2100


async def test_memory_forgets_who_has_gone(clock: Clock) -> None:
    limiter = RateLimiter()
    for n in range(1000):
        await limiter.spend(f"n{n}", 1, 100)
    clock.now += 130
    await limiter.spend("one more", 1, 100)
    assert len(limiter._memory.storage) == len(limiter._memory.expirations) == 1


async def test_memory_starts_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = RateLimiter()
    started: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", started.append)
    for _ in range(3):
        await limiter.spend("a", 1, 100)
        await asyncio.sleep(0.02)
    assert started == []


@with_redis
@pytest.mark.usefixtures("patient")
async def test_processes_share_a_budget_in_redis(actor: str) -> None:
    one, other = RateLimiter(REDIS), RateLimiter(REDIS)
    assert (await one.spend(actor, 70, 100)).remaining == 30
    assert (await other.spend(actor, 30, 100)).remaining == 0
    assert (await one.spend(actor, 1, 100)).allowed is False
    await one.close()
    await other.close()
    with redis.Redis.from_url(REDIS) as client:
        keys = list(client.scan_iter(f"*{actor}*"))
        assert keys
        assert all(0 < client.ttl(key) <= 120 for key in keys), "nothing stays in Redis for good"


class Door:
    """A port that leads to Redis, or is closed, or lets in and never answers."""

    def __init__(self) -> None:
        self.port = 0
        self.visits = 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    def url(self, password: str = "") -> str:
        return f"redis://{password}127.0.0.1:{self.port}/15"

    async def open(self, *, silent: bool = False) -> None:
        async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.visits += 1
            self._writers.append(writer)
            if not silent:
                inside, there = await asyncio.open_connection("127.0.0.1", 6379)
                self._writers.append(there)
                await asyncio.gather(_pump(reader, there), _pump(inside, writer))

        self._server = await asyncio.start_server(visit, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        self._writers.clear()
        await asyncio.sleep(0.05)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def test_without_redis_each_process_counts_by_itself(actor: str, caplog: pytest.LogCaptureFixture) -> None:
    door = Door()
    await door.open()
    await door.close()
    limiter = RateLimiter(door.url(":hunter2@"))
    started = time.monotonic()
    verdicts = [await limiter.spend(actor, 10, 100) for _ in range(20)]
    assert time.monotonic() - started < 1
    assert sum(verdict.allowed for verdict in verdicts) == 10, "neither everybody nor nobody"
    assert [record.levelno for record in caplog.records] == [logging.WARNING], "said once, not for each request"
    assert "hunter2" not in caplog.text
    await limiter.close()


async def test_a_redis_that_hangs_holds_up_one_request_at_a_time(actor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.rate_limit._REDIS_PAUSE_SECONDS", 0.5)
    door = Door()
    await door.open(silent=True)
    limiter = RateLimiter(door.url())
    await asyncio.wait_for(limiter.spend(actor, 10, 100), 2)
    for visits in (1, 2):
        started = time.monotonic()
        for _ in range(4):
            await limiter.spend(actor, 10, 100)
        assert time.monotonic() - started < 0.2
        assert door.visits == visits
        # After the pause, one of those who ask is the one that finds out.
        probe = asyncio.create_task(limiter.spend(actor, 0, 100))
        while door.visits == visits:
            if probe.done():
                probe = asyncio.create_task(limiter.spend(actor, 0, 100))
            await asyncio.sleep(0.01)
    assert (await asyncio.wait_for(probe, 2)).remaining == 10
    await limiter.close()
    await door.close()


@with_redis
@pytest.mark.usefixtures("patient")
async def test_redis_counts_again_when_it_is_back(actor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.rate_limit._REDIS_PAUSE_SECONDS", 0.1)
    with redis.Redis.from_url(REDIS) as client:
        door = Door()
        await door.open()
        await door.close()
        limiter = RateLimiter(door.url())
        await limiter.spend(actor, 60, 100)
        assert not list(client.scan_iter(f"*{actor}*"))
        await door.open()
        await asyncio.sleep(0.2)
        assert (await limiter.spend(actor, 10, 100)).remaining == 90
        assert list(client.scan_iter(f"*{actor}*"))
        await door.close()
        assert (await limiter.spend(actor, 10, 100)).remaining == 30, "the process remembers what it counted itself"
        await limiter.close()


@pytest.mark.parametrize(
    "storage",
    ["", "memory", "memory:", "redis", "file:///etc/passwd", "mongodb://u:hunter2@h/", "redis://:hunter2@host:port/"],
)
def test_what_is_no_storage(storage: str) -> None:
    with pytest.raises(StartError) as refusal:
        RateLimiter(storage)
    assert str(refusal.value).startswith("C360_RATE_LIMIT_STORAGE: ")
    assert "hunter2" not in str(refusal.value)
