"""The recipes of the GraphiQL page as Python sees them, so that tests can run each one."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "web" / "recipes"


@dataclass(frozen=True)
class Recipe:
    """One file of `web/recipes`, with its variables."""

    name: str
    about: dict[str, str]
    query: str
    variables: dict[str, Any]


def all_recipes() -> list[Recipe]:
    """Every recipe, in the order of the file names."""
    return [_read(path) for path in sorted(FOLDER.glob("*.graphql"))]


def _read(path: Path) -> Recipe:
    query = path.read_text()
    comments = re.match(r"(?:#.*\n)*", query)
    about = dict(re.findall(r"^# (\w+): *(.+)$", comments.group() if comments else "", re.MULTILINE))
    variables = path.with_suffix(".variables.json")
    return Recipe(path.stem, about, query, json.loads(variables.read_text()) if variables.exists() else {})
