"""Two drivers, one answer: compiled plans and graphql-core's interpreter give the same bytes.

Operations are generated from the schema itself. C360_DIFFERENTIAL=5000 runs that many of them.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis_graphql
import psycopg
import pytest
from graphql import OperationType, StringValueNode
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from auth.actor import SYSTEM
from core.database import make_pool
from core.snapshot import Pool
from execution.context import OperationContext
from execution.operations import GraphQLRequest, Outcome, Runner
from resolvers.root import schema
from tests.database.operations import Writer
from transport.extensions import encode

EXAMPLES = int(os.environ.get("C360_DIFFERENTIAL", "200"))


class Both:
    """Asks both drivers, on an event loop of its own: hypothesis calls its tests synchronously."""

    def __init__(self, database: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._pool: Pool = self._loop.run_until_complete(self._open(database))
        self._runners = [Runner(schema._schema, compiling=compiling) for compiling in (True, False)]

    async def _open(self, database: str) -> Pool:
        pool = make_pool(database, 2)
        await pool.open()
        return pool

    async def _ask(self, runner: Runner, request: GraphQLRequest) -> Outcome:
        async with OperationContext(self._pool, SYSTEM) as context:
            return await runner.run(request, context, (OperationType.QUERY,))

    def ask(self, query: str, variables: dict[str, Any] | None = None) -> tuple[Outcome, Outcome]:
        """The outcomes of the compiled and of the interpreting runner."""
        request = GraphQLRequest(query, variables or {})
        compiled, interpreted = (self._loop.run_until_complete(self._ask(runner, request)) for runner in self._runners)
        return compiled, interpreted

    def close(self) -> None:
        self._loop.run_until_complete(self._pool.close())
        self._loop.close()


@pytest.fixture(scope="module")
def both(demo_database: str) -> Iterator[Both]:
    asking = Both(demo_database)
    yield asking
    asking.close()


def _ids(database: str) -> list[str]:
    """Ids and numbers that lead somewhere, for arguments that would otherwise find nothing."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "(select 'cus_' || id from customers limit 4) union all (select 'clm_' || id from claims limit 3)"
            " union all (select 'con_' || id from contracts limit 3)"
            " union all (select 'evt_' || id from events limit 3)"
        )
        return [row[0] for row in rows]


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def _agree(both: Both, query: str) -> bool:
    """Whether a plan ran it; both drivers must say the same."""
    compiled, interpreted = both.ask(query)
    assert encode(_stable(compiled)) == encode(_stable(interpreted)), query
    return compiled.interpreted is None


@pytest.mark.timeout(120 + EXAMPLES)
def test_operations_that_mean_something(both: Both, demo_database: str) -> None:
    ids = _ids(demo_database)
    compiled = []

    @_settings(EXAMPLES)
    @given(st.randoms(use_true_random=False))
    def check(random: Any) -> None:
        compiled.append(_agree(both, Writer(schema._schema, random, ids).operation()))

    check()
    # The others have arguments that do not fit one another, which graphql-core reports.
    assert sum(compiled) > len(compiled) // 4


