"""Rows to PostgreSQL by COPY, from values that are texts already ("" stands for NULL)."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import sql

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_text(rows: Sequence[Sequence[str]]) -> str:
    """The COPY text of rows of equal length.

    Hardly any row holds a character to escape, so they are looked for in the whole text at once, by counting the
    separators where they can be mistaken for it.
    """
    text = "\n".join(["\t".join(row) for row in rows])
    separators = len(rows) * (len(rows[0]) - 1) if rows else 0
    if "\\" in text or "\r" in text or text.count("\n") >= len(rows) or text.count("\t") > separators:
        text = "\n".join(["\t".join([value.translate(_ESCAPES) for value in row]) for row in rows])
    return text


def copy_rows(
    connection: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Append rows to `table`; columns not named get their defaults."""
    if not rows:
        return
    statement = sql.SQL("copy {} ({}) from stdin with (null '')").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(copy_text(rows) + "\n")


class CopyQueue:
    """COPYs that run in the background, one after the other, while the rows of the next are made.

    As they share the connection, nothing else may use it before `flush`. Use as a context manager.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="import-copy")
        self._running: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._worker.shutdown(cancel_futures=True)

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Append rows to `table`, in the background."""
        if rows:
            self._running.append(self._worker.submit(copy_rows, self._connection, table, columns, rows))

    def flush(self) -> None:
        """Wait until all is written. Raises the first error; those after it only follow from it."""
        running = self.settle()
        for copying in running:
            copying.result()

    def settle(self) -> list[Future[None]]:
        """Wait until nothing is running any more, whether it went well or not."""
        running, self._running = self._running, []
        wait(running)
        return running
