"""Operations that ask for too much are refused before they run, counted through fragments and aliases."""

import pytest
from graphql import OperationType, build_schema

from execution.documents import CACHED_DOCUMENTS, Documents
from execution.limits import MAX_DEPTH, MAX_FIELDS
from tests.graph import Graph


@pytest.fixture
def documents() -> Documents:
    return Documents(build_schema("type Query { self: Query leaf: Int }"))


def _codes(documents: Documents, query: str) -> list[str]:
    return [str((error.extensions or {})["code"]) for error in documents.get(query).errors]


def _nested(depth: int) -> str:
    return "{ self " * (depth - 1) + "{ leaf }" + " }" * (depth - 1)


def test_depth(documents: Documents) -> None:
    assert _codes(documents, _nested(MAX_DEPTH)) == []
    assert _codes(documents, _nested(MAX_DEPTH + 1)) == ["QUERY_TOO_COMPLEX"]


def test_depth_through_fragments(documents: Documents) -> None:
    fragments = " ".join(f"fragment F{n} on Query {{ self {{ ...F{n + 1} }} }}" for n in range(MAX_DEPTH))
    query = f"{{ ...F0 }} {fragments} fragment F{MAX_DEPTH} on Query {{ leaf }}"
    assert _codes(documents, query) == ["QUERY_TOO_COMPLEX"]


def test_aliases(documents: Documents) -> None:
    assert _codes(documents, "{ self {" + " ".join(f"a{n}: leaf" for n in range(MAX_FIELDS - 1)) + "} }") == []
    assert _codes(documents, "{ self {" + " ".join(f"a{n}: leaf" for n in range(MAX_FIELDS)) + "} }") == [
        "QUERY_TOO_COMPLEX"
    ]


def test_aliases_multiplied_by_fragments(documents: Documents) -> None:
    spreads = "fragment A on Query { a: self { ...B } b: self { ...B } c: self { ...B } d: self { ...B } }"
    for letter, following in zip("BCDEF", "CDEFG", strict=True):
        spreads += (
            f" fragment {letter} on Query {{ " + " ".join(f"{a}: self {{ ...{following} }}" for a in "abcd") + " }"
        )
    assert _codes(documents, "{ ...A } " + spreads + " fragment G on Query { leaf }") == ["QUERY_TOO_COMPLEX"]


def test_a_fragment_that_spreads_itself_is_refused_not_followed(documents: Documents) -> None:
    assert "GRAPHQL_VALIDATION_FAILED" in _codes(documents, "{ ...A } fragment A on Query { self { ...A } }")


def test_the_cache_of_documents_is_bounded(documents: Documents) -> None:
    for n in range(CACHED_DOCUMENTS + 10):
        documents.get(f"{{ a{n}: leaf }}")
    assert len(documents._cache) == CACHED_DOCUMENTS
    assert documents.get(f"{{ a{CACHED_DOCUMENTS}: leaf }}") is documents.get(f"{{ a{CACHED_DOCUMENTS}: leaf }}")


async def test_introspection_by_tools_fits(graph: Graph) -> None:
    from graphql import get_introspection_query

    answer = await graph.ask(get_introspection_query(input_value_deprecation=True))
    assert answer.data["__schema"]["queryType"]["name"] == OperationType.QUERY.value.title()


def test_a_field_repeated_too_often_is_refused_at_once(documents: Documents) -> None:
    assert _codes(documents, "{" + "self { leaf } " * 50 + "}") == []
    assert _codes(documents, "{" + "self { leaf } " * 51 + "}") == ["QUERY_TOO_COMPLEX"]
    assert _codes(documents, "{ self {" + "self { leaf } " * 600 + "} }") == ["QUERY_TOO_COMPLEX"]
