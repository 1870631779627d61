"""The process that owns the server: starts it, restarts it after a crash, stops it when the last client has gone.

Run by path (`python -I -S watcher.py <job as JSON>`), so it depends on nothing but the standard library and this one
file, whatever the caller's working directory, sys.path or virtual environment. It holds the watcher lock, which it
inherited from its launcher, for as long as it lives. Everything it has to say goes to the server's log.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# How soon the last client's end and the server's end are noticed, in seconds.
POLL_SECONDS = 0.1
# A fast shutdown writes a checkpoint; when that takes longer than this the next start recovers from the WAL instead.
FAST_SHUTDOWN_SECONDS = 30.0
# How long a server whose watcher was killed may take to shut down before its folder is given up.
PREVIOUS_SERVER_SECONDS = 30.0
FAILED_RESTARTS = 5
LONGEST_PAUSE_SECONDS = 5.0

_ON_LINUX = sys.platform == "linux"


@dataclass(frozen=True)
class Job:
    """What the launcher asks for; paths are absolute, `data` has no symbolic links in it."""

    command: list[str]
    data: str
    sockets: str
    sockets_are_temporary: bool
    clients_lock: str
    # Arguments of `subprocess` that drop root's privileges; empty when we are not root.
    run_options: dict[str, Any]


def main() -> None:
    """Detach from the launcher, then own the server until the last client has gone."""
    job = Job(**json.loads(sys.argv[1]))
    if os.fork():
        # The launcher waits for this process only, so it keeps no child that it would have to reap.
        os._exit(0)
    # A service manager signals all processes of a service at once. The server is still needed then, by requests that
    # are being finished; we leave when the clients do. Not SIG_IGN, which the server would inherit.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, lambda number, frame: None)
    try:
        watch(job)
    except Failure as failure:
        log(str(failure))
        sys.exit(1)


class Failure(Exception):
    """The server cannot be kept running; the message goes to the log."""


def watch(job: Job) -> None:
    """Keep the server running until no client is left; raises Failure when it does not start."""
    clients = os.open(job.clients_lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    was_ready = False
    failures = crashes = 0
    while not no_client_is_left(clients):
        clear_the_way(job)
        server = launch(job)
        started = time.monotonic()
        ready = attend(server, job, clients)
        if server.returncode is None:
            stop(server)
            break
        was_ready = was_ready or ready
        if not was_ready and server.returncode > 0:
            # It refused by itself and would do so again; a crash on the way up is worth another try.
            raise Failure(f"the server did not start (exit code {server.returncode})")
        if not os.path.exists(os.path.join(job.data, "PG_VERSION")):
            raise Failure(f"the data folder {job.data} has gone")
        failures = 0 if ready else failures + 1
        if failures > FAILED_RESTARTS:
            raise Failure(f"the server could not be restarted {FAILED_RESTARTS} times in a row")
        crashes = crashes + 1 if time.monotonic() - started < 10 else 0
        log(f"the server ended unasked (exit code {server.returncode}); starting it again")
        time.sleep(min(POLL_SECONDS * crashes, LONGEST_PAUSE_SECONDS))
    if job.sockets_are_temporary:
        with contextlib.suppress(OSError):
            os.rmdir(job.sockets)
    # Only the end of this process drops the two locks: who waits for them finds no trace of the server.


def no_client_is_left(clients: int) -> bool:
    """Try to take the clients' lock for ourselves; once taken it is kept, and new clients wait until we have ended."""
    try:
        fcntl.flock(clients, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def attend(server: subprocess.Popen[bytes], job: Job, clients: int) -> bool:
    """Wait until the server ends or no client is left; returns whether the server was ready at some time."""
    ready = False
    while server.poll() is None and not no_client_is_left(clients):
        ready = ready or is_ready(job.data, server.pid)
        time.sleep(POLL_SECONDS)
    return ready


def is_ready(data: str, pid: int | None = None) -> bool:
    """Whether the pid file says that its server (the one with this process number, if given) takes connections."""
    lines = pid_file_lines(data)
    return len(lines) >= 8 and lines[7] == "ready" and (pid is None or lines[0] == str(pid))


def launch(job: Job) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, bound to end when this process does."""
    return subprocess.Popen(
        job.command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=death_bond(),  # safe here: this process has one thread
        **job.run_options,
    )


def death_bond() -> Callable[[], None] | None:
    """What the server's process does first on Linux: ask the kernel for a fast shutdown if the watcher is killed.

    Elsewhere the server would outlive a killed watcher; the next start reports it.
    """
    if not _ON_LINUX:
        return None
    try:
        import ctypes
    except ImportError:  # A Python that was built without libffi.
        return None
    prctl = ctypes.CDLL(None).prctl
    set_parent_death_signal = 1
    watcher = os.getpid()

    def bind() -> None:
        prctl(set_parent_death_signal, signal.SIGINT)
        if os.getppid() != watcher:  # Killed before the bond was made.
            os._exit(1)

    return bind


def stop(server: subprocess.Popen[bytes]) -> None:
    """Shut the server down: fast (sessions are ended, a checkpoint is written), at once if that takes too long."""
    for asked, seconds in ((signal.SIGINT, FAST_SHUTDOWN_SECONDS), (signal.SIGQUIT, 5.0)):
        server.send_signal(asked)
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            log(f"the server did not end within {seconds:g} seconds of {asked.name}")
        else:
            return
    server.kill()
    server.wait()


def clear_the_way(job: Job) -> None:
    """Remove what a killed server left behind and a new one would stumble over.

    PostgreSQL refuses to start while the process named in a pid file lives, though after a crash that number may belong
    to any program. Here it is looked at whether that process is a server in our data folder; nothing else is signalled.
    """
    deadline = time.monotonic() + PREVIOUS_SERVER_SECONDS
    while (server := previous_server(job.data)) is not None:
        # Its watcher was killed, so it is shutting down.
        if time.monotonic() > deadline:
            raise Failure(
                f"FATAL: another server (process {server}) runs in {job.data}: stop it with kill -INT {server}"
            )
        time.sleep(POLL_SECONDS / 10)
    kill_orphans(job.data)
    for left_over in (Path(job.data, "postmaster.pid"), *Path(job.sockets).glob(".s.PGSQL.*")):
        left_over.unlink(missing_ok=True)


def previous_server(data: str) -> int | None:
    """The process named in the pid file, if it is alive and a PostgreSQL server in this data folder."""
    lines = pid_file_lines(data)
    if not lines or not lines[0].lstrip("-").isdecimal():
        return None
    pid = abs(int(lines[0]))  # A single-user server writes its number negative.
    if _ON_LINUX:
        return pid if works_in(pid, data) else None
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return pid if "postgres" in shown.stdout and data in shown.stdout else None


def kill_orphans(data: str) -> None:
    """End sessions that survived their server's death: they hold its shared memory, so no new one could start.

    They end by themselves as soon as they wait for something; a long computation does not. What they had committed is
    in the WAL, what they had not is lost with the server anyway. Elsewhere than on Linux they are left to themselves.
    """
    while orphans := list(processes_in(data)):
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS / 10)


def processes_in(data: str) -> Iterator[int]:
    """PostgreSQL processes working in this data folder (none where there is no /proc)."""
    if _ON_LINUX:
        for name in os.listdir("/proc"):
            if name.isdecimal() and works_in(int(name), data):
                yield int(name)


def works_in(pid: int, data: str) -> bool:
    """Whether a process is called postgres and has the data folder as its working directory, as all of them do."""
    try:
        called = Path("/proc", str(pid), "comm").read_text().strip()
        return called == "postgres" and os.readlink(f"/proc/{pid}/cwd") == data
    except OSError:  # It has ended (a zombie counts), or belongs to somebody else.
        return False


def pid_file_lines(data: str) -> list[str]:
    """The lines of the server's pid file, none if there is no such file."""
    try:
        return [line.strip() for line in Path(data, "postmaster.pid").read_text(errors="replace").splitlines()]
    except OSError:
        return []


def log(message: str) -> None:
    """Write a line to the server's log, which is our standard error."""
    now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    sys.stderr.write(f"{now} [{os.getpid()}] watcher: {message}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
