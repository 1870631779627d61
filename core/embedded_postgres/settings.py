"""How the server is configured: for one machine, many short reads, and now and then a load of millions of rows."""

from collections.abc import Mapping

from core.embedded_postgres.errors import EmbeddedPostgresError

DEFAULT_SETTINGS: Mapping[str, str] = {
    # Small enough to start on any laptop or container; the page cache of the system does the rest.
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "100",
    # Compiling costs more than our short queries take.
    "jit": "off",
    # The disk is an SSD nearly everywhere: an index is worth using earlier than the default of 4 thinks.
    "random_page_cost": "1.1",
    # A bulk load writes gigabytes of WAL; with the default of 1GB and 5 minutes it would run into checkpoint after
    # checkpoint, each of which makes every page be written in full again.
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    # A row that was acknowledged survives a crash.
    "fsync": "on",
    "synchronous_commit": "on",
    "track_io_timing": "off",
    "shared_preload_libraries": "pg_stat_statements",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# These say where the server is found and that nobody else finds it, so they are not the caller's to set.
_OURS = {"listen_addresses": "", "port": "5432", "unix_socket_permissions": "0700"}
_RESERVED = {*_OURS, "data_directory", "unix_socket_directories", "external_pid_file", "logging_collector"}

PORT = _OURS["port"]


def server_settings(overrides: Mapping[str, str] | None = None) -> dict[str, str]:
    """The complete settings, names and values as in postgresql.conf, with the caller's overrides.

    Raises EmbeddedPostgresError for a setting that the launcher must decide itself, such as `listen_addresses`.
    """
    overrides = {name.lower(): value for name, value in (overrides or {}).items()}
    refused = sorted(_RESERVED & overrides.keys())
    if refused:
        raise EmbeddedPostgresError(
            f"the embedded PostgreSQL decides {', '.join(refused)} itself: leave it out, "
            "or run a server of your own and set DATABASE_URL"
        )
    return {**DEFAULT_SETTINGS, **overrides, **_OURS}
