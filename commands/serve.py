"""`c360 serve`: database, migrations, demo world, web server; and all of it stopped again."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from types import FrameType
from typing import LiteralString

import click
import psycopg
import uvicorn
from psycopg.rows import TupleRow

from auth import demo_users, users
from auth.keys import require_own_key
from commands.access import with_access
from commands.certificates import require_certificate
from core.errors import StartError
from core.sealing import Keyring, open_keyring, require_master_key
from core.server import database
from core.settings import Settings
from migrations import upgrade

# Any fixed number nothing else uses: only one of several processes that start together makes the demo world.
_DEMO_LOCK = 0x6333363064656D6F

# So long a client may leave unread what was sent to it.
_UNREAD_SECONDS = 60

_WELCOME = """
customer360 is ready.

  GraphiQL   {url}/            explore the graph in the browser
  GraphQL    {url}/graphql     for programs

Try this query in GraphiQL (or one of its recipes):

  {{
    customer(number: "{number}") {{
      displayName
      contracts {{ nodes {{ number status product {{ name }} premium {{ amount currency }} }} }}
      claims {{ nodes {{ number status claimed {{ amount currency }} }} }}
      timeline(first: 5) {{ nodes {{ occurredAt summary }} }}
    }}
  }}

Stop with Ctrl-C.
"""


def run(settings: Settings) -> None:
    """Serve until interrupted (SIGINT) or terminated (SIGTERM), then return: ending when asked to is no error.

    Raises StartError with one clear line when the port is taken, the data folder cannot be used or the database
    does not answer.
    """
    _terminate_like_interrupt()
    # Interrupted in the midst of a COPY, the driver warns that it cannot roll back; the server does that by itself.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    # The web server raises the signal that stopped it once more when it has finished.
    with contextlib.suppress(KeyboardInterrupt):
        _serve(settings)


def _serve(settings: Settings) -> None:
    require_master_key(settings)
    require_own_key(settings)
    require_certificate(settings)
    listener = _listen(settings)
    with listener, database(settings) as url:
        upgrade(url)
        keyring = open_keyring(settings, url)
        number = _first_start(url, settings.demo_customers, keyring)
        # Workers are processes of their own; the environment is how they learn of the database.
        os.environ["DATABASE_URL"] = url
        config = uvicorn.Config(
            "commands.worker:worker",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            # Compressing costs more memory for each socket than all else about it.
            ws_per_message_deflate=False,
            ws_max_size=settings.max_body_bytes,
            forwarded_allow_ips=list(settings.trusted_proxies),
            ssl_certfile=settings.tls_cert_file,
            ssl_keyfile=settings.tls_key_file,
        )
        click.echo(_WELCOME.format(url=_address(settings), number=number))
        click.echo(_sign_ins(settings, url))
        sys.stdout.flush()
        server = uvicorn.Server(config)
        if settings.workers > 1:
            from commands.supervisor import Supervisor, shared_metrics

            with shared_metrics() if settings.metrics else contextlib.nullcontext():
                Supervisor(config, sockets=[listener]).run()
        else:
            server.run(sockets=[listener])
            if not server.started:
                raise StartError("the web server did not start; see the lines above")


def _sign_ins(settings: Settings, url: str) -> str:
    """Who may sign in: the users of the demo world; in production how to add the first administrator."""
    if not demo_users.are_there(settings):
        has_administrator = asyncio.run(with_access(settings, url, users.has_administrator))
        return "" if has_administrator else f"{users.FIRST_ADMINISTRATOR}\n"
    made = asyncio.run(with_access(settings, url, lambda access: demo_users.ensure(access, settings.host)))
    lines = [f"  {user.login:28} {user.password}" for user in made]
    return "\n".join(["Sign in as one of these:", "", *lines, ""])


def _terminate_like_interrupt() -> None:
    """Until the web server takes over the signals, let SIGTERM end the process as cleanly as Ctrl-C does."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def _address(settings: Settings) -> str:
    # Compared with, and shown to people: nothing listens here.
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  # nosec B104
    scheme = "https" if settings.tls_cert_file else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == 98 or "in use" in str(error):
            message = f"port {settings.port} is in use, perhaps by customer360 itself; choose another with C360_PORT"
        else:
            reason = (error.strerror or str(error)).partition(" (while")[0]
            message = f"cannot listen on {settings.host}:{settings.port} (C360_HOST, C360_PORT): {reason}"
        raise StartError(message) from None
    # A client that neither reads nor goes away would keep what is buffered for it; its connection inherits this.
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_SECONDS * 1000)
    listener.set_inheritable(True)
    return listener


def _first_start(url: str, customers: int, keyring: Keyring) -> str:
    """Make the demo world if the database holds no customer yet. Returns a customer number to try."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_DEMO_LOCK])
        _make_demo_world(connection, url, customers, keyring)
        row = connection.execute(
            "select c.number from customers c join claims s on s.customer_id = c.id order by c.number limit 1"
        ).fetchone()
    return row[0] if row else "C-0000001"


def _make_demo_world(connection: psycopg.Connection[TupleRow], url: str, customers: int, keyring: Keyring) -> None:
    # The world is made in several transactions. This table is there from before the first until after the last one,
    # so that a world whose making was interrupted is finished by the next start.
    if not _count(connection, "select count(to_regclass('unfinished_demo_world'))"):
        if not customers or _count(connection, "select count(*) from (select from customers limit 1) customer"):
            return
        connection.execute("create table unfinished_demo_world ()")
    missing = customers - _count(connection, "select count(*) from customers")
    if missing > 0:
        # Imported here, because a later start is to be quick.
        from imports import demo
        from imports.progress import progress_bar

        click.echo(f"First start: making a demo world of {customers:,} customers.")
        with progress_bar("customers") as advance:
            demo.generate(url, missing, keyring=keyring, progress=advance)
    connection.execute("drop table unfinished_demo_world")


def _count(connection: psycopg.Connection[TupleRow], query: LiteralString) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
