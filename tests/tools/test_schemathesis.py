"""Random operations and random bad arguments: whatever comes, the answer is GraphQL, with coded errors, never INTERNAL.

The examples are the same on every run. `C360_FUZZ=2000` tries that many others instead, for a hunt.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import schemathesis
from graphql import (
    GraphQLArgument,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_composite_type,
    is_required_argument,
)
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries
from schemathesis import Case, GenerationMode

from tests.signing_in import Headers
from tests.tools import bad_values
from tests.tools.taming import Ids, is_connection, some_ids, tame

pytestmark = pytest.mark.timeout(300)

REFUSALS = {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "QUERY_TOO_COMPLEX"}
OK = "no errors"

schemathesis.graphql.scalar("Decimal", st.decimals(allow_nan=False, allow_infinity=False).map(str).map(nodes.String))


def _examples(number: int) -> settings:
    """Always the same `number` of examples, or those of the hunt."""
    hunt = os.environ.get("C360_FUZZ")
    return settings(
        max_examples=int(hunt or number),
        derandomize=hunt is None,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )


@pytest.fixture(scope="module")
def schema(sdl: Path) -> GraphQLSchema:
    """The schema of the committed SDL."""
    return build_schema(sdl.read_text())


@pytest.fixture(scope="module")
def ids(schema: GraphQLSchema, client: httpx.Client) -> Ids:
    """Some ids of each type."""
    return some_ids(schema, client)


@pytest.fixture(scope="module")
def bad(ids: Ids, client: httpx.Client) -> dict[str, bad_values.Values]:
    """Bad values for each scalar."""
    query = "{ customers(first: 1) { pageInfo { endCursor } } contracts(first: 1) { pageInfo { endCursor } } }"
    pages = client.post("/graphql", json={"query": query}).json()["data"].values()
    return bad_values.scalars(
        [one for many in ids.values() for one in many], [p["pageInfo"]["endCursor"] for p in pages]
    )


def _codes(query: str, status: int, answer: Any) -> set[str]:
    """The codes of the answer's errors, after a look at its form: a GraphQL response in which every error is coded."""
    note(query)
    assert status in (200, 400)
    assert isinstance(answer, dict)
    assert set(answer) <= {"data", "errors", "extensions"}
    assert "data" in answer or answer["errors"]
    errors = answer.get("errors", [])
    for error in errors:
        assert isinstance(error["message"], str)
        assert error["extensions"]["code"] in REFUSALS, error
    return {error["extensions"]["code"] for error in errors} or {OK}


def _ask(client: httpx.Client, query: str, variables: dict[str, Any] | None = None) -> set[str]:
    """Ask, and give the codes of the answer."""
    response = client.post("/graphql", json={"query": query, "variables": variables})
    return _codes(f"{query}\n{variables}", response.status_code, response.json())


def test_schemathesis_finds_nothing(service_url: str, credentials: Headers, schema: GraphQLSchema, ids: Ids) -> None:
    """Only queries: the demo world is shared."""
    loaded = schemathesis.graphql.from_url(f"{service_url}/graphql", headers=credentials, config=schemathesis.Config())
    only_queries = loaded.include(name_regex=r"^Query\.")
    cases = only_queries.as_strategy() | only_queries.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @_examples(100)
    @given(case=cases, tamed=st.booleans())
    def attack(case: Case[Any], tamed: bool) -> None:
        assert isinstance(case.body, str)
        if tamed:
            case.body = tame(case.body, schema, ids)
        response = case.call(headers=credentials)
        seen.update(_codes(case.body, response.status_code, response.json()))

    seen: set[str] = set()
    attack()
    assert {OK, "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"} <= seen


def test_bad_values_in_the_text_of_a_query_get_coded_errors(
    schema: GraphQLSchema, bad: dict[str, bad_values.Values], client: httpx.Client
) -> None:
    assert schema.query_type is not None
    literals = {name: values.map(nodes.Int if name == "Int" else nodes.String) for name, values in bad.items()}
    of_field = {
        name: queries(schema, fields=[name], custom_scalars=literals)
        for name, field in schema.query_type.fields.items()
        if field.args
    }

    @_examples(100)
    @given(query=st.sampled_from(sorted(of_field)).flatmap(of_field.__getitem__))
    def attack(query: str) -> None:
        seen.update(_ask(client, query))

    seen: set[str] = set()
    attack()
    assert {OK, "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"} <= seen


@dataclass(frozen=True)
class Place:
    """A field with arguments: on the root, or on an object that a node of the demo world leads to."""

    node: str | None
    kind: str
    name: str
    selection: str
    arguments: Mapping[str, GraphQLArgument]

    def query(self, given: Collection[str]) -> str:
        """The query that hands variables of the same name to the given arguments."""
        variables = ", ".join(f"${name}: {self.arguments[name].type}" for name in given)
        field = f"{self.name}({', '.join(f'{name}: ${name}' for name in given)}) {self.selection}"
        if self.node is not None:
            field = f'node(id: "{self.node}") {{ ... on {self.kind} {{ {field} }} }}'
        return f"query({variables}) {{ {field} }}"

    def attacks(self, bad: dict[str, bad_values.Values]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
        """Queries with one or two bad arguments beside the required ones."""
        required = {name for name, argument in self.arguments.items() if is_required_argument(argument)}
        chosen = st.lists(st.sampled_from(sorted(self.arguments)), min_size=1, max_size=2, unique=True)
        return chosen.flatmap(
            lambda some: st.fixed_dictionaries(
                {name: bad_values.variable(self.arguments[name].type, bad) for name in sorted({*some, *required})}
            )
        ).map(lambda values: (self.query(values), values))


def _places(schema: GraphQLSchema, ids: Ids) -> Iterator[Place]:
    for kind in schema.type_map.values():
        is_root = kind is schema.query_type
        if not isinstance(kind, GraphQLObjectType) or not (is_root or kind.name in ids):
            continue
        for name, field in kind.fields.items():
            if field.args:
                selection = "{ __typename }" if is_composite_type(get_named_type(field.type)) else ""
                if is_connection(field):
                    selection = "{ nodes { __typename } pageInfo { endCursor } totalCount }"
                yield Place(None if is_root else ids[kind.name][0], kind.name, name, selection, field.args)


def test_bad_variables_get_coded_errors(
    schema: GraphQLSchema, ids: Ids, bad: dict[str, bad_values.Values], client: httpx.Client
) -> None:
    attacks = st.sampled_from(list(_places(schema, ids))).flatmap(lambda place: place.attacks(bad))

    @_examples(400)
    @given(attack=attacks)
    def attack(attack: tuple[str, dict[str, Any]]) -> None:
        query, variables = attack
        seen.update(_ask(client, query, variables))

    seen: set[str] = set()
    attack()
    assert {OK, "BAD_USER_INPUT"} <= seen


def test_refused_operations_keep_no_connection(ids: Ids, client: httpx.Client, service_database: str) -> None:
    """A sibling's error ends an operation while reads are still waiting to be sent; they must not be sent after it."""
    query = f'{{ node(id: "{ids["Customer"][0]}") {{ id }} nodes(ids: ["x"]) {{ id }} }}'
    for _ in range(20):
        assert client.post("/graphql", json={"query": query}).json()["errors"]
    with psycopg.connect(service_database) as connection:
        left = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in trans%'"
        ).fetchone()
    assert left == (0,)
    assert client.post("/graphql", json={"query": "{ customers(first: 1) { nodes { id } } }"}).json()["data"]
