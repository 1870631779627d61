"""Every recipe runs without an error, and finds something in the demo world that `make serve` makes."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.database import make_pool
from core.settings import Settings
from execution.operations import Runner
from imports import demo
from tests.graph import Graph
from tests.web.recipes import Recipe, all_recipes

RECIPES = all_recipes()
# A recipe that finds nothing still answers with a name or a count or two.
LEAST_VALUES = 5


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
async def test_runs(graph: Graph, recipe: Recipe) -> None:
    assert (await graph.ask(recipe.query, **recipe.variables)).data


def _values(answer: Any) -> Iterator[Any]:
    if isinstance(answer, dict | list):
        for part in answer.values() if isinstance(answer, dict) else answer:
            yield from _values(part)
    elif answer is not None:
        yield answer


async def test_every_recipe_finds_something_at_first_start(runner: Runner, empty_database: str) -> None:
    demo.generate(empty_database, Settings.model_fields["demo_customers"].default)
    async with make_pool(empty_database, 2) as pool:
        graph = Graph(runner, pool)
        answers = {recipe.name: (await graph.ask(recipe.query, **recipe.variables)).data for recipe in RECIPES}
    empty = [name for name, data in answers.items() if len(list(_values(data))) < LEAST_VALUES]
    assert not empty, "the demo world has changed: name other customers and numbers in these recipes"
