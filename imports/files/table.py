"""Reading the CSV: one row at a time, each with its line number and what is wrong with its form."""

import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TextIO

from core.errors import StartError
from imports.mapping.structure import FileFormat, Mapping

REJECT_COLUMNS = ("reject_line", "reject_column", "reject_reason")

# A physical line longer than this is no line of a table; without the bound it would be read into memory whole.
MAX_LINE = 2_000_000

# What a byte that cannot be decoded becomes (errors="surrogateescape"), so that it can be written back as it was.
_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is refused: the column at fault ("" for the whole row) and the reason in words."""

    column: str
    text: str


@dataclass(slots=True)
class Row:
    """A row of the CSV: the number of its first line, its cells as they stand, and what is wrong with it."""

    line: int
    cells: list[str]
    reasons: list[Reason] = field(default_factory=list)


class Table:
    """A CSV file opened for reading: `header`, then the rows by iterating. Use as a context manager.

    Raises StartError on opening when the file cannot be read, is empty, or its header does not fit the mapping.
    """

    def __init__(self, path: Path, mapping: Mapping) -> None:
        self._path = path
        self._form = mapping.file
        self._bytes, self._text = _open(path, mapping.file)
        self.size = os.fstat(self._bytes.fileno()).st_size
        self._read: list[str] = []
        dialect = {"delimiter": mapping.file.delimiter, "quotechar": mapping.file.quote}
        self._reader = csv.reader(self._lines(), strict=True, **dialect)  # type: ignore[arg-type]
        try:
            self.header = self._header()
            _check_header(path, self.header, mapping)
        except BaseException:
            self._text.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._text.close()

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return min(self._bytes.tell(), self.size)

    def __iter__(self) -> Iterator[Row]:
        width = len(self.header)
        while True:
            line = self._reader.line_num + 1
            self._read.clear()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._unreadable(line, error)
                continue
            if not cells:
                continue
            row = Row(line, cells)
            if len(cells) != width:
                row.reasons.append(Reason("", f"has {len(cells)} columns, the header has {width}"))
            self._check_characters(row)
            yield row

    def _check_characters(self, row: Row) -> None:
        joined = "".join(row.cells)
        if joined.isascii() and "\0" not in joined:
            return
        for number, cell in enumerate(row.cells):
            name = self.header[number] if number < len(self.header) else ""
            if "\0" in cell:
                row.reasons.append(Reason(name, "holds a NUL byte"))
            if _UNDECODED.search(cell):
                row.reasons.append(Reason(name, f"is not valid {self._form.encoding} text"))

    def _unreadable(self, line: int, error: csv.Error) -> Row:
        last = self._reader.line_num
        what = f"line {line}" if last <= line else f"lines {line} to {last}"
        # The text goes to the rejects whole, in one cell, so that nothing of it is lost.
        return Row(line, ["".join(self._read).rstrip("\r\n")], [Reason("", f"{what} cannot be read as CSV: {error}")])

    def _lines(self) -> Iterator[str]:
        while True:
            try:
                line = self._text.readline(MAX_LINE)
            except UnicodeError:
                raise StartError(f"{self._path}: is not {self._form.encoding} text; see encoding in [file]") from None
            if not line:
                return
            if len(line) == MAX_LINE and not line.endswith("\n"):
                raise StartError(f"{self._path}: has a line of more than {MAX_LINE:,} characters; is it a CSV file?")
            self._read.append(line)
            yield line

    def _header(self) -> list[str]:
        try:
            header = next((cells for cells in self._reader if cells), None)
        except csv.Error as error:
            raise StartError(f"{self._path}: the header cannot be read as CSV: {error}") from None
        if header is None:
            raise StartError(f"{self._path}: is empty; expected a header line with the columns' names")
        return [name.strip() for name in header]


def _open(path: Path, form: FileFormat) -> tuple[BinaryIO, TextIO]:
    # A byte order mark belongs to no column's name.
    encoding = "utf-8-sig" if form.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else form.encoding
    try:
        binary = path.open("rb")
        return binary, io.TextIOWrapper(binary, encoding=encoding, errors="surrogateescape", newline="")
    except OSError as error:
        raise StartError(f"{path}: cannot be read: {error.strerror or error}") from None


def _check_header(path: Path, header: list[str], mapping: Mapping) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise StartError(f"{path}: the header names {_quoted(twice)} more than once")
    used = mapping.columns()
    missing = [name for name in used if name not in header]
    if missing:
        raise StartError(f"{path}: has no column {_quoted(missing)}, which the mapping uses; it has {_quoted(header)}")
    known = {*used, *mapping.file.ignore, *REJECT_COLUMNS}
    loose = [name for name in header if name not in known]
    if loose:
        raise StartError(
            f"{path}: the mapping does not use {_quoted(loose)}; map the column or list it under ignore in [file]"
        )


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
