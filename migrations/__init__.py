"""Database migrations (Alembic): `upgrade(database_url)` brings a database to the newest version."""

from pathlib import Path

import psycopg

# The newest version; the files of versions/ begin with theirs.
HEAD = max(file.name[:4] for file in Path(__file__).with_name("versions").glob("[0-9]*.py"))


def upgrade(database_url: str, revision: str = HEAD) -> bool:
    """Bring the database to `revision` under an advisory lock; processes that start together wait for one another.

    Returns whether anything had to be done. Raises psycopg.Error when the server is not there or refuses.
    """
    if _version(database_url) == revision:
        return False
    from migrations import running

    return running.run(database_url, revision)


def _version(database_url: str) -> str | None:
    with psycopg.connect(database_url) as connection:
        try:
            row = connection.execute("select version_num from alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return row[0] if row else None
