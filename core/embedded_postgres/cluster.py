"""The data folder: made once, whole or not at all, and refused when it is not for these binaries."""

import os
import shutil
import subprocess
from pathlib import Path

from core.embedded_postgres.binaries import Binaries
from core.embedded_postgres.deadline import Deadline
from core.embedded_postgres.errors import EmbeddedPostgresError, first_error
from core.embedded_postgres.identity import ServerUser, clean_environment, give_to
from core.embedded_postgres.layout import Layout

SUPERUSER = "postgres"
DATABASE = "customer360"

# Since version 17 PostgreSQL brings a UTF-8 locale of its own, the same on every system and for all time.
_FIRST_MAJOR_WITH_BUILTIN_LOCALE = 17


def ensure_cluster(layout: Layout, binaries: Binaries, user: ServerUser, start_lock: int, deadline: Deadline) -> None:
    """Make the data folder with the database `customer360` unless it is there, and check that the binaries fit it.

    `start_lock` is the descriptor of the start lock, which the caller holds; the programs run here inherit it, so
    that if we are killed nobody else begins before they have ended as well.

    Raises EmbeddedPostgresError for a folder of another major version, a damaged one, or when initdb fails.
    """
    if (layout.data / "global" / "pg_control").exists():
        _check_version(layout.data, binaries)
        return
    _put_aside(layout.data)
    shutil.rmtree(layout.new_data, ignore_errors=True)
    layout.new_data.mkdir()
    give_to(layout.new_data, user)
    _initialise(layout.new_data, binaries, user, start_lock, deadline)
    layout.new_data.rename(layout.data)
    _write_through(layout.root)


def _check_version(data: Path, binaries: Binaries) -> None:
    version = (data / "PG_VERSION").read_text().strip()
    if version != str(binaries.major):
        raise EmbeddedPostgresError(
            f"{data} was made by PostgreSQL {version}, but {binaries.folder} is PostgreSQL {binaries.major}: "
            f"move the data with pg_dumpall of version {version} or with pg_upgrade, or set C360_HOME to a new folder"
        )


def _put_aside(data: Path) -> None:
    """Clear the way where another program's initdb was killed; a folder with tables in it is never touched."""
    if not data.exists() or not any(data.iterdir()):
        return
    if any(path.is_file() for path in (data / "base").rglob("*")):
        raise EmbeddedPostgresError(
            f"{data} is damaged (global/pg_control is missing): restore it from a backup, or move it away to start anew"
        )
    number = 1
    while (aside := data.with_name(f"{data.name}.incomplete-{number}")).exists():
        number += 1
    data.rename(aside)


def _initialise(data: Path, binaries: Binaries, user: ServerUser, start_lock: int, deadline: Deadline) -> None:
    initdb = [binaries.program("initdb"), "--pgdata", str(data), "--username", SUPERUSER, *_locale(binaries.major)]
    # The socket's folder is open to the server's user alone, which is all the authentication there is to do.
    initdb += ["--encoding=UTF8", "--auth-local=trust", "--auth-host=reject", "--no-instructions"]
    _run(initdb, "", data, user, start_lock, deadline)
    # The database is made by a single-user server, before anyone can see the cluster: who finds one finds both.
    single = [binaries.program("postgres"), "--single", "-D", str(data), "-c", "exit_on_error=on", "postgres"]
    _run(single, f"CREATE DATABASE {DATABASE};\n", data, user, start_lock, deadline)


def _locale(major: int) -> list[str]:
    if major >= _FIRST_MAJOR_WITH_BUILTIN_LOCALE:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C", "--lc-ctype=C.UTF-8"]


def _run(command: list[str], text: str, data: Path, user: ServerUser, start_lock: int, deadline: Deadline) -> None:
    program = Path(command[0]).name
    try:
        result = subprocess.run(
            command,
            input=text,
            text=True,
            errors="replace",
            capture_output=True,
            check=False,
            cwd="/",
            env=clean_environment(),
            pass_fds=[start_lock],
            timeout=deadline.left,
            **user.run_options(),
        )
    except subprocess.TimeoutExpired:
        raise EmbeddedPostgresError(f"gave up after {deadline.seconds:g} seconds waiting for {program}") from None
    if result.returncode != 0:
        # initdb quotes the server it runs, whose FATAL says more than its own last line.
        problem = first_error(result.stderr or result.stdout)
        raise EmbeddedPostgresError(f"{program} could not make the data folder {data}: {problem}")


def _write_through(folder: Path) -> None:
    """Have the system write a folder's names to the disk, so that a rename survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
