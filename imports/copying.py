"""Rows into PostgreSQL by COPY: one writer for each table, compiled from the table's columns.

A `TableWriter` is called with the row's columns as keywords, `customers(id=…, kind=…)`, and keeps the row as one line
of COPY text. Writing a line is one call of a function made for the table: no loop over columns, no look at types. An
unknown or a missing column is a TypeError where it happens.

Text and not binary. Measured for a row of `events`: PostgreSQL reads binary in 1.6 µs and text in 3.2, Python writes
binary in 2.4 µs and text in 1.9. So binary would save one microsecond of some fifteen that a row takes with its indexes
and foreign keys; for that, every type would need its packing (numeric: digits to the base 10000), and nobody could read
what is sent.

How the values of a kind of column become text is given as an expression per kind (`Encoding`). `PYTHON` takes the
types psycopg returns; the demo world has its own for its compact days, moments and amounts.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, LargeBinary, Numeric, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from models.base import ChoiceText

NULL = "\\N"

_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def plain(value: str) -> str:
    """The string with what COPY text would misread escaped."""
    if value.isprintable() and "\\" not in value:
        return value
    return value.translate(_SPECIAL)


def json_text(value: Mapping[str, Any]) -> str:
    """The JSON of a mapping, escaped for COPY text."""
    return orjson.dumps(value).decode().replace("\\", "\\\\") if value else "{}"


@dataclass(frozen=True, slots=True)
class Encoding:
    """An expression for each kind of column that makes COPY text from `{0}`, and the names the expressions use."""

    uuid: str
    text: str
    binary: str
    choice: str
    integer: str
    decimal: str
    boolean: str
    date: str
    moment: str
    json: str
    names: Mapping[str, Any]


# Hexadecimal, with the backslash that COPY text wants doubled.
BINARY = "'\\\\\\\\x' + {0}.hex()"

PYTHON = Encoding(
    uuid="{0}.hex",
    text="plain({0})",
    binary=BINARY,
    choice="{0}",
    integer="str({0})",
    decimal="str({0})",
    boolean="('t' if {0} else 'f')",
    date="{0}.isoformat()",
    moment="{0}.isoformat()",
    json="json_text({0})",
    names={"plain": plain, "json_text": json_text},
)


class TableWriter:
    """Keeps rows of one table as lines of COPY text until they are taken."""

    def __init__(self, table: Table, encoding: Encoding = PYTHON, leave_out: Collection[str] = ()) -> None:
        """Compile the writer; columns in `leave_out`, and computed ones, are left to the database."""
        self.table = table.name
        self.columns = [c for c in table.columns if c.computed is None and c.name not in leave_out]
        self.lines: list[str] = []
        self.add = self._compile(encoding)

    @property
    def statement(self) -> str:
        """The COPY statement that reads what `take` gives."""
        return f"copy {self.table} ({', '.join(column.name for column in self.columns)}) from stdin"

    def take(self) -> tuple[int, bytes]:
        """Number of rows since the last call, and their COPY text.

        Sorted: a line begins with its row's time-ordered id, so the rows go in by age and neighbours in an index are
        written together.
        """
        self.lines.sort()
        count = len(self.lines)
        data = ("\n".join(self.lines) + "\n").encode() if count else b""
        self.lines.clear()
        return count, data

    def _compile(self, encoding: Encoding) -> Callable[..., None]:
        parameters = ", ".join(_parameter(column) for column in self.columns)
        values = ", ".join(_value(column, encoding) for column in self.columns)
        source = f"def add(*, {parameters}):\n    append('\\t'.join(({values},)))\n"
        names: dict[str, Any] = {**encoding.names, "NULL": NULL, "append": self.lines.append}
        # The source is made of our own column names and expressions; no value ever gets into it.
        exec(compile(source, f"<COPY {self.table}>", "exec"), names)  # noqa: S102  # nosec B102
        add: Callable[..., None] = names["add"]
        return add


def _parameter(column: Column[Any]) -> str:
    if column.nullable or isinstance(column.type, JSONB):
        return f"{column.name}=None"
    default = column.default
    if isinstance(default, ScalarElementColumnDefault) and isinstance(default.arg, int):
        return f"{column.name}={default.arg!r}"
    return column.name


def _value(column: Column[Any], encoding: Encoding) -> str:
    expression = getattr(encoding, _kind(column)).format(column.name)
    if isinstance(column.type, JSONB):
        return f"('{{}}' if {column.name} is None else {expression})"
    return f"(NULL if {column.name} is None else {expression})" if column.nullable else str(expression)


def _kind(column: Column[Any]) -> str:
    for kind, types in (
        ("uuid", Uuid),
        ("binary", LargeBinary),
        ("choice", ChoiceText),
        ("boolean", Boolean),
        ("integer", (Integer, BigInteger)),
        ("decimal", Numeric),
        ("date", Date),
        ("moment", DateTime),
        ("json", JSONB),
    ):
        if isinstance(column.type, types):
            return kind
    return "text"


def copy_in(connection: psycopg.Connection[Any], parts: Iterable[tuple[str, bytes]]) -> None:
    """Run COPY statements with their data in the given order, in the connection's transaction."""
    with connection.cursor() as cursor:
        for statement, data in parts:
            if data:
                with cursor.copy(statement) as copy:
                    copy.write(data)
