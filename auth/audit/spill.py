"""Entries that found no database at shutdown: kept in files until the next start."""

import logging
import os
from pathlib import Path

import psycopg

from auth.audit.connection import AuditConnection
from auth.audit.insertion import INSERT
from core.ids import new_id

log = logging.getLogger(__name__)

_SUFFIX = ".entries.json"


class Spill:
    """A folder of such files. Each is the parameter of one INSERT, so reading one twice does no harm."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left: list[Path] | None = None

    def keep(self, entries: str) -> None:
        """Write a file that is complete or not there, and that only the service's user can read. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{new_id()}{_SUFFIX}"
        part = self._folder / f"{name}.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(entries)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._folder / name)

    async def restore(self, connection: AuditConnection) -> None:
        """Write what earlier processes left, and remove their files. Raises psycopg.Error or OSError."""
        if self._left is None:
            self._left = sorted(self._folder.glob(f"*{_SUFFIX}")) if self._folder.is_dir() else []
        while self._left:
            # Another process may be doing the same: then the entries are there already, and the file is gone.
            try:
                entries = self._left[0].read_text("utf-8")
            except FileNotFoundError:
                entries = "[]"
            try:
                async with connection.use() as database:
                    await database.execute(INSERT, (entries,))
            except psycopg.errors.DataError:
                # Not as we wrote it. It stays for a person to look at, and does not keep the rest from being written.
                log.error("a file of audit entries cannot be read: %s", self._left[0])
            else:
                self._left[0].unlink(missing_ok=True)
            self._left.pop(0)
