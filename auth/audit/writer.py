"""The writer: takes entries in microseconds, and has them in the database within a second.

`record` only appends to a buffer in memory; a task writes what waits there, some hundred milliseconds after it came. If
the database is gone the buffer keeps the entries until it is back. What happens when the buffer is full is a setting:
refuse whatever would have to be recorded, so that nothing happens unseen, or go on and say later how many entries are
missing. What cannot be written at shutdown goes to a file, which the next writer reads (auth/audit/spill.py).
"""

import asyncio
import contextlib
import logging
from collections import deque
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal, Self
from uuid import UUID

import psycopg

from auth.audit.connection import AuditConnection, Connection
from auth.audit.entries import Entry, entries_lost
from auth.audit.insertion import INSERT, payload
from auth.audit.spill import Spill
from core.errors import RequestError

log = logging.getLogger(__name__)

# Entries in one statement. As soon as that many wait they are written at once.
BATCH = 500
# How long the first of a few entries waits for others to share its statement.
INTERVAL_SECONDS = 0.2
# How long a shutdown tries to reach the database before it writes to a file instead.
SHUTDOWN_SECONDS = 3.0
_LONGEST_PAUSE_SECONDS = 1.0

WhenFull = Literal["refuse", "continue"]


class AuditUnavailable(RequestError):
    """What is asked for has to be recorded, and cannot be: the audit log has no room while the database is gone."""

    def __init__(self) -> None:
        super().__init__("AUDIT_UNAVAILABLE", "the service cannot keep its audit log at the moment; try again later")


class AuditWriter:
    """Writes the audit log of one process. Use as an async context manager, or call `start` and `stop`."""

    def __init__(
        self, database_url: str, *, capacity: int = 10_000, when_full: WhenFull = "refuse", spill: Path | None = None
    ) -> None:
        """Keep up to `capacity` entries while the database is gone; `spill` is the folder for those left at the end."""
        self._connection = AuditConnection(database_url)
        self._spill = Spill(spill) if spill is not None else None
        self._capacity = capacity
        self._when_full = when_full
        self._waiting: deque[Entry] = deque()
        self._lost: tuple[int, datetime, datetime] | None = None
        self._some, self._many = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._stopping = False

    @property
    def waiting(self) -> int:
        """How many entries are not yet in the database."""
        return len(self._waiting)

    def record(self, entry: Entry) -> None:
        """Have an entry written within a second. Call it in the event loop, before the answer is sent.

        Raises AuditUnavailable when there is no room for it and the setting says to refuse: then do not do, or show,
        what the entry tells of.
        """
        waiting = self._waiting
        if len(waiting) >= self._capacity:
            self._overflow(entry)
            return
        waiting.append(entry)
        if len(waiting) == 1:
            self._some.set()
        elif len(waiting) == BATCH:
            self._many.set()

    async def flush(self) -> None:
        """Write all that was recorded so far. Raises psycopg.Error or TimeoutError; the entries are then still kept."""
        async with self._writing:
            remaining = len(self._waiting)
            while remaining > 0:
                batch = list(islice(self._waiting, min(BATCH, remaining)))
                async with self._connection.use() as connection:
                    await _write(connection, batch)
                # Only now: entries are in the buffer or in the database at every moment.
                for _ in batch:
                    self._waiting.popleft()
                remaining -= len(batch)
            if self._lost is not None:
                lost, self._lost = self._lost, None
                self.record(entries_lost(*lost))

    async def start(self) -> None:
        """Begin to write in the background."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write what is left, to the database or else to a file, and end."""
        self._stopping = True
        self._some.set()
        self._many.set()
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._task, SHUTDOWN_SECONDS)
            self._task = None
        with contextlib.suppress(psycopg.Error, OSError, TimeoutError):
            async with asyncio.timeout(SHUTDOWN_SECONDS):
                while self._waiting or self._lost:
                    await self.flush()
        await self._connection.close()
        # Nobody would write what came now.
        self._capacity, self._when_full = 0, "refuse"
        if self._lost is not None:
            self._waiting.append(entries_lost(*self._lost))
        if self._waiting:
            self._keep()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _overflow(self, entry: Entry) -> None:
        if self._when_full == "refuse":
            raise AuditUnavailable
        number, since, _ = self._lost or (0, entry.recorded_at, entry.recorded_at)
        self._lost = number + 1, since, entry.recorded_at

    async def _run(self) -> None:
        failures = 0
        while not self._stopping:
            try:
                if self._spill is not None:
                    await self._spill.restore(self._connection)
                await self._some.wait()
                if len(self._waiting) < BATCH:
                    await self._pause(INTERVAL_SECONDS)
                self._many.clear()
                await self.flush()
                failures = 0
            except (psycopg.Error, OSError, TimeoutError) as error:
                failures += 1
                if failures == 1:
                    log.warning("the audit log cannot be written and keeps its entries: %s", type(error).__name__)
                self._many.clear()
                await self._pause(min(0.1 * 2.0 ** min(failures, 10), _LONGEST_PAUSE_SECONDS))
            if not self._waiting and self._lost is None:
                self._some.clear()

    async def _pause(self, seconds: float) -> None:
        """Wait, unless many entries come or the end does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._many.wait()

    def _keep(self) -> None:
        try:
            if self._spill is None:
                raise OSError("there is no folder for them")
            self._spill.keep(payload(self._waiting))
            log.warning("the database is gone: %d entries of the audit log wait in a file", len(self._waiting))
            self._waiting.clear()
        except OSError as error:
            log.error("the database is gone: %d entries of the audit log are lost: %s", len(self._waiting), error)


async def _write(connection: Connection, entries: list[Entry]) -> None:
    try:
        await connection.execute(INSERT, (payload(entries),))
    except psycopg.errors.DataError:
        # One that the database cannot take must not hold up the others for good.
        for entry in entries:
            try:
                await connection.execute(INSERT, (payload([entry]),))
            except psycopg.errors.DataError as error:
                log.error("an entry of the audit log could only be written in part: %s", type(error).__name__)
                await connection.execute(INSERT, (payload([_bare(entry)]),))


def _bare(entry: Entry) -> Entry:
    """The entry without what a client may have had a hand in."""
    return Entry(
        entry.kind,
        entry.actor_kind,
        _uuid(entry.actor_id),
        _uuid(entry.session_id),
        request_id=_uuid(entry.request_id),
        details={"incomplete": True, "customers": len(entry.customer_ids)},
        id=entry.id,
        recorded_at=entry.recorded_at,
    )


def _uuid(value: str | None) -> str | None:
    try:
        return None if value is None else str(UUID(value))
    except ValueError:
        return None
