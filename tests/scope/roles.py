"""Connections as the database roles see it, with psycopg alone: what PostgreSQL itself lets through."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from core.scope import PARTNER, DatabaseRole

Connection = psycopg.Connection[tuple[Any, ...]]

NOBODY = "0192f0c1-7c3e-7b11-a0b1-c2d3e4f5a6b7"


@contextmanager
def as_role(url: str, role: DatabaseRole, partner_id: str | None = None) -> Iterator[Connection]:
    """A connection that has taken on a role, for one partner where one is given."""
    options = " ".join(f"-c {name}={value}" for name, value in role.session.items())
    with psycopg.connect(make_conninfo(url, options=options), autocommit=True) as connection:
        if partner_id is not None:
            connection.execute("select set_config('c360.partner_id', %s, false)", (partner_id,))
        yield connection


@contextmanager
def as_partner(url: str, partner_id: str | None) -> Iterator[Connection]:
    """A connection of the partners' role."""
    with as_role(url, PARTNER, partner_id) as connection:
        yield connection


def values(connection: Connection, query: str, *parameters: Any) -> list[str]:
    """The first column of a query's rows, as text."""
    return [str(row[0]) for row in connection.execute(query.encode(), parameters)]
