"""The rejects file: the rows that were refused, as they stood, with their line, columns and reasons in front.

It has the dialect of the imported file and keeps its columns, so a corrected rejects file can itself be imported.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from core.errors import StartError
from imports.files.table import REJECT_COLUMNS, Row
from imports.mapping.structure import FileFormat


class RejectsFile:
    """Writes refused rows to `path`; without a path it only counts. Use as a context manager.

    Raises StartError when the file cannot be written.
    """

    def __init__(self, path: Path | None, form: FileFormat, header: list[str]) -> None:
        self.count = 0
        self._text: TextIO | None = None
        # An imported rejects file has these columns already; they are replaced.
        self._kept = [number for number, name in enumerate(header) if name not in REJECT_COLUMNS]
        self._width = len(header)
        if path is None:
            return
        try:
            self._text = path.open("w", encoding=form.encoding, errors="surrogateescape", newline="")
        except OSError as error:
            raise StartError(f"{path}: cannot be written: {error.strerror or error}") from None
        self._writer = csv.writer(self._text, delimiter=form.delimiter, quotechar=form.quote, escapechar=None)
        self._writer.writerow([*REJECT_COLUMNS, *(header[number] for number in self._kept)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._text is not None:
            self._text.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Add refused rows, in the order of their lines."""
        for row in sorted(rows, key=lambda row: row.line):
            self.count += 1
            if self._text is None:
                continue
            cells = [row.cells[n] for n in self._kept] if len(row.cells) == self._width else row.cells
            columns = dict.fromkeys(reason.column for reason in row.reasons if reason.column)
            reasons = dict.fromkeys(_sentence(reason.column, reason.text) for reason in row.reasons)
            self._writer.writerow([str(row.line), "; ".join(columns), "; ".join(reasons), *cells])
        if self._text is not None:
            self._text.flush()


def _sentence(column: str, text: str) -> str:
    return f"{column}: {text}" if column else text