@pytest.mark.timeout(120 + EXAMPLES)
def test_operations_with_any_arguments(both: Both) -> None:
    """Mostly wrong ones: the errors must be the same, in the same place."""
    scalars: dict[str, Any] = {
        "DateTime": st.just(StringValueNode(value="2020-01-01T00:00:00Z")),
        "Date": st.just(StringValueNode(value="2020-01-01")),
        "Decimal": st.just(StringValueNode(value="250.50")),
    }

    @_settings(EXAMPLES // 3)
    @given(hypothesis_graphql.queries(schema.as_str(), custom_scalars=scalars, allow_x00=False))
    def check(query: str) -> None:
        _agree(both, query)

    check()


def _stable(outcome: Outcome) -> dict[str, Any]:
    response = outcome.response()
    for error in response.get("errors", ()):
        error["extensions"].pop("errorId", None)
    return response


def _documents() -> list[tuple[Path, Path]]:
    root = Path(__file__).parent.parent.parent
    found = [root / "benchmarks/queries/customer_360.graphql", *(root / "web/recipes").glob("*.graphql")]
    return [(path, path.with_suffix(".variables.json")) for path in sorted(found)]


@pytest.mark.parametrize(("query", "variables"), _documents(), ids=lambda path: path.stem)
def test_the_canonical_queries_and_every_recipe(both: Both, query: Path, variables: Path) -> None:
    import json

    text = query.read_text("utf-8")
    values = json.loads(variables.read_text("utf-8")) if variables.exists() else {}
    compiled, interpreted = both.ask(text, values)
    assert encode(compiled.response()) == encode(interpreted.response())
    if "__schema" not in text and "__type(" not in text:
        assert compiled.interpreted is None


_FEATURES = {
    "aliases": '{ a: customer(number: "C-0000001") { x: number y: number } b: __typename }',
    "fragments": """{ customers(first: 3) { nodes { ...F ... on Node { __typename id } ... on Claim { number } } } }
        fragment F on Customer { displayName lifetimeValue { __typename c: currency amount } income { amount } }""",
    "merged selections": """{ customers(first: 2) { nodes { contracts(first: 1) { nodes { number } }
        contracts(first: 1) { totalCount nodes { status } } } } }""",
    "several selections of one page": """{ customers(first: 3) { a: nodes { number } b: nodes { displayName }
        edges { cursor node { kind } n: node { status } } e: edges { cursor }
        pageInfo { startCursor hasNextPage } } }""",
    "same edge with different arguments": """{ customers(first: 3) { nodes {
        a: contracts(first: 1) { nodes { number } } b: contracts(last: 1) { nodes { number } } } } }""",
    "backward pages": """{ contracts(last: 3, orderBy: { field: PREMIUM, direction: DESC }) {
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { number } } } }""",
    "polymorphic": """{ customers(first: 3) { nodes { timeline(first: 9) { nodes { type subject { __typename
        ... on Contract { number product { name } } ... on Order { number documents { kind } } }
        cause { type } } } } } }""",
    "search": """{ search(query: "an", first: 5) { score matchedField object { __typename
        ... on Customer { displayName household { name } } } } }""",
    "computed": "{ claims(first: 5) { nodes { isOpen status } } }",
    "empty": '{ customer(number: "nobody") { id contracts { totalCount } } customers(first: 0) { nodes { id } } }',
    "deep": """{ claims(first: 2) { nodes { contract { customer { household { members { customer { contracts {
        nodes { claims { totalCount } } } } } } } } } } }""",
    "errors": '{ customers(first: -1) { totalCount } nodes(ids: ["x"]) { id } __typename }',
    "totals": "{ households(first: 4) { nodes { totals { contractCount openReserve { amount } } } } }",
    "masked": """{ customers(first: 30) { nodes { nationalId { reason m: masked masked __typename } bankAccounts {
        iban { reason } } } } orders(first: 60) { nodes { medicalExams { notes { ...N } } } } }
        fragment N on MaskedValue { masked reason }""",
    "introspection": "{ __schema { queryType { name } } customers(first: 1) { totalCount } }",
}


@pytest.mark.parametrize("name", _FEATURES)
def test_features(both: Both, name: str) -> None:
    compiled, interpreted = both.ask(_FEATURES[name])
    assert encode(_stable(compiled)) == encode(_stable(interpreted))
    assert (compiled.interpreted is None) == (name not in ("errors", "introspection")), compiled.interpreted


@pytest.mark.parametrize("variables", [{"n": None}, {}, {"n": 3}])
def test_a_nullable_variable_for_an_argument_that_is_not(both: Both, variables: dict[str, Any]) -> None:
    """A null must be refused as graphql-core refuses it; left out, the argument's default counts."""
    query = 'query ($n: Int) { search(query: "an", first: $n) { score } __typename }'
    compiled, interpreted = both.ask(query, variables)
    assert encode(compiled.response()) == encode(interpreted.response())
    assert bool(compiled.errors) == (variables == {"n": None})


def test_directives_and_variables(both: Both) -> None:
    query = """query ($yes: Boolean!, $no: Boolean!, $first: Int, $order: CustomerOrder, $after: String) {
        customers(first: $first, orderBy: $order, after: $after) {
            pageInfo { endCursor } nodes { number @include(if: $yes) kind @skip(if: $yes) status @skip(if: $no) } } }"""
    after = None
    for yes in (True, False):
        for field in ("SORT_NAME", "BIRTH_DATE", "RISK_SCORE"):
            order = {"field": field, "direction": "DESC"}
            variables = {"yes": yes, "no": not yes, "first": 5, "order": order}
            compiled, interpreted = both.ask(query, variables)
            assert encode(compiled.response()) == encode(interpreted.response())
            assert compiled.interpreted is None
            after = (compiled.data or {})["customers"]["pageInfo"]["endCursor"]
            compiled, interpreted = both.ask(query, {**variables, "after": after})
            assert encode(compiled.response()) == encode(interpreted.response())
            assert compiled.interpreted is None
