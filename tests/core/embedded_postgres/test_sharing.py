"""Who shares an embedded server, and when it ends: real processes, real signals."""

import os
import signal
import time
from pathlib import Path

import pytest

from core.embedded_postgres import start, watcher
from tests.core.embedded_postgres.servers import (
    PATIENCE_SECONDS,
    Clients,
    assert_nothing_left,
    eventually,
    is_alive,
    parent,
    postmaster,
    uri_of,
    value,
)


def test_four_processes_starting_cold_share_one_server(root: Path, clients: Clients) -> None:
    four = [clients.launch(root) for _ in range(4)]
    uris = {uri_of(client) for client in four}
    assert len(uris) == 1
    uri = uris.pop()
    identifier = value(uri, "SELECT system_identifier FROM pg_control_system()")
    # A second initdb would have left its folder aside, or a second server its lines in the log.
    assert not list(root.glob("pgdata.*"))
    assert (root / "server.log").read_text().count("ready to accept connections") == 1
    for client in four:
        assert client.poll() is None
    clients.end()
    assert_nothing_left(root)
    server = start(root)
    assert value(server.uri, "SELECT system_identifier FROM pg_control_system()") == identifier
    server.stop(wait=True)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_the_server_ends_with_its_last_client(used_root: Path, clients: Clients, ending: signal.Signals) -> None:
    client = clients.launch(used_root)
    uri_of(client)
    server = postmaster(used_root)
    client.send_signal(ending)
    assert client.wait(PATIENCE_SECONDS) != 0
    eventually(lambda: not is_alive(server))
    assert_nothing_left(used_root)


def test_the_server_stays_for_a_second_client(used_root: Path, clients: Clients) -> None:
    first, second = clients.launch(used_root), clients.launch(used_root)
    uri_of(first)
    uri = uri_of(second)
    server = postmaster(used_root)
    first.kill()
    first.wait()
    # Several times the interval in which the watcher looks.
    for _ in range(10):
        time.sleep(watcher.POLL_SECONDS / 2)
        assert value(uri, "SELECT 1") == 1
    assert postmaster(used_root) == server
    second.kill()
    assert_nothing_left(used_root)


def test_stop_does_not_wait_for_a_server_that_others_share(used_root: Path, clients: Clients) -> None:
    uri = uri_of(clients.launch(used_root))
    start(used_root).stop(wait=True)
    assert value(uri, "SELECT 1") == 1


def test_starting_again_while_the_server_is_shutting_down(used_root: Path) -> None:
    for round_number in range(5):
        server = start(used_root)
        assert value(server.uri, "SELECT 1") == 1
        server.stop(wait=round_number % 2 == 0)
    start(used_root).stop(wait=True)
    assert_nothing_left(used_root)


# Each is the first trace of a step: the start itself, initdb, the copying of template databases, the watcher.
@pytest.mark.parametrize("trace", ["start.lock", "pgdata.new/PG_VERSION", "pgdata.new/base/5", "server.log"])
def test_a_client_killed_during_its_start_leaves_nothing(root: Path, clients: Clients, trace: str) -> None:
    client = clients.launch(root)
    eventually(lambda: (root / trace).exists())
    client.kill()
    client.wait()
    assert_nothing_left(root)
    server = start(root)
    assert value(server.uri, "SELECT 1") == 1
    server.stop(wait=True)
    assert_nothing_left(root)


def test_neither_pipes_nor_the_terminal_reach_the_watcher(used_root: Path, clients: Clients) -> None:
    client = clients.launch(used_root)
    uri = uri_of(client)
    server = start(used_root)
    owner = parent(postmaster(used_root))
    assert os.getsid(owner) != os.getsid(client.pid)
    # The pipe ends with the client although watcher and server live on; else this would wait for them.
    client.communicate(timeout=PATIENCE_SECONDS)
    assert value(uri, "SELECT 1") == 1
    os.kill(owner, signal.SIGINT)
    os.kill(owner, signal.SIGHUP)
    time.sleep(watcher.POLL_SECONDS * 3)
    assert is_alive(owner)
    server.stop(wait=True)
    assert not is_alive(owner)
