"""Settings: each has a description, and docs/operations.md tells of it."""

import re
from pathlib import Path

from core.settings import Settings


def test_every_setting_is_in_the_table_of_operations(repository: Path) -> None:
    table = re.findall(
        r"^\| `([A-Z0-9_]+)` \| ", (repository / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE
    )
    names = {field.validation_alias or f"C360_{name.upper()}" for name, field in Settings.model_fields.items()}
    assert names <= set(table)
    assert {name for name in table if name.startswith("C360_")} <= names


def test_every_setting_has_a_description() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
