"""Two transactions on connections of their own, their statements mixed in a given order, as two users would send them.

A statement that waits for the other transaction's lock is left waiting, and what its transaction would send next
waits behind it.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import psycopg

Connection = psycopg.AsyncConnection[Any]

# Well above what a statement takes that waits for nothing.
_POLL_SECONDS = 0.002


@dataclass
class Transaction:
    """A transaction under way: the statements it has still to send, and the one it is at."""

    connection: Connection
    statements: deque[str]
    running: "asyncio.Task[None] | None" = None
    failed: BaseException | None = None
    rows: list[Any] = field(default_factory=list)

    async def _send(self, statement: str) -> None:
        try:
            await self.connection.execute(statement.encode())
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
            self.failed = error
            self.statements.clear()
            await self.connection.rollback()

    def next(self) -> None:
        """Send the next statement."""
        if self.statements:
            self.running = asyncio.create_task(self._send(self.statements.popleft()))

    @property
    def busy(self) -> bool:
        """Whether a statement is still running."""
        return self.running is not None and not self.running.done()


async def _settled(one: Transaction, watcher: Connection) -> None:
    """Wait until the transaction's statement is done, or waits for a lock."""
    while one.busy:
        assert one.running
        await asyncio.wait({one.running}, timeout=_POLL_SECONDS)
        if one.busy:
            pid = one.connection.info.backend_pid
            row = await (await watcher.execute("select cardinality(pg_blocking_pids(%s)) > 0", (pid,))).fetchone()
            if row and row[0]:
                return
    if one.running:
        one.running.result()


async def interleave(url: str, first: list[str], second: list[str], order: list[int]) -> list[BaseException | None]:
    """Run two lists of statements as two transactions, sent in the order that 0s and 1s tell.

    Returns what ended each of them, if it was not its commit. A deadlock ends the one that PostgreSQL chooses.
    """
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as watcher:
        connections = [await psycopg.AsyncConnection.connect(url) for _ in range(2)]
        try:
            for connection in connections:
                await connection.execute("set deadlock_timeout = '20ms'")
                await connection.commit()
            both = [
                Transaction(connection, deque([*statements, "commit"]))
                for connection, statements in zip(connections, (first, second), strict=True)
            ]
            for number in [*order, *(0, 1) * (len(first) + len(second) + 2)]:
                one = both[number]
                if one.busy:
                    await _settled(one, watcher)
                if not one.busy:
                    one.next()
                    await _settled(one, watcher)
            for one in both:
                while one.busy or one.statements:
                    if one.running:
                        await one.running
                    one.next()
                if one.running:
                    await one.running
            return [one.failed for one in both]
        finally:
            for connection in connections:
                await connection.close()
