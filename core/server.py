"""Which PostgreSQL to use: the one in DATABASE_URL, or else our own embedded one."""

import contextlib
from collections.abc import Iterator

import psycopg
from psycopg.conninfo import conninfo_to_dict

from core import embedded_postgres
from core.errors import StartError
from core.settings import Settings

OLDEST = 15

# What a server says that is out of reach, lacks an extension, or gives its user too few rights.
REFUSALS = (
    psycopg.OperationalError,
    psycopg.NotSupportedError,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ReadOnlySqlTransaction,
)


def first_line(error: Exception) -> str:
    """What an error says, in a line."""
    return (str(error).splitlines() or ["no reason given"])[0]


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of a PostgreSQL that answers; an embedded one is stopped at the end, unless others still use it.

    Raises StartError with one clear line when there is none or it is too old.
    """
    if settings.database_url:
        url = settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        _check(url)
        yield url
        return
    try:
        server = embedded_postgres.start(settings.home_folder / "postgres")
    except embedded_postgres.EmbeddedPostgresError as error:
        raise StartError(str(error)) from None
    try:
        yield server.uri
    finally:
        server.stop(wait=True)


def _check(url: str) -> None:
    if _is_malformed(url):
        raise StartError(
            "DATABASE_URL is not a PostgreSQL URL (postgresql://user:password@host:port/database); in the user and "
            "the password every special character is percent-encoded, such as @ as %40"
        )
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        raise StartError(f"the PostgreSQL in DATABASE_URL does not answer: {first_line(error)}") from None
    if version < OLDEST:
        raise StartError(f"the PostgreSQL in DATABASE_URL is version {version}; {OLDEST} or newer is needed")


def _is_malformed(url: str) -> bool:
    # The driver would quote what it does not understand, or takes for a host or a port: often part of the password.
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError:
        return True
    port = parts.get("port", "").replace(",", "")
    # A host that begins with @ is an abstract socket.
    misplaced = "@" in parts.get("host", "").lstrip("@") or "@" in parts.get("dbname", "")
    return misplaced or bool(port and not port.isdecimal())
