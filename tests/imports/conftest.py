"""A file of people, and a database to import it into."""

from pathlib import Path

import pytest

from tests.imports.people import People


@pytest.fixture
def people(empty_database: str, tmp_path: Path) -> People:
    """People, and a database without rows."""
    return People(empty_database, tmp_path)
