"""The audit log's own connection: neither a full pool nor a reader's time-out keeps entries from being written."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import psycopg
from psycopg.rows import TupleRow

Connection = psycopg.AsyncConnection[TupleRow]

# After so long without an answer the server counts as gone, also where the network swallows everything.
PATIENCE_SECONDS = 15.0

_OPTIONS = "-c timezone=UTC -c statement_timeout=0 -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"


async def connect(database_url: str) -> Connection:
    """A new connection for the audit log. Raises psycopg.OperationalError."""
    return await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, connect_timeout=5, application_name="c360 audit", options=_OPTIONS
    )


class AuditConnection:
    """One connection, made when it is needed and made anew after it broke; one user at a time."""

    def __init__(self, database_url: str, patience: float = PATIENCE_SECONDS) -> None:
        """`patience` is how many seconds one use may take."""
        self._database_url = database_url
        self._patience = patience
        self._connection: Connection | None = None
        self._lock = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def use(self) -> AsyncIterator[Connection]:
        """The connection. Raises psycopg.Error, and TimeoutError when the server does not answer."""
        async with self._lock, asyncio.timeout(self._patience):
            if self._connection is None:
                self._connection = await connect(self._database_url)
            try:
                yield self._connection
            except psycopg.errors.DataError:
                raise
            except BaseException:
                # Whatever it was in the midst of, a new connection begins afresh.
                await self._discard()
                raise

    async def close(self) -> None:
        """Close the connection, once nobody uses it."""
        async with self._lock:
            await self._discard()

    async def _discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                await connection.close()
