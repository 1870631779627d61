"""The hub: one reader in each process follows the feed and serves all subscribers of the process.

A subscriber has a place in the feed and a small buffer. Who keeps up gets its events from the hub, which read them once
for all; who falls behind loses its buffer and reads the log itself from its own place until it has caught up. So nobody
holds up anybody, and memory is bounded by subscribers times BUFFER references.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol, Self

import psycopg
from psycopg_pool import PoolTimeout

from core.errors import RequestError
from events.cursor import BEGINNING, CursorInvalid, Position
from events.interest import Entry, Interest
from events.log import Log

log = logging.getLogger(__name__)

# Entries that wait for one subscriber.
BUFFER = 100
# Subscribers that read the log for themselves at the same time; others wait their turn.
CATCHING_UP = 4
_LONGEST_PAUSE_SECONDS = 2.0

# What ends when the database is away, and comes back with it.
OUTAGES = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, OSError, TimeoutError)

# A stretch of the feed: its entries, and the place they lead up to.
Stretch = tuple[list[Entry], Position]


class FeedReset(Exception):
    """The feed is not the one that was followed: its database was replaced by an older state of it."""


class Source(Protocol):
    """Where a hub has the feed from."""

    def follow(self, after: Position) -> AsyncIterator[Stretch]:
        """The feed after a place, stretch by stretch, without an end. Raises FeedReset, and OUTAGES."""


class HubClosed(RequestError):
    """The process ends; go on elsewhere from the last cursor."""

    def __init__(self) -> None:
        super().__init__("SERVICE_RESTARTING", "the service is stopping; subscribe again after the last cursor")


class Subscription:
    """One subscriber's way through the feed. Made by `Hub.subscribe`; call `next` from one task, `close` at the end."""

    def __init__(self, hub: "Hub", interest: Interest, position: Position) -> None:
        self._hub = hub
        self.interest = interest
        # Taken, or passed over; and the number up to which the buffer has what is wanted.
        self._position = position
        self._read = position.number
        self._buffer: deque[Entry] = deque()
        self._live = False
        self._awake = asyncio.Event()
        self._end: RequestError | None = None

    @property
    def position(self) -> Position:
        """The place of the last entry taken; or, where none waits any more, the newest there is."""
        if self._live and not self._buffer:
            newest = self._hub.newest
            return newest if newest.number > self._position.number else self._position
        return self._position

    @property
    def is_lagging(self) -> bool:
        """Whether it reads the log for itself."""
        return not self._live

    @property
    def waiting(self) -> int:
        """How many entries are in memory for it."""
        return len(self._buffer)

    async def next(self, seconds: float) -> Entry | None:
        """The next entry wanted, or None when none came in so many seconds.

        Raises what ended the subscription: HubClosed, CursorInvalid. Waits while the database is away.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            if self._end is not None:
                raise self._end
            if self._buffer:
                entry = self._buffer.popleft()
                self._position = entry.position
                return entry
            if not self._live:
                await self._catch_up()
                if loop.time() >= deadline and not self._buffer:
                    return None
                continue
            self._awake.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._awake.wait()
            except TimeoutError:
                return None

    def change(self, interest: Interest) -> None:
        """Want something else from here on: of what follows the last entry taken."""
        if interest != self.interest:
            self._fall_behind()
            self.interest = interest

    def close(self) -> None:
        """Take nothing more."""
        self._hub._leave(self)
        self._buffer.clear()

    def offer(self, entry: Entry) -> None:
        """Take an entry from the hub, if it is not one that was read already."""
        if entry.number <= self._read:
            return
        if len(self._buffer) >= BUFFER:
            self._fall_behind()
        else:
            self._buffer.append(entry)
            self._read = entry.number
        self._awake.set()

    def end(self, error: RequestError) -> None:
        """Let `next` raise an error from now on."""
        self._end = error
        self._awake.set()

    def _fall_behind(self) -> None:
        self._read = self.position.number
        if self._position.number < self._read:
            self._position = self.position
        self._buffer.clear()
        self._hub._leave(self)
        self._live = False

    async def _catch_up(self) -> None:
        """Read a stretch of the log; at the end of it join the live ones, in the same turn of the event loop."""
        hub = self._hub
        if self._read >= hub.newest.number:
            self._live = True
            hub._join(self)
            return
        try:
            async with hub.catching_up:
                entries, self._read = await hub.log.matching(self.interest, self._read, hub.newest.number, BUFFER)
        except OUTAGES:
            await asyncio.sleep(_LONGEST_PAUSE_SECONDS / 4)
            return
        self._buffer.extend(entries)


class Hub:
    """Follows the feed for all subscribers of a process. Use as an async context manager."""

    def __init__(self, log: Log, source: Source) -> None:
        self.log = log
        self.catching_up = asyncio.Semaphore(CATCHING_UP)
        self.newest = BEGINNING
        self._source = source
        self._subscribers: dict[Interest, dict[Subscription, None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        """Begin to follow. Raises psycopg.Error when the database does not answer."""
        self.newest = await self.log.newest()
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End all subscriptions and stop."""
        self.end()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def end(self) -> None:
        """End all subscriptions, and begin none any more; those that catch up end when they have."""
        self._closed = True
        self._end_all(HubClosed())

    @property
    def subscribers(self) -> int:
        """How many follow live, those who catch up not counted."""
        return sum(map(len, self._subscribers.values()))

    async def subscribe(self, interest: Interest, after: Position | None) -> Subscription:
        """A subscription from behind a place; from now on without one.

        Raises CursorInvalid, CursorTooOld, HubClosed; psycopg.Error or PoolTimeout where the place cannot be checked.
        """
        if after is not None:
            await self.log.check(after)
        if self._closed:
            raise HubClosed
        return Subscription(self, interest, self.newest if after is None else after)

    def _join(self, subscriber: Subscription) -> None:
        if self._closed:
            subscriber.end(HubClosed())
        self._subscribers.setdefault(subscriber.interest, {})[subscriber] = None

    def _leave(self, subscriber: Subscription) -> None:
        same = self._subscribers.get(subscriber.interest)
        if same is not None:
            same.pop(subscriber, None)
            if not same:
                del self._subscribers[subscriber.interest]

    def _end_all(self, error: RequestError) -> None:
        for same in list(self._subscribers.values()):
            for subscriber in list(same):
                subscriber.end(error)

    def _deliver(self, stretch: Stretch) -> None:
        """Offer the entries to whoever wants them; in one turn of the event loop, so that nobody joins in between."""
        entries, upto = stretch
        for entry in entries:
            for interest, same in list(self._subscribers.items()):
                if interest.wants(entry):
                    for subscriber in list(same):
                        subscriber.offer(entry)
        self.newest = upto

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                async for stretch in self._source.follow(self.newest):
                    self._deliver(stretch)
                    failures = 0
                    # Let subscribers have the event loop between two stretches.
                    await asyncio.sleep(0)
            except FeedReset:
                log.error("the event feed was replaced by an older state; all subscriptions end")
                self._end_all(CursorInvalid("the database was restored; read the customers anew, then follow"))
                with contextlib.suppress(*OUTAGES):
                    self.newest = await self.log.newest()
            except OUTAGES as error:
                failures += 1
                if failures == 1:
                    log.warning("the event feed cannot be followed at the moment: %s", type(error).__name__)
            except Exception:
                failures += 1
                log.exception("the event feed cannot be followed")
            await asyncio.sleep(min(0.05 * 2.0 ** min(failures, 10), _LONGEST_PAUSE_SECONDS))
