"""`c360 serve`: database, migrations, demo world, web server; and all of it stopped again."""

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
from uvicorn.supervisors import Multiprocess

from core.errors import StartError
from core.server import database
from core.settings import Settings
from imports import demo
from imports.progress import progress_bar
from migrations import upgrade

# Any fixed number nothing else uses: only one of several processes that start together makes the demo world.
_DEMO_LOCK = 0x6333363064656D6F

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
    listener = _listen(settings)
    with listener, database(settings) as url:
        upgrade(url)
        number = _first_start(url, settings.demo_customers)
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
        )
        click.echo(_WELCOME.format(url=_address(settings), number=number))
        sys.stdout.flush()
        server = uvicorn.Server(config)
        if settings.workers > 1:
            Multiprocess(config, sockets=[listener]).run()
        else:
            server.run(sockets=[listener])
            if not server.started:
                raise StartError("the web server did not start; see the lines above")


def _terminate_like_interrupt() -> None:
    """Until the web server takes over the signals, let SIGTERM end the process as cleanly as Ctrl-C does."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


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
    listener.set_inheritable(True)
    return listener


def _first_start(url: str, customers: int) -> str:
    """Make the demo world if the database holds no customer yet. Returns a customer number to try."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_DEMO_LOCK])
        _make_demo_world(connection, url, customers)
        row = connection.execute(
            "select c.number from customers c join claims s on s.customer_id = c.id order by c.number limit 1"
        ).fetchone()
    return row[0] if row else "C-0000001"


def _make_demo_world(connection: psycopg.Connection[TupleRow], url: str, customers: int) -> None:
    # The world is made in several transactions. This table is there from before the first until after the last one,
    # so that a world whose making was interrupted is finished by the next start.
    if not _count(connection, "select count(to_regclass('unfinished_demo_world'))"):
        if not customers or _count(connection, "select count(*) from (select from customers limit 1) customer"):
            return
        connection.execute("create table unfinished_demo_world ()")
    missing = customers - _count(connection, "select count(*) from customers")
    if missing > 0:
        click.echo(f"First start: making a demo world of {customers:,} customers.")
        with progress_bar("customers") as advance:
            demo.generate(url, missing, progress=advance)
    connection.execute("drop table unfinished_demo_world")


def _count(connection: psycopg.Connection[TupleRow], query: LiteralString) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
