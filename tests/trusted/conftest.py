"""The application over a demo world, and `c360 documents` beside it."""

import hashlib
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from cli import main
from tests.limits.conftest import limits_database, open_service, service

__all__ = ["limits_database", "open_service", "service"]

CUSTOMERS = "query Names($n: Int) { customers(first: $n) { totalCount nodes { displayName } } }"
PRODUCTS = "query Products { products(first: 5) { nodes { code name } } }"


def sha256(text: str) -> str:
    """The hash of a document."""
    return hashlib.sha256(text.encode()).hexdigest()


class Publisher:
    """Runs `c360 documents` on a database, in a thread of its own where a loop is running."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._folder = folder
        self._runner = CliRunner(env={"DATABASE_URL": url})

    def file(self, name: str, content: str) -> str:
        """The path of a new file."""
        path = self._folder / name
        path.write_text(content, "utf-8", newline="")
        return str(path)

    def run(self, *arguments: str) -> Result:
        """The result of a command."""
        return self._runner.invoke(main, ["documents", *arguments])

    def good(self, *arguments: str) -> str:
        """What a command prints that succeeds."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def bad(self, *arguments: str) -> str:
        """What a command prints that fails with status 1."""
        result = self.run(*arguments)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit)
        return result.output

    def publish(self, *texts: str) -> None:
        """Publish documents as plain files."""
        self.good("publish", *(self.file(f"{number}.graphql", text) for number, text in enumerate(texts)))

    def audit(self, operation: str) -> list[dict[str, object]]:
        """The details of the entries of an operation in the audit log."""
        query = "select details from audit_entries where operation = %s order by position"
        with psycopg.connect(self.url) as connection:
            return [row[0] for row in connection.execute(query, [operation])]


@pytest.fixture
def publisher(limits_database: str, tmp_path: Path) -> Publisher:
    """Publishes on the database of the running application; nothing is published before."""
    with psycopg.connect(limits_database) as connection:
        connection.execute("truncate trusted_documents")
    return Publisher(limits_database, tmp_path)


@pytest.fixture
def own_publisher(empty_database: str, tmp_path: Path) -> Publisher:
    """Publishes on a database without rows."""
    return Publisher(empty_database, tmp_path)
