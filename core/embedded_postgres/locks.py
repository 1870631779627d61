"""File locks (flock): the kernel drops them when their holder ends, even by SIGKILL."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from core.embedded_postgres.deadline import Deadline
from core.embedded_postgres.layout import open_private


class FileLock:
    """A lock that is held from the moment the object exists until `close`.

    The lock belongs to the open file, not to the process: a child that inherits the descriptor holds the same lock,
    and it is free only when all of them have closed it. Therefore it is never unlocked, only closed.
    """

    def __init__(self, descriptor: int) -> None:
        """Take over an open and locked file descriptor; use `attempt` or `wait` instead."""
        self._descriptor: int | None = descriptor

    @classmethod
    def attempt(cls, path: Path, *, shared: bool = False) -> Self | None:
        """Lock `path` (made if missing), or return None at once if another holder is in the way.

        Raises OSError when the file cannot be opened or its file system knows no locks.
        """
        descriptor = open_private(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor)

    @classmethod
    def wait(cls, path: Path, deadline: Deadline, *, shared: bool = False) -> Self:
        """Like `attempt`, but wait for the other holders; raises EmbeddedPostgresError after the deadline."""
        while (lock := cls.attempt(path, shared=shared)) is None:
            deadline.pause(f"other processes that hold {path}")
        return lock

    def is_on(self, path: Path) -> bool:
        """Whether this is (still) the lock of `path`, and not of a file that has been deleted since."""
        try:
            return self._descriptor is not None and os.path.samestat(os.fstat(self._descriptor), path.stat())
        except FileNotFoundError:
            return False

    def fileno(self) -> int:
        """The descriptor, for handing the lock to a child process; raises ValueError after `close`."""
        if self._descriptor is None:
            raise ValueError("the lock is closed")
        return self._descriptor

    def close(self) -> None:
        """Let go of the lock; harmless when done twice."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
