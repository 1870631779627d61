"""Running the migrations by Alembic; imported only when there is something to run, because it takes a while."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

# Any fixed number that nothing else in the database uses for an advisory lock.
MIGRATION_LOCK = 0x633336306D696772


def config() -> Config:
    """Alembic's configuration, made in code so that there is no alembic.ini to keep."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings


def engine(database_url: str) -> Engine:
    """A SQLAlchemy engine over psycopg that understands every libpq URL; for migrations and scripts only."""
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database_url), poolclass=NullPool)


def run(database_url: str, revision: str) -> bool:
    """As `migrations.upgrade`."""
    try:
        return _upgrade(database_url, revision)
    except DBAPIError as error:
        # What PostgreSQL said, without SQLAlchemy's page of context.
        raise error.orig or error from None


def _upgrade(database_url: str, revision: str) -> bool:
    with engine(database_url).connect() as connection:
        head = ScriptDirectory.from_config(config()).as_revision_number(revision)
        if MigrationContext.configure(connection).get_current_revision() == head:
            return False
        connection.rollback()
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        try:
            if MigrationContext.configure(connection).get_current_revision() == head:
                return False
            connection.rollback()
            settings = config()
            settings.attributes["connection"] = connection
            command.upgrade(settings, revision)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
    return True
