"""Every recipe runs without an error, and finds something in the demo world that `make serve` makes."""

from collections.abc import Iterator
from typing import Any

import pytest

from auth.actor import user
from core.database import make_pool
from core.ids import new_id
from core.settings import Settings
from core.snapshot import Pool
from execution.operations import Runner
from imports import demo
from models.roles import Role
from tests.graph import Graph
from tests.keys import keyring_in
from tests.web.recipes import Recipe, all_recipes

RECIPES = all_recipes()
# A recipe that finds nothing still answers with a name or a count or two.
LEAST_VALUES = 5


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
async def test_runs(graph: Graph, recipe: Recipe) -> None:
    assert (await graph.ask(recipe.query, **recipe.variables)).data


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
async def test_an_agent_may_run_it(runner: Runner, demo_pool: Pool, recipe: Recipe) -> None:
    graph = Graph(runner, demo_pool, user(str(new_id()), frozenset({Role.AGENT})))
    codes = (await graph.ask(recipe.query, **recipe.variables)).codes
    # Medical exams are for underwriters and managers; the rest of the order is there.
    assert set(codes) == ({"FORBIDDEN"} if recipe.name == "order_history" else set())


def _values(answer: Any) -> Iterator[Any]:
    if isinstance(answer, dict | list):
        for part in answer.values() if isinstance(answer, dict) else answer:
            yield from _values(part)
    elif answer is not None:
        yield answer


async def test_every_recipe_finds_something_at_first_start(runner: Runner, empty_database: str) -> None:
    customers = Settings.model_fields["demo_customers"].default
    demo.generate(empty_database, customers, keyring=keyring_in(empty_database))
    async with make_pool(empty_database, 2) as pool:
        graph = Graph(runner, pool)
        answers = {recipe.name: (await graph.ask(recipe.query, **recipe.variables)).data for recipe in RECIPES}
    empty = [name for name, data in answers.items() if len(list(_values(data))) < LEAST_VALUES]
    assert not empty, "the demo world has changed: name other customers and numbers in these recipes"
