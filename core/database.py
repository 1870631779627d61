"""Connections: the pool of a worker, set up for many short reads."""

import orjson
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool

from core.pipeline import PipelinedConnection
from core.scope import DatabaseRole
from core.snapshot import Pool

SESSION = {
    "timezone": "UTC",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    # A request to cancel may arrive between two statements, and then stops neither: what works for a connection that is
    # gone ends all the same.
    "client_connection_check_interval": "2s",
    # Rows are in memory or on flash: an index that gives the order is worth its hops.
    "random_page_cost": "1.1",
    # Plans are made once for each prepared statement: our arrays of keys would otherwise be planned at every execution,
    # which costs more than executing them. Limits stand in the statement, so that a plan knows them.
    "plan_cache_mode": "force_generic_plan",
    # How like a name must be to be a hit of the search; the server's default of 0.6 misses common typing errors.
    "pg_trgm.word_similarity_threshold": "0.45",
}


async def _configure(connection: PipelinedConnection) -> None:
    set_json_loads(orjson.loads, connection)


def make_pool(database_url: str, size: int, role: DatabaseRole | None = None) -> Pool:
    """A pool of up to `size` connections, closed; open it with `await pool.open()` and close it at shutdown.

    With `role` its connections take on that database role; the URL's user must be a member of it.
    """
    session = SESSION | (role.session if role is not None else {})
    return AsyncConnectionPool(
        database_url,
        connection_class=PipelinedConnection,
        min_size=min(2, size),
        max_size=size,
        open=False,
        configure=_configure,
        timeout=5,
        kwargs={
            "autocommit": True,
            # The pipeline forgets all prepared statements of a connection when there are too many, psycopg's own too.
            "prepare_threshold": None,
            "application_name": "customer360",
            "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
        },
    )
