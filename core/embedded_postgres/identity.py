"""Which operating system user runs the server: ourselves, unless we are root, which PostgreSQL refuses."""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.embedded_postgres.errors import EmbeddedPostgresError
from core.embedded_postgres.layout import Layout

_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class ServerUser:
    """The user and group that run the server's programs."""

    uid: int
    gid: int

    @property
    def name(self) -> str:
        """The login name, or the number of a user that has none (usual in containers)."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    def run_options(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a program run as this user."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_user(layout: Layout) -> ServerUser:
    """Ourselves; for root the owner of the data folder, else of the root folder, else `postgres` or `nobody`.

    Raises EmbeddedPostgresError when root owns the data folder or none of those users exists.
    """
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    if layout.data.exists():
        owner = layout.data.stat()
        if owner.st_uid == 0:
            raise EmbeddedPostgresError(
                f"{layout.data} belongs to root, whom PostgreSQL does not run for: give it to another user "
                f"(chown -R postgres {layout.data}) or set C360_HOME to a new folder"
            )
        return ServerUser(owner.st_uid, owner.st_gid)
    owner = layout.root.stat()
    if owner.st_uid != 0:
        return ServerUser(owner.st_uid, owner.st_gid)
    for name in _UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(user.pw_uid, user.pw_gid)
    raise EmbeddedPostgresError("PostgreSQL does not run as root: make a user named postgres, or run as another user")


def make_root(root: Path) -> None:
    """Make the root folder if it is missing: private to us, or open for passing through when we are root.

    Folders that were there keep their mode, above all the parents. Raises OSError when it cannot be made.
    """
    if os.geteuid() != 0:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    for folder in (*reversed(root.parents), root):
        try:
            folder.mkdir()
        except FileExistsError:
            if not folder.is_dir():
                raise
        else:
            # The server's user has to pass through, whatever umask root has.
            folder.chmod(0o711)


def ensure_reachable(root: Path, user: ServerUser) -> None:
    """Make sure that the server's user can enter the root folder.

    The root folder itself is opened for passing through if need be; its parents are not ours to change. Raises
    EmbeddedPostgresError naming the folder that is closed.
    """
    if os.geteuid() != 0 or can_enter(root, user):
        return
    if can_enter(root.parent, user):
        root.chmod(stat.S_IMODE(root.stat().st_mode) | 0o011)
    for folder in (*reversed(root.parents), root):
        if not can_enter(folder, user):
            raise EmbeddedPostgresError(
                f"the user {user.name} that runs PostgreSQL for root cannot enter {folder}, which leads to {root}: "
                "set C360_HOME to a folder that is open to it, such as /var/lib/customer360, or do not run as root"
            )


def can_enter(folder: Path, user: ServerUser) -> bool:
    """Whether the server's user can pass through a folder, asked of the system itself (it knows about ACLs)."""
    # As bytes, because names of folders need not be valid text.
    command = [b"/bin/sh", b"-c", b'cd "$1"', b"sh", os.fsencode(folder)]
    options = {"cwd": "/", "capture_output": True, **user.run_options()}
    return subprocess.run(command, check=False, **options).returncode == 0


def give_to(folder: Path, user: ServerUser) -> None:
    """Make a folder of ours private to the server's user."""
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, user.uid, user.gid, follow_symlinks=False)


def clean_environment() -> dict[str, str]:
    """Our environment without what would change how PostgreSQL's programs behave (PGDATA, PGPORT, the locale).

    Nor with our own settings: the master key is not for the server whose data it seals.
    """
    foreign = ("PG", "LC_", "LANG", "C360_", "DATABASE_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "LC_ALL": "C"}
