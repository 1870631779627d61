"""Many statements in one round trip, straight on libpq (psycopg.pq).

psycopg's own `pipeline()` waits on the socket after every statement it queues; measured on the 360° query that is
more than half of the service's time. Here all statements are queued, one Sync is sent, and the results are read as
they come. psycopg still makes and closes connections, converts values both ways, and names the errors.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, DataError, Error, OperationalError, pq
from psycopg.abc import Transformer as Conversion
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGresult

log = logging.getLogger(__name__)

Row = tuple[Any, ...]
Statement = tuple[bytes, Sequence[Any]]

# Statements differ by the columns asked for; this many stay prepared on a connection before all are forgotten.
PREPARED_STATEMENTS = 500

# How long the server may take to accept that a statement is cancelled.
_CANCEL_SECONDS = 2.0

_OK = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


def _array(items: list[str]) -> str:
    """A list of strings in PostgreSQL's notation of an array."""
    if not items:
        return "{}"
    text = '","'.join(items)
    # Quotes are only those just put in, and nothing is to be escaped: the usual case, since most items are ids.
    if "\\" in text or text.count('"') != 2 * (len(items) - 1):
        text = '","'.join(item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return f'{{"{text}"}}'


class PipelinedConnection(AsyncConnection[Row]):
    """A connection whose `run` executes many statements in one round trip."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names: dict[bytes, bytes] = {}
        self._serial = 0
        self._values: Conversion | None = None

    async def run(
        self, first: bytes | None, statements: Sequence[Statement], last: bytes | None = None
    ) -> list[list[Row]]:
        """The rows of each of `statements` (`$1`, `$2` … bound to its values), executed between `first` and `last`.

        Raises psycopg.Error for the first statement that fails; those after it are not executed. If the caller is
        cancelled in between, so are the statements, and the connection is closed, because its answers could not be told
        apart any more.
        """
        connection = self.pgconn
        if self.closed:
            raise OperationalError("the connection is closed")
        # Values that cannot be sent must be found before anything is queued.
        queries = [(sql, [self._encoded(value) for value in values]) for sql, values in statements]
        connection.nonblocking = 1
        connection.enter_pipeline_mode()
        try:
            wanted = self._queue(first, queries, last)
            results = await self._exchange()
            connection.exit_pipeline_mode()
        except asyncio.CancelledError:
            await self._stop()
            connection.finish()
            raise
        except BaseException:
            connection.finish()
            raise
        return self._rows(results, wanted)

    async def _stop(self) -> None:
        """Let the server stop what it does for this connection; it would go on, with nobody to answer to."""
        try:
            await self.cancel_safe(timeout=_CANCEL_SECONDS)
        except Error as error:
            log.warning("a statement could not be cancelled: %s", type(error).__name__)

    def _queue(
        self, first: bytes | None, queries: list[tuple[bytes, list[bytes | None]]], last: bytes | None
    ) -> list[bool]:
        """Queue everything and the Sync. For each result to come: whether its rows are wanted."""
        connection, names = self.pgconn, self._names
        wanted: list[bool] = []
        if first is not None:
            connection.send_query_params(first, None)
            wanted.append(False)
        if len(names) + len(queries) > PREPARED_STATEMENTS:
            connection.send_query_params(b"deallocate all", None)
            wanted.append(False)
            names.clear()
        for sql, values in queries:
            name = names.get(sql)
            if name is None:
                self._serial += 1
                name = names[sql] = b"s%d" % self._serial
                connection.send_prepare(name, sql)
                wanted.append(False)
            connection.send_query_prepared(name, values, result_format=pq.Format.BINARY)
            wanted.append(True)
        if last is not None:
            connection.send_query_params(last, None)
            wanted.append(False)
        connection.pipeline_sync()
        return wanted

    def _encoded(self, value: Any) -> bytes | None:
        """A value in PostgreSQL's text notation; every parameter is cast in the statement.

        Strings and lists of strings, which nearly all parameters are, do without psycopg's general way.
        """
        if type(value) is list and all(type(item) is str for item in value):
            text = _array(value)
        elif type(value) is str:
            text = value
        else:
            dumped = self._transformer().dump_sequence([value], [PyFormat.TEXT])[0]
            return None if dumped is None else bytes(dumped)
        if "\0" in text:
            raise DataError("PostgreSQL text cannot contain NUL (0x00) bytes")
        try:
            return text.encode()
        except UnicodeEncodeError:
            raise DataError("a string is not valid Unicode") from None

    def _transformer(self) -> Conversion:
        if self._values is None:
            self._values = Transformer(self)
        return self._values

    async def _exchange(self) -> list[PGresult]:
        """Send what is queued; all results up to the Sync."""
        connection = self.pgconn
        loop = asyncio.get_running_loop()
        socket = connection.socket
        if socket < 0:
            raise OperationalError("the connection is closed")
        ready: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        unsent = connection.flush()
        loop.add_reader(socket, wake)
        try:
            while unsent:
                # What the server already answers has to be taken in, or both sides could wait for the other.
                loop.add_writer(socket, wake)
                await ready
                loop.remove_writer(socket)
                ready = loop.create_future()
                connection.consume_input()
                unsent = connection.flush()
            results: list[PGresult] = []
            while True:
                await ready
                ready = loop.create_future()
                connection.consume_input()
                while not connection.is_busy():
                    result = connection.get_result()
                    if result is None:
                        # Between two statements; or for ever, when the server said why it goes and went.
                        if connection.status == pq.ConnStatus.BAD:
                            raise OperationalError("the connection was lost")
                        continue
                    if result.status == pq.ExecStatus.PIPELINE_SYNC:
                        return results
                    results.append(result)
        finally:
            loop.remove_reader(socket)
            if unsent:
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
