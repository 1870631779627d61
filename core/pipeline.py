"""Many statements in one round trip, straight on libpq (psycopg.pq).

psycopg's own `pipeline()` waits on the socket after every statement it queues; measured on the 360° query that is
more than half of the service's time. Here all statements are queued, one Sync is sent, and the results are read as
they come. psycopg still makes and closes connections, converts values both ways, and names the errors.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, OperationalError, pq
from psycopg.abc import Transformer as Conversion
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGresult

Row = tuple[Any, ...]
Statement = tuple[bytes, Sequence[Any]]

# Statements differ by the columns asked for; this many stay prepared on a connection before all are forgotten.
PREPARED_STATEMENTS = 500

_OK = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


class PipelinedConnection(AsyncConnection[Row]):
    """A connection whose `run` executes many statements in one round trip."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names: dict[bytes, bytes] = {}
        self._serial = 0
        self._values: Conversion | None = None

    async def run(self, first: bytes | None, statements: Sequence[Statement]) -> list[list[Row]]:
        """The rows of each of `statements` (`$1`, `$2` … bound to its values); `first` is executed before them.

        Raises psycopg.Error for the first statement that fails; those after it are not executed. If the caller is
        cancelled in between, the connection is closed, because its answers could not be told apart any more.
        """
        connection = self.pgconn
        if self.closed:
            raise OperationalError("the connection is closed")
        connection.nonblocking = 1
        connection.enter_pipeline_mode()
        try:
            wanted = self._queue(first, statements)
            await self._flush()
            results = await self._results()
            connection.exit_pipeline_mode()
        except BaseException:
            connection.finish()
            raise
        return self._rows(results, wanted)

    def _queue(self, first: bytes | None, statements: Sequence[Statement]) -> list[bool]:
        """Queue everything and the Sync. For each result to come: whether its rows are wanted."""
        connection, names = self.pgconn, self._names
        wanted: list[bool] = []
        if first is not None:
            connection.send_query_params(first, None)
            wanted.append(False)
        if len(names) + len(statements) > PREPARED_STATEMENTS:
            connection.send_query_params(b"deallocate all", None)
            wanted.append(False)
            names.clear()
        for sql, values in statements:
            name = names.get(sql)
            if name is None:
                self._serial += 1
                name = names[sql] = b"s%d" % self._serial
                connection.send_prepare(name, sql)
                wanted.append(False)
            connection.send_query_prepared(name, self._encoded(values), result_format=pq.Format.BINARY)
            wanted.append(True)
        connection.pipeline_sync()
        return wanted

    def _encoded(self, values: Sequence[Any]) -> list[Any]:
        """The values in PostgreSQL's text notation; every parameter is cast in the statement."""
        transformer = self._transformer()
        dumped = transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))
        return list(dumped)

    def _transformer(self) -> Conversion:
        if self._values is None:
            self._values = Transformer(self)
        return self._values

    async def _flush(self) -> None:
        connection = self.pgconn
        while connection.flush():
            # What the server already answers has to be taken in, or both sides could wait for the other.
            await self._ready(write=True)
            connection.consume_input()

    async def _results(self) -> list[PGresult]:
        """All results up to the Sync."""
        connection = self.pgconn
        results: list[PGresult] = []
        while True:
            await self._ready(write=False)
            connection.consume_input()
            while not connection.is_busy():
                result = connection.get_result()
                if result is None:
                    continue
                if result.status == pq.ExecStatus.PIPELINE_SYNC:
                    return results
                results.append(result)

    async def _ready(self, *, write: bool) -> None:
        loop = asyncio.get_running_loop()
        socket = self.pgconn.socket
        if socket < 0:
            raise OperationalError("the connection is closed")
        ready = loop.create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        loop.add_reader(socket, wake)
        if write:
            loop.add_writer(socket, wake)
        try:
            await ready
        finally:
            loop.remove_reader(socket)
            if write:
                loop.remove_writer(socket)

    def _rows(self, results: list[PGresult], wanted: list[bool]) -> list[list[Row]]:
        transformer = self._transformer()
        found: list[list[Row]] = []
        for result, is_wanted in zip(results, wanted, strict=False):
            if result.status not in _OK:
                # Which statements were prepared before it and which were not: let them all be prepared anew.
                self._names.clear()
                raise error_from_result(result, encoding="utf-8")
            if is_wanted:
                transformer.set_pgresult(result, set_loaders=True, format=pq.Format.BINARY)
                found.append(transformer.load_rows(0, result.ntuples, tuple))
        return found
