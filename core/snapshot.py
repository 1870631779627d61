"""Reading: one operation sees one moment of the database, over one connection, a round trip per level.

A `Snapshot` takes a connection from the pool at its first read, opens a read-only REPEATABLE READ transaction in the
same round trip, and sends all statements asked for in one tick of the event loop together (PostgreSQL pipeline mode).
"""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from core.pipeline import PipelinedConnection, Row, Statement
from core.scope import as_partner

log = logging.getLogger(__name__)

Pool = AsyncConnectionPool[PipelinedConnection]

_BEGIN = b"begin transaction isolation level repeatable read read only"
_END = b"rollback"

# A batch is sent once this many turns of the event loop have brought nothing new: a loader hands its batch over
# some turns after its keys were asked for, and siblings of one level must travel together.
_QUIET_TURNS = 4


class Snapshot:
    """One operation's view of the database. Not for sharing between operations.

    `partner_id` is the partner (a UUID) whose book it shows, where the pool's role is the partners'.
    `statements`, `round_trips` and `rows` count what was sent and what came so far, without the end of the transaction,
    which travels with the last statements or is sent after the result is complete. Use as an async context manager, or
    call `close`.
    """

    def __init__(self, pool: Pool, partner_id: str | None = None) -> None:
        self._pool = pool
        self.partner_id = partner_id
        self._connection: PipelinedConnection | None = None
        self._waiting: list[tuple[bytes, Sequence[Any], asyncio.Future[list[Row]]]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()
        self._closed = False
        self._ended = False
        self.statements = 0
        self.round_trips = 0
        self.rows = 0

    async def __aenter__(self) -> "Snapshot":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def fetch(self, sql: bytes, parameters: Sequence[Any]) -> Awaitable[list[Row]]:
        """Rows of a statement with `$1`, `$2` … bound to `parameters`; sent with all others of this tick.

        Raises psycopg.Error when PostgreSQL refuses or is gone, CancelledError when the snapshot is closed first.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Row]] = loop.create_future()
        if self._closed:
            future.cancel()
            return future
        self._waiting.append((sql, parameters, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._wait_for_quiet, loop, 1, _QUIET_TURNS)
        return future

    async def run(self, batch: list[Statement], *, last: bool = False) -> list[list[Row]]:
        """The rows of several statements, sent at once in one round trip. Raises psycopg.Error.

        The `last` round trip ends the transaction; a read after it would see another moment of the database, and
        raises RuntimeError.
        """
        async with self._lock:
            return await self._send(batch, last=last)

    def _wait_for_quiet(self, loop: asyncio.AbstractEventLoop, seen: int, turns: int) -> None:
        waiting = len(self._waiting)
        if self._closed:
            return
        if waiting != seen:
            loop.call_soon(self._wait_for_quiet, loop, waiting, _QUIET_TURNS)
        elif turns:
            loop.call_soon(self._wait_for_quiet, loop, waiting, turns - 1)
        else:
            batch, self._waiting = self._waiting, []
            task = loop.create_task(self._run(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, batch: list[tuple[bytes, Sequence[Any], asyncio.Future[list[Row]]]]) -> None:
        try:
            results = await self.run([(sql, parameters) for sql, parameters, _ in batch])
        except BaseException as error:
            for _, _, future in batch:
                if not future.done():
                    future.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for (_, _, future), rows in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(rows)

    async def _send(self, batch: list[Statement], *, last: bool) -> list[list[Row]]:
        if self._ended:
            raise RuntimeError("the snapshot has ended")
        connection = self._connection
        if connection is not None:
            results = await self._read(connection, batch, begin=False, last=last)
        else:
            connection, results = await self._begin(batch, last=last)
            self._connection = connection
        self._ended = last
        return results

    async def _begin(self, batch: list[Statement], *, last: bool) -> tuple[PipelinedConnection, list[list[Row]]]:
        """A connection, with the snapshot's transaction begun on it, and the rows of its first statements."""
        connection = await self._pool.getconn()
        try:
            results = await self._read(connection, batch, begin=True, last=last)
        except psycopg.OperationalError:
            # The server may have been restarted since the connection was made. Nothing has been read yet, so let the
            # pool throw out its dead connections and try once more.
            broken = connection.closed
            await self._give_back(connection)
            if not broken:
                raise
            await self._pool.check()
            connection = await self._pool.getconn()
            try:
                results = await self._read(connection, batch, begin=True, last=last)
            except BaseException:
                await self._give_back(connection)
                raise
        except BaseException:
            await self._give_back(connection)
            raise
        return connection, results

    async def _read(
        self, connection: PipelinedConnection, batch: list[Statement], *, begin: bool, last: bool
    ) -> list[list[Row]]:
        first, end = _BEGIN if begin else None, _END if last else None
        if begin and self.partner_id is not None:
            # Within the transaction and no longer: the next operation on the connection may be another partner's.
            rows = (await connection.run(first, [as_partner(self.partner_id), *batch], end))[1:]
        else:
            rows = await connection.run(first, batch, end)
        self.statements += len(batch)
        self.round_trips += 1
        self.rows += sum(map(len, rows))
        return rows

    async def _give_back(self, connection: PipelinedConnection) -> None:
        try:
            if not connection.closed and not self._ended:
                await connection.run(_END, [])
        except psycopg.Error:
            log.warning("a database connection was lost while it was given back")
        finally:
            await self._pool.putconn(connection)

    async def abandon(self) -> None:
        """Close without waiting for what is being read: it is cancelled on the server, and the connection closed."""
        self._closed = True
        for task in self._running:
            task.cancel()
        await self.close()

    async def close(self) -> None:
        """End the transaction and give the connection back.

        Reads that were asked for and not yet sent are cancelled: an operation may end while some of its loaders have
        just got their keys, and nobody would give back the connection they would take.
        """
        self._closed = True
        for _, _, future in self._waiting:
            future.cancel()
        self._waiting.clear()
        if self._running:
            await asyncio.wait(self._running)
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._give_back(connection)
