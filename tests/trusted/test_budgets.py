"""The budget of a document: never less than what it costs, whatever its variables are."""

import json
from pathlib import Path
from typing import Any

import pytest
from graphql.execution.values import VariableValues, get_variable_values

from auth.actor import SYSTEM
from core.database import make_pool
from execution.context import OperationContext
from execution.cost import Cost, price
from execution.documents import Documents
from execution.driver import Driver
from execution.trusted.budgets import examined
from resolvers.root import schema
from tests.web.recipes import Recipe, all_recipes

SCHEMA = schema._schema


def _cost(query: str, variables: dict[str, Any]) -> Cost:
    document = Documents(SCHEMA).get(query)
    operation = document.operation(None)
    assert document.ast is not None
    assert operation is not None
    context = OperationContext(make_pool("", 1), SYSTEM)
    driver = Driver.build(SCHEMA, document.ast, context_value=context, raw_variable_values=variables)
    assert isinstance(driver, Driver)
    values = get_variable_values(SCHEMA, operation.variable_definitions or (), variables)
    assert isinstance(values, VariableValues)
    return price(driver).of(values)


@pytest.mark.parametrize("recipe", all_recipes(), ids=lambda recipe: recipe.name)
def test_a_recipe_costs_at_most_its_budget(recipe: Recipe) -> None:
    assert examined(SCHEMA, recipe.query).budget.covers(_cost(recipe.query, recipe.variables))


def test_so_does_the_whole_profile(repository: Path) -> None:
    folder = repository / "benchmarks" / "queries"
    query = (folder / "customer_360.graphql").read_text("utf-8")
    variables = json.loads((folder / "customer_360.variables.json").read_text("utf-8"))
    cost, budget = _cost(query, variables), examined(SCHEMA, query).budget
    # Nothing there depends on variables.
    assert (budget.statements, budget.rows, budget.points) == (cost.statements, cost.rows, cost.points)


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": 100}),
        ("query ($n: Int) { customers(last: $n) { nodes { contracts(first: 5) { nodes { id } } } } }", {"n": 100}),
        ("query ($q: String!, $n: Int!) { search(query: $q, first: $n) { __typename } }", {"q": "x", "n": 50}),
        ("query ($yes: Boolean!) { customers(first: 9) { nodes @include(if: $yes) { id } } }", {"yes": True}),
        (
            "query ($no: Boolean!) { ...F @skip(if: $no) } fragment F on Query { products { totalCount } }",
            {"no": False},
        ),
        (
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            {"ids": ["cus_0192f0c1-0000-7000-8000-000000000000"] * 100},
        ),
    ],
)
def test_the_largest_that_variables_may_ask_for(query: str, variables: dict[str, Any]) -> None:
    cost, budget = _cost(query, variables), examined(SCHEMA, query).budget
    assert (budget.statements, budget.rows, budget.points) == (cost.statements, cost.rows, cost.points)


def test_pages_in_pages_do_not_overflow_the_table() -> None:
    inner = "id"
    for _ in range(7):
        inner = f"customer {{ contracts(first: $n) {{ nodes {{ {inner} }} }} }}"
    query = f"query ($n: Int) {{ contracts(first: $n) {{ nodes {{ {inner} }} }} }}"
    budget = examined(SCHEMA, query).budget
    assert budget.rows == budget.points == 10**12
