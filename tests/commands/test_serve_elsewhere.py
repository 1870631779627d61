"""`c360 serve` on a PostgreSQL that is not its own."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.commands.conftest import Start
from tests.commands.service import CUSTOMERS, refusal

SERVER = "postgresql://{user}@127.0.0.1:5432/{database}"
NAME = f"c360_serve_{os.getpid()}"


def execute(*statements: str) -> None:
    """Execute statements as the administrator, with `{}` for the name of this run's database and user."""
    with psycopg.connect(SERVER.format(user="postgres", database="postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement).format(sql.Identifier(NAME)))


@pytest.fixture
def database() -> Iterator[None]:
    """A database on this machine's own PostgreSQL, and a user who may do nothing in it."""
    try:
        execute("create database {}", "create role {} login")
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL on this machine: {error}")
    yield
    execute("drop database {} with (force)", "drop role {}")


@pytest.mark.usefixtures("database")
def test_a_server_of_ones_own(home: Path, start: Start) -> None:
    url = SERVER.format(user="postgres", database=NAME)
    service = start(DATABASE_URL=url).ready()
    assert service.customers() == CUSTOMERS
    other = start(DATABASE_URL=url).ready()
    assert "demo world" not in other.out
    assert other.customers() == CUSTOMERS
    assert (service.stop(), other.stop()) == (0, 0)
    # No PostgreSQL of our own; the master key of a trial is kept outside the database all the same.
    assert [path.name for path in home.iterdir()] == ["master.key"]


@pytest.mark.usefixtures("database")
def test_a_user_with_too_few_rights_is_told_so(home: Path) -> None:
    line = refusal(home, DATABASE_URL=SERVER.format(user=NAME, database=NAME))
    assert line == "Error: the database refuses: permission denied for schema public"
