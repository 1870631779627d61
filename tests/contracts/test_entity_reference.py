"""docs/entities.md is what the code makes, and it holds every table, column, enumeration and edge."""

import re

import pytest

import models
from commands.entity_reference import FILE, text
from models.base import Choice, ChoiceText
from schema.registry import Entity, entities


def test_the_committed_reference_is_current() -> None:
    assert FILE.read_text("utf-8") == text(), "run: c360 entities"


def _section(heading: str) -> str:
    found = re.search(rf"^### {heading}\n(.*?)(?=^##? |^### |\Z)", text(), re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found.group(1)


def test_every_table_and_column_is_there() -> None:
    names = {entity.table.name: entity.name for entity in entities()}
    for table in models.metadata.tables.values():
        section = _section(names.get(table.name, table.name))
        assert f"Table `{table.name}`" in section
        for column in table.columns:
            assert f"| `{column.name}` |" in section, f"{table.name}.{column.name}"


def test_every_enumeration_of_a_column_is_there() -> None:
    made = text()
    kinds: set[type[Choice]] = {
        column.type.kind
        for table in models.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, ChoiceText)
    }
    for kind in kinds:
        assert f"#### {kind.__name__}\n" in made
        assert all(f"| `{member.value}` | {member.description} |" in made for member in kind)


def test_every_link_leads_somewhere() -> None:
    made = text()
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", made, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", made)) <= anchors


@pytest.mark.parametrize("entity", entities(), ids=lambda e: e.name)
def test_every_entity_is_reached(entity: Entity) -> None:
    """From something besides `node`: what one can only find by an id one does not have is not in the graph."""
    assert re.search(r"Edges to it: `", _section(entity.name))
