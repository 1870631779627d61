"""The embedded server killed, and whatever else a crash leaves behind."""

import os
import pwd
import signal
import subprocess
import threading
import time
from pathlib import Path

import psycopg
import pytest

from core.embedded_postgres import start
from core.embedded_postgres.identity import ServerUser
from tests.core.embedded_postgres.servers import (
    AS_ROOT,
    PATIENCE_SECONDS,
    Clients,
    answer,
    assert_nothing_left,
    eventually,
    is_alive,
    parent,
    postmaster,
    value,
)


def test_acknowledged_rows_survive_a_killed_server(used_root: Path) -> None:
    server = start(used_root)
    with psycopg.connect(server.uri) as connection:
        connection.execute("CREATE TABLE entry (id bigint PRIMARY KEY, filler text)")
    acknowledged: list[list[int]] = [[], []]
    done = threading.Event()

    def write(writer: int) -> None:
        number = 0
        while not done.is_set():
            try:
                with psycopg.connect(server.uri, autocommit=True, connect_timeout=5) as connection:
                    while not done.is_set():
                        number += 1
                        row = number * 2 + writer
                        connection.execute("INSERT INTO entry VALUES (%s, repeat('x', 500))", [row])
                        acknowledged[writer].append(row)
            except psycopg.OperationalError:
                time.sleep(0.01)

    writers = [threading.Thread(target=write, args=[number]) for number in range(2)]
    for writer in writers:
        writer.start()
    try:
        # Twice, the second time soon after the first recovery.
        for _ in range(2):
            written = sum(map(len, acknowledged))
            eventually(lambda written=written: sum(map(len, acknowledged)) > written + 300)  # type: ignore[misc]
            os.kill(postmaster(used_root), signal.SIGKILL)
        written = sum(map(len, acknowledged))
        eventually(lambda: sum(map(len, acknowledged)) > written + 300)
    finally:
        done.set()
        for writer in writers:
            writer.join()
    with psycopg.connect(server.uri) as connection:
        found = {row[0] for row in connection.execute("SELECT id FROM entry")}
    assert found >= {*acknowledged[0], *acknowledged[1]}
    server.stop(wait=True)
    assert_nothing_left(used_root)


def test_a_server_killed_at_once_and_with_a_busy_session_comes_back(used_root: Path) -> None:
    server = start(used_root)
    busy = psycopg.connect(server.uri, autocommit=True)

    def compute() -> None:
        # Without ever looking whether its server is still there.
        with pytest.raises(psycopg.OperationalError):
            busy.execute(ENDLESS)

    endless = threading.Thread(target=compute)
    endless.start()
    eventually(lambda: value(server.uri, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%sum(%'") > 1)
    os.kill(postmaster(used_root), signal.SIGKILL)
    endless.join(PATIENCE_SECONDS)
    assert not endless.is_alive()
    assert start(used_root) is server
    assert value(server.uri, "SELECT 1") == 1
    server.stop(wait=True)


ENDLESS = "SELECT sum(sqrt(a * b)) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b"


def test_without_its_watcher_the_server_ends_and_start_brings_it_back(used_root: Path) -> None:
    server = start(used_root)
    killed = postmaster(used_root)
    owner = parent(killed)
    os.kill(owner, signal.SIGKILL)
    eventually(lambda: not is_alive(owner))
    again = start(used_root)
    assert not is_alive(killed)
    assert value(again.uri, "SELECT 1") == 1
    assert again is server
    server.stop(wait=True)
    assert_nothing_left(used_root)


def test_a_stale_pid_file_never_harms_the_process_it_names(used_root: Path) -> None:
    owner = (used_root / "pgdata").stat()
    identity = ServerUser(owner.st_uid, owner.st_gid).run_options()
    # Of the server's own user, or PostgreSQL would not mind; even in the data folder, as an administrator's shell.
    stranger = subprocess.Popen(["sleep", "600"], cwd=used_root / "pgdata", **identity)
    try:
        (used_root / "sock").mkdir()
        for stale in (used_root / "pgdata" / "postmaster.pid", used_root / "sock" / ".s.PGSQL.5432.lock"):
            stale.write_text(f"{stranger.pid}\n{used_root / 'pgdata'}\n0\n5432\n{used_root / 'sock'}\n\n0 0\nready\n")
            os.chown(stale, owner.st_uid, owner.st_gid)
        server = start(used_root)
        assert value(server.uri, "SELECT 1") == 1
        server.stop(wait=True)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_killed_initdb_is_reported_and_the_next_start_succeeds(root: Path, clients: Clients) -> None:
    client = clients.launch(root)
    eventually(lambda: (root / "pgdata.new" / "global" / "pg_control").exists())
    subprocess.run(["pkill", "-KILL", "-x", "-P", str(client.pid), "initdb"], check=True)
    assert answer(client).startswith("refused initdb could not make the data folder")
    assert (root / "pgdata.new").exists()
    assert not (root / "pgdata").exists()
    server = start(root)
    assert value(server.uri, "SELECT 1") == 1
    assert not (root / "pgdata.new").exists()
    server.stop(wait=True)


def test_a_data_folder_half_made_by_another_program_is_put_aside(root: Path) -> None:
    root.mkdir(mode=0o755)
    (root / "pgdata" / "base" / "1").mkdir(parents=True)
    (root / "pgdata" / "PG_VERSION").write_text("18\n")
    (root / "pgdata.new").mkdir()
    (root / "pgdata.new" / "PG_VERSION").write_text("18\n")
    if AS_ROOT:
        for path in (root, *root.rglob("*")):
            os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)
    server = start(root)
    assert value(server.uri, "SELECT 1") == 1
    server.stop(wait=True)
    assert (root / "pgdata.incomplete-1" / "PG_VERSION").exists()
    assert not (root / "pgdata.new").exists()
