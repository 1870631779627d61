"""Every recipe says what it is and is a single named operation. Whether it runs is for the tests of the schema."""

import pytest
from graphql import OperationDefinitionNode, parse

from tests.web.recipes import FOLDER, Recipe, all_recipes

RECIPES = all_recipes()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_is_well_formed(recipe: Recipe) -> None:
    assert {"title", "group", "about"} <= recipe.about.keys() <= {"title", "group", "about", "order"}
    assert recipe.about.get("order", "0").isdigit()
    operations = [node for node in parse(recipe.query).definitions if isinstance(node, OperationDefinitionNode)]
    assert len(operations) == 1
    assert operations[0].name is not None, "the tab takes its title from the operation's name"
    declared = {variable.variable.name.value for variable in operations[0].variable_definitions or ()}
    assert recipe.variables.keys() <= declared


def test_titles_are_unique_and_one_recipe_welcomes() -> None:
    assert len({recipe.about["title"] for recipe in RECIPES}) == len(RECIPES)
    orders = sorted(int(recipe.about.get("order", "1000")) for recipe in RECIPES)
    assert orders[:2] != [orders[0]] * 2, "two recipes claim to be the welcome"


def test_no_variables_without_a_recipe() -> None:
    stems = {path.name.removesuffix(".variables.json") for path in FOLDER.glob("*.json")}
    assert stems <= {recipe.name for recipe in RECIPES}
