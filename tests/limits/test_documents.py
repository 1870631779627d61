"""Limits on what a request may hold, counted through fragments: fields at the root, directives, nesting, batches."""

from typing import Any

import pytest
from graphql import build_schema

from execution.documents import Documents
from execution.limits import MAX_DIRECTIVES, MAX_JSON_DEPTH, MAX_MUTATIONS, MAX_ROOT_FIELDS
from tests.limits.conftest import Service

SDL = "type Query { self: Query leaf: Int } type Mutation { do: Int }"


def _codes(query: str) -> set[str]:
    errors = Documents(build_schema(SDL)).get(query).errors
    return {str((error.extensions or {})["code"]) for error in errors}


def _fields(count: int, name: str = "leaf") -> str:
    return " ".join(f"a{n}: {name}" for n in range(count))


def test_fields_at_the_root() -> None:
    assert _codes(f"{{ {_fields(MAX_ROOT_FIELDS)} }}") == set()
    assert _codes(f"{{ {_fields(MAX_ROOT_FIELDS + 1)} }}") == {"QUERY_TOO_COMPLEX"}
    assert _codes(f"{{ self {{ {_fields(MAX_ROOT_FIELDS + 1)} }} }}") == set()


def test_fields_at_the_root_through_fragments() -> None:
    half = MAX_ROOT_FIELDS // 2
    fragments = f"fragment F on Query {{ ...G ... on Query {{ b: leaf }} }} fragment G on Query {{ {_fields(half)} }}"
    assert _codes(f"{{ ...F {' '.join(f'c{n}: leaf' for n in range(half - 1))} }} {fragments}") == set()
    assert _codes(f"{{ ...F {' '.join(f'c{n}: leaf' for n in range(half))} }} {fragments}") == {"QUERY_TOO_COMPLEX"}


def test_mutations() -> None:
    assert _codes(f"mutation {{ {_fields(MAX_MUTATIONS, 'do')} }}") == set()
    assert _codes(f"mutation {{ {_fields(MAX_MUTATIONS + 1, 'do')} }}") == {"QUERY_TOO_COMPLEX"}


def test_directives() -> None:
    half = MAX_DIRECTIVES // 2
    skipped = " ".join(f"a{n}: leaf @skip(if: false)" for n in range(half))
    spread = "{ self { ...F } b: self { ...F } }"
    assert _codes(f"{spread} fragment F on Query {{ {skipped} }}") == set()
    assert _codes(f"{spread} fragment F on Query {{ {skipped} c: leaf @skip(if: false) }}") == {"QUERY_TOO_COMPLEX"}


def test_unknown_directives_by_the_thousand() -> None:
    assert _codes("{ leaf " + "@a" * 3_000 + " }") == {"QUERY_TOO_COMPLEX"}
    assert _codes("query " + "@a" * 3_000 + " { leaf }") == {"QUERY_TOO_COMPLEX"}


@pytest.mark.parametrize(("levels", "status"), [(MAX_JSON_DEPTH - 1, 200), (MAX_JSON_DEPTH, 400), (900, 400)])
async def test_nesting_of_variables(service: Service, levels: int, status: int) -> None:
    for opening, closing in (('{"a":', "}"), ("[", "]")):
        value = opening * levels + "1" + closing * levels
        body = f'{{"query": "{{ __typename }}", "variables": {{"v": {value}}}}}'
        response = await service.anonymous.post("/graphql", content=body, headers={"content-type": "application/json"})
        assert response.status_code == status
        if status == 400:
            assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("batch", [[], [{"query": "{ __typename }"}], [{"query": "{ __typename }"}] * 1_000])
async def test_batches(service: Service, batch: list[Any]) -> None:
    response = await service.anonymous.post("/graphql", json=batch)
    assert response.status_code == 400
    assert "batches" in response.json()["errors"][0]["message"]
