"""The migrations make what the models say, from nothing and from a filled database, whoever starts first."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
from alembic.script import ScriptDirectory
from sqlalchemy import text

import migrations
import models
from migrations import running
from models import scope_ddl
from models.ddl import PREAMBLE
from tests.database.catalog import catalog


def test_models_equal_migrations(bare_database: str, empty_database: str) -> None:
    with running.engine(bare_database).begin() as connection:
        for statement in PREAMBLE:
            connection.execute(text(statement))
        models.metadata.create_all(connection)
        for statement in scope_ddl.statements():
            connection.exec_driver_sql(statement.replace("%", "%%"))
    assert catalog(bare_database) == catalog(empty_database)


def test_upgrade_says_whether_there_was_anything_to_do(bare_database: str) -> None:
    assert migrations.upgrade(bare_database) is True
    assert migrations.upgrade(bare_database) is False


def test_many_may_upgrade_at_once(bare_database: str, empty_database: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: migrations.upgrade(bare_database), range(4)))
    assert sorted(done) == [False, False, False, True]
    assert catalog(bare_database) == catalog(empty_database)


def test_upgrade_keeps_the_rows_of_a_filled_database(own_demo_database: str) -> None:
    def rows() -> int:
        with psycopg.connect(own_demo_database) as connection:
            found = connection.execute("select (select count(*) from customers) + (select count(*) from events)")
            return int((found.fetchone() or (0,))[0])

    before = rows()
    migrations.upgrade(own_demo_database)
    assert rows() == before > 0


def test_the_newest_file_is_what_alembic_calls_the_head() -> None:
    assert ScriptDirectory.from_config(running.config()).get_current_head() == migrations.HEAD
