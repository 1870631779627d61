"""Starting the server, or joining the one that runs, and leaving it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.embedded_postgres import sockets, watcher
from core.embedded_postgres.binaries import find_binaries
from core.embedded_postgres.cluster import DATABASE, SUPERUSER, ensure_cluster
from core.embedded_postgres.deadline import Deadline
from core.embedded_postgres.errors import EmbeddedPostgresError, first_error
from core.embedded_postgres.handshake import accepts_connections
from core.embedded_postgres.identity import clean_environment, ensure_reachable, make_root, server_user
from core.embedded_postgres.layout import Layout, open_private
from core.embedded_postgres.locks import FileLock
from core.embedded_postgres.settings import server_settings

# A log that has grown beyond this is put aside before the next start.
_LARGE_LOG_BYTES = 10_000_000

# The servers that this process shares, by root folder.
_held: dict[Path, "EmbeddedServer"] = {}
_one_start_at_a_time = threading.Lock()


@dataclass(frozen=True)
class EmbeddedServer:
    """This process's share of a running server; the server runs for as long as anybody has one.

    A child made by fork (not by exec) has the same share: the server then also waits for the child to end.
    """

    # A libpq URI of the superuser on the database `customer360`, by way of the Unix socket.
    uri: str
    root: Path
    _share: FileLock = field(repr=False, compare=False)

    def stop(self, *, wait: bool = False, timeout: float = 40) -> None:
        """Give up this process's share; the server shuts down within a second or so if it was the last.

        With `wait`, return only when the server is really gone, or at once when others still share it. Raises
        EmbeddedPostgresError if it is not gone after `timeout` seconds. Harmless when done twice.
        """
        with _one_start_at_a_time:
            if _held.get(self.root) is self:
                del _held[self.root]
            self._share.close()
        # Without its folder the server ends too, but leaves nothing by which to wait for it.
        if wait and self.root.exists():
            _wait_until_gone(Layout(self.root), Deadline(timeout))


def start(root: Path, settings: Mapping[str, str] | None = None, timeout: float = 60) -> EmbeddedServer:
    """Start the server of a root folder, made on first use, or join the one that runs; it is ready on return.

    A second call for the same root returns the same object; it also brings back a server that has been killed together
    with its watcher. `settings` are names and values as in postgresql.conf, on top of our own; they count if this call
    is the one that starts the server. `timeout` is in seconds. The call blocks: use a thread from asynchronous code.

    Raises EmbeddedPostgresError, in one line that says what to do, if there is no PostgreSQL, the folder cannot be
    used, its data is of another major version, or the server is not ready in time.
    """
    deadline = Deadline(timeout)
    wanted = server_settings(settings)
    root = Path(root).expanduser()
    try:
        root = root.resolve()
        with _one_start_at_a_time:
            return _start(Layout(root), wanted, deadline)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise EmbeddedPostgresError(
            f"cannot keep the database in {root}: {error.strerror or error}{where}; "
            "make that folder writable for this user, or set C360_HOME to one that is"
        ) from error


def _start(layout: Layout, settings: Mapping[str, str], deadline: Deadline) -> EmbeddedServer:
    make_root(layout.root)
    held = _held.get(layout.root)
    if held and not held._share.is_on(layout.clients_lock):
        # Somebody deleted the folder below us; what is started now has nothing to do with that server.
        held._share.close()
        held = None
    if held and _is_running(layout):
        return held
    with FileLock.wait(layout.start_lock, deadline) as start_lock:
        # The share comes first, so that a watcher that is about to stop the server either sees it or is waited for.
        share = held._share if held else FileLock.wait(layout.clients_lock, deadline, shared=True)
        try:
            _ensure_running(layout, settings, start_lock, deadline)
        except BaseException:
            _held.pop(layout.root, None)
            share.close()
            raise
    server = EmbeddedServer(sockets.server_uri(sockets.current_folder(layout)), layout.root, share)
    if held and held.uri == server.uri:
        return held
    _held[layout.root] = server
    return server


def _is_running(layout: Layout) -> bool:
    return not _watcher_has_gone(layout) and _accepts(layout)


def _accepts(layout: Layout) -> bool:
    # Asked only when it claims to be ready: it logs every connection that it has to refuse.
    return watcher.is_ready(str(layout.data)) and accepts_connections(
        sockets.socket_file(sockets.current_folder(layout)), SUPERUSER, DATABASE
    )


def _watcher_has_gone(layout: Layout) -> bool:
    lock = FileLock.attempt(layout.watcher_lock)
    if lock is None:
        return False
    lock.close()
    return True


def _ensure_running(layout: Layout, settings: Mapping[str, str], start_lock: FileLock, deadline: Deadline) -> None:
    log_size: int | None = None
    while True:
        watcher_lock = FileLock.attempt(layout.watcher_lock)
        if watcher_lock is None:
            # There is a watcher, ours or another client's; its server may still be starting, or restarting.
            if _accepts(layout):
                return
        else:
            with watcher_lock:
                if log_size is not None:
                    raise EmbeddedPostgresError(_why_it_failed(layout, log_size))
                log_size = _launch(layout, settings, start_lock, watcher_lock, deadline)
        deadline.pause(f"PostgreSQL in {layout.root} to be ready: see {layout.log}")


def _launch(
    layout: Layout, settings: Mapping[str, str], start_lock: FileLock, watcher_lock: FileLock, deadline: Deadline
) -> int:
    """Prepare the folders and set a watcher to work; returns the size of the log before that, in bytes."""
    user = server_user(layout)
    ensure_reachable(layout.root, user)
    binaries = find_binaries(layout, user)
    ensure_cluster(layout, binaries, user, start_lock.fileno(), deadline)
    folder = sockets.prepare_folder(layout, user)
    # With links resolved, as the system reports the working directory of the server's processes.
    data = layout.data.resolve()
    options = {**settings, "unix_socket_directories": str(folder)}
    job = watcher.Job(
        command=[binaries.program("postgres"), "-D", str(data)]
        + [word for name, value in options.items() for word in ("-c", f"{name}={value}")],
        data=str(data),
        sockets=str(folder),
        sockets_are_temporary=folder != layout.sockets,
        clients_lock=str(layout.clients_lock),
        run_options=user.run_options(),
    )
    if layout.log.exists() and layout.log.stat().st_size > _LARGE_LOG_BYTES:
        layout.log.replace(layout.log.with_suffix(".log.old"))
    log = open_private(layout.log, os.O_WRONLY | os.O_APPEND)
    try:
        log_size = os.fstat(log).st_size
        # Without our streams and working directory and in a session of its own, so that neither a pipe nor a mount
        # of the caller is kept busy and Ctrl-C in its terminal stays there. It returns when the watcher has detached,
        # which by then holds the watcher lock through the inherited descriptor.
        subprocess.run(
            [sys.executable, "-I", "-S", watcher.__file__, json.dumps(asdict(job))],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=clean_environment(),
            start_new_session=True,
            pass_fds=[watcher_lock.fileno()],
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise EmbeddedPostgresError(f"the watcher of PostgreSQL did not start ({error}): see {layout.log}") from error
    finally:
        os.close(log)
    return log_size


def _why_it_failed(layout: Layout, log_size: int) -> str:
    written = layout.log.read_bytes()[log_size:].decode(errors="replace")
    return f"PostgreSQL in {layout.root} did not start: {first_error(written)}; see {layout.log}"


def _wait_until_gone(layout: Layout, deadline: Deadline) -> None:
    while not _watcher_has_gone(layout):
        alone = FileLock.attempt(layout.clients_lock)
        if alone is not None:
            # Nobody shares the server any more, and its watcher is about to see that.
            alone.close()
        else:
            other_client = FileLock.attempt(layout.clients_lock, shared=True)
            if other_client is not None:
                other_client.close()
                return
        deadline.pause(f"PostgreSQL in {layout.root} to shut down: see {layout.log}")
