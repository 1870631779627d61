"""Rate limits: how much an actor may spend in a minute, counted in this process or in a Redis that all of them share.

The count is a sliding window: what was spent in this minute, and of the minute before that part which the last sixty
seconds still reach into. So there is no moment at which a whole budget comes back at once. It is two numbers for each
actor, however large the costs.

While Redis is gone each process counts by itself: nobody is locked out, and nobody is without a limit; with n processes
an actor may for that time spend up to n times its budget.
"""

import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from limits.errors import ConfigurationError
from limits.storage import MemoryStorage, storage_from_string

from core.errors import StartError

# Redis's client is imported where there is a Redis: a start without one need not wait for it.
if TYPE_CHECKING:
    from limits.aio.storage import RedisStorage

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60

_REDIS_SCHEMES = ("redis://", "rediss://", "redis+unix://")
# An answer of Redis that takes longer costs more than it is worth.
_REDIS_TIMEOUT_SECONDS = 0.25
# How long Redis is left alone after it did not answer.
_REDIS_PAUSE_SECONDS = 2.0

# What was spent in the window before and for how many seconds that still counts, and the same of this window.
_Window = tuple[int, float, int, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something may be done, and what is left.

    `remaining` can be spent now; the whole `limit` can be in `reset_seconds`, if nothing is spent until then; budget
    comes back at up to `restore_rate` a second. `retry_after_seconds` is how long to wait before asking for the same
    again: 0 if allowed, None if it costs more than the whole limit.
    """

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int
    restore_rate: float
    retry_after_seconds: int | None

    def headers(self) -> dict[str, str]:
        """The header fields that tell a client the same, as most clients know them."""
        fields = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }
        if self.retry_after_seconds:
            fields["Retry-After"] = str(self.retry_after_seconds)
        return fields


class RateLimiter:
    """Counts what each actor spends. One for each process; only for use in the event loop."""

    def __init__(self, storage: str = "memory://") -> None:
        """`storage` is `memory://` or the URL of a Redis, such as `redis://:password@host:6379/0`.

        Raises StartError when it is neither.
        """
        self._memory = _Memory()
        self._redis = None if storage == "memory://" else _redis(storage)
        # From when on Redis is asked again; None while it answers.
        self._redis_from: float | None = None

    async def spend(self, actor: str, cost: int, budget_per_minute: int) -> Verdict:
        """Spend `cost` of what `actor` may in a minute, unless that is too much: then nothing is spent.

        Never fails for want of Redis.
        """
        key = f"c360/{actor}"
        if self._redis is not None:
            verdict = await self._spend_in_redis(self._redis, key, cost, budget_per_minute)
            if verdict is not None:
                return verdict
        memory = self._memory
        allowed = memory.acquire_sliding_window_entry(key, budget_per_minute, WINDOW_SECONDS, cost)
        return _verdict(allowed, cost, budget_per_minute, memory.get_sliding_window(key, WINDOW_SECONDS))

    async def _spend_in_redis(self, shared: "RedisStorage", key: str, cost: int, budget: int) -> Verdict | None:
        """The verdict of Redis, or None if it has none to give."""
        from redis.exceptions import RedisError

        if self._redis_from is not None:
            if time.monotonic() < self._redis_from:
                return None
            # One request finds out whether it is back; the others do not wait for that.
            self._redis_from = time.monotonic() + _REDIS_PAUSE_SECONDS
        try:
            allowed = await shared.acquire_sliding_window_entry(key, budget, WINDOW_SECONDS, cost)
            window = await shared.get_sliding_window(key, WINDOW_SECONDS)
        except (RedisError, OSError, TimeoutError) as error:
            if self._redis_from is None:
                log.warning("Redis does not answer, each worker counts rates by itself: %s", type(error).__name__)
            self._redis_from = time.monotonic() + _REDIS_PAUSE_SECONDS
            return None
        self._redis_from = None
        return _verdict(allowed, cost, budget, window)

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._redis is not None:
            await self._redis.bridge.storage.aclose()  # type: ignore[attr-defined]


class _Memory(MemoryStorage):
    """The library's storage in memory, without the thread it starts to throw out what has expired.

    It starts one after almost every request, which costs more than a hundred microseconds; here what has expired is
    looked for once a window.
    """

    def __init__(self) -> None:
        super().__init__()
        # The one it starts at once would look through the counts while the event loop changes them.
        self.timer.cancel()
        self._swept = time.time()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count `amount` more for a key that expires `expiry` seconds after its first count."""
        count: int = self.get(key) + amount
        self.storage[key] = count
        if count == amount:
            now = time.time()
            self.expirations[key] = now + expiry
            if now > self._swept + WINDOW_SECONDS:
                self._swept = now
                for old in [old for old, end in self.expirations.items() if end <= now]:
                    self.storage.pop(old, None)
                    del self.expirations[old]
        return count


def _redis(url: str) -> "RedisStorage":
    from limits.aio.storage import RedisStorage
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    options: dict[str, Any] = {
        "implementation": "redispy",
        "socket_timeout": _REDIS_TIMEOUT_SECONDS,
        "socket_connect_timeout": _REDIS_TIMEOUT_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    try:
        storage = storage_from_string(f"async+{url}", **options) if url.startswith(_REDIS_SCHEMES) else None
    except (ConfigurationError, ValueError):
        # Their messages quote the URL, and with it a password.
        storage = None
    if not isinstance(storage, RedisStorage):
        raise StartError("C360_RATE_LIMIT_STORAGE: is neither memory:// nor the URL of a Redis (redis://host:6379/0)")
    return storage


def _verdict(allowed: bool, cost: int, limit: int, window: _Window) -> Verdict:
    before, before_seconds, now, now_seconds = window
    used = math.floor(before * before_seconds / WINDOW_SECONDS) + now
    return Verdict(
        allowed,
        limit,
        max(0, limit - used),
        math.ceil(now_seconds if now else before_seconds),
        limit / WINDOW_SECONDS,
        0 if allowed else _wait(cost, limit, window),
    )


def _wait(cost: int, limit: int, window: _Window) -> int | None:
    """In how many seconds `cost` can be spent, if nothing else is until then."""
    if cost > limit:
        return None
    before, before_seconds, now, now_seconds = window
    # Less than this may be used up. First the window before fades, until this one takes its place and fades in turn.
    room = limit - cost + 1
    if now < room:
        seconds = before_seconds - (room - now) * WINDOW_SECONDS / before if before else 0.0
    else:
        seconds = now_seconds - room * WINDOW_SECONDS / now
    return math.floor(max(0.0, seconds)) + 1
