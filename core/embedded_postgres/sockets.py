"""Where the server's Unix socket lies: below the root folder, or elsewhere when that path is too long for one."""

import os
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

from core.embedded_postgres.cluster import DATABASE, SUPERUSER
from core.embedded_postgres.errors import EmbeddedPostgresError
from core.embedded_postgres.identity import ServerUser, can_enter, give_to
from core.embedded_postgres.layout import Layout
from core.embedded_postgres.settings import PORT

# The kernel's limit is 107 bytes on Linux and 103 on macOS; one limit, so that a folder behaves the same on both.
_LONGEST_SOCKET_PATH = 103


def socket_file(folder: Path) -> Path:
    """The socket inside a socket folder; PostgreSQL fixes its name."""
    return folder / f".s.PGSQL.{PORT}"


def server_uri(folder: Path) -> str:
    """The libpq URI of the superuser on our database, by way of a socket folder."""
    return f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(os.fsencode(folder), safe='/')}&port={PORT}"


def current_folder(layout: Layout) -> Path:
    """The socket folder that the running server uses."""
    try:
        # Recorded, not computed: the folder for temporary files may be another one in every process.
        return Path(os.fsdecode(layout.sockets_record.read_bytes()))
    except FileNotFoundError:
        return layout.sockets


def prepare_folder(layout: Layout, user: ServerUser) -> Path:
    """Make the socket folder for a server that is about to start, and record it if it is not the usual one.

    Only the server's user can enter it. Raises EmbeddedPostgresError when no folder has a path short enough.
    """
    if _fits(layout.sockets):
        layout.sockets_record.unlink(missing_ok=True)
        layout.sockets.mkdir(exist_ok=True)
        give_to(layout.sockets, user)
        return layout.sockets
    recorded = current_folder(layout)
    if recorded != layout.sockets and _is_private(recorded, user):
        return recorded
    folder = _new_temporary_folder(layout, user)
    layout.sockets_record.write_bytes(os.fsencode(folder))
    return folder


def _fits(folder: Path) -> bool:
    return len(os.fsencode(socket_file(folder))) <= _LONGEST_SOCKET_PATH


def _is_private(folder: Path, user: ServerUser) -> bool:
    """Whether a folder is (still) ours: others can write to /tmp and may have put something else there."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == user.uid and not status.st_mode & 0o077


def _new_temporary_folder(layout: Layout, user: ServerUser) -> Path:
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108  # nosec B108
        if _fits(parent / "c360-12345678") and can_enter(parent, user):
            # Made with mode 0700 and a name that nobody can have made before.
            folder = Path(tempfile.mkdtemp(prefix="c360-", dir=parent))
            give_to(folder, user)
            return folder
    raise EmbeddedPostgresError(
        f"{layout.sockets} is too long for a socket's path and so is the folder for temporary files: "
        "set C360_HOME or TMPDIR to a shorter path"
    )
