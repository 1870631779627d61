"""What lies where below the root folder."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The names inside one root folder (an absolute, resolved path)."""

    root: Path

    @property
    def data(self) -> Path:
        """The cluster's data folder; it appears complete or not at all."""
        return self.root / "pgdata"

    @property
    def new_data(self) -> Path:
        """Where initdb works until the cluster is complete; anything found here is left over and worthless."""
        return self.root / "pgdata.new"

    @property
    def log(self) -> Path:
        """What the server and its watcher write."""
        return self.root / "server.log"

    @property
    def start_lock(self) -> Path:
        """Held exclusively by the process that is starting the server."""
        return self.root / "start.lock"

    @property
    def clients_lock(self) -> Path:
        """Held shared by every client; held exclusively by a watcher that is stopping the server."""
        return self.root / "clients.lock"

    @property
    def watcher_lock(self) -> Path:
        """Held exclusively by the watcher for as long as it lives."""
        return self.root / "watcher.lock"

    @property
    def sockets(self) -> Path:
        """The folder of the server's Unix socket, unless its path is too long for one (see `sockets`)."""
        return self.root / "sock"

    @property
    def sockets_record(self) -> Path:
        """A file naming the socket folder in use when it is not `sockets`."""
        return self.root / "sock.path"


def open_private(path: Path, flags: int) -> int:
    """Open a lock or log file of ours, made with mode 0600 if it is not there; returns the file descriptor.

    Symbolic links are refused (OSError), because root may be opening files in another user's folder. A file that
    root makes there is given to that user, who can then start the server without root.
    """
    flags |= os.O_CLOEXEC | os.O_NOFOLLOW
    while True:
        try:
            return os.open(path, flags)
        except FileNotFoundError:
            pass
        try:
            descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue  # Another process made it between our two looks.
        if os.geteuid() == 0:
            folder = path.parent.stat()
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
        return descriptor
