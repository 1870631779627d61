"""Several workers and the one process that looks after them, with a folder in which they share their metrics."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from socket import socket

from prometheus_client.multiprocess import mark_process_dead
from uvicorn import Config
from uvicorn.supervisors import Multiprocess

# The Prometheus client looks for it when it is imported: from then on its numbers live in files of this folder.
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX = "c360-metrics-"


class Supervisor(Multiprocess):
    """Starts the workers and replaces those that die; their share of the metrics that are of the living ends then."""

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self._living: set[int | None] = set()

    def keep_subprocess_alive(self) -> None:
        """Called twice a second."""
        super().keep_subprocess_alive()
        living = {process.pid for process in self.processes}
        if _FOLDER in os.environ:
            for pid in self._living - living:
                mark_process_dead(pid)  # type: ignore[no-untyped-call]
        self._living = living


@contextlib.contextmanager
def shared_metrics() -> Iterator[None]:
    """A temporary folder for the metrics of all processes started meanwhile; gone at the end."""
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder:
        os.environ[_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[_FOLDER]


def remove_shared_metrics() -> None:
    """Remove that folder in the place of a supervisor that was killed. A folder that is not ours is left alone."""
    folder = os.environ.get(_FOLDER)
    if folder and Path(folder).name.startswith(_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
