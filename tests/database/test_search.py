"""The search box finds what people type, says what matched, and never reads a whole table."""

from typing import Any

import psycopg
import pytest

from core.database import SESSION
from loaders.search import NUMBERED, statement
from tests.graph import Graph
from tests.plans import generic_plan, read_whole

_SEARCH = """query ($query: String!, $first: Int! = 10) { search(query: $query, first: $first) {
  score matchedField matchedText
  object { __typename ... on Customer { number displayName } ... on Contract { number } ... on Claim { number }
           ... on Order { number } ... on Complaint { number } ... on Household { number } } } }"""


async def _search(graph: Graph, query: str) -> list[Any]:
    hits = (await graph.ask(_SEARCH, query=query)).data["search"]
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert all(0 < hit["score"] <= 1 for hit in hits)
    return list(hits)


@pytest.fixture
def person(demo_database: str) -> dict[str, str]:
    """A person with a letter beyond ASCII in the name, a phone and an e-mail address."""
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select c.number, c.first_name, c.last_name, c.display_name, p.e164, e.address from customers c"
            " join phones p on p.customer_id = c.id join emails e on e.customer_id = c.id"
            " where c.last_name ~ '[^[:ascii:]]' and length(c.last_name) > 5 order by c.number limit 1"
        ).fetchone()
    assert row
    return dict(zip(("number", "first", "last", "display", "phone", "email"), row, strict=True))


def _without_accents(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


async def test_names_without_accents_and_with_a_typing_error(graph: Graph, person: dict[str, str]) -> None:
    last = person["last"]
    plain = _without_accents(last)
    typo = plain[:2] + plain[3:] if len(plain) > 6 else plain + plain[-1]
    for query in (last, plain.upper(), f"{person['first']} {last}", f"{last} {person['first']}", typo):
        hits = await _search(graph, query)
        assert person["number"] in [hit["object"]["number"] for hit in hits], query
        assert hits[0]["matchedField"] == "NAME"


async def test_the_better_match_comes_first(graph: Graph, person: dict[str, str]) -> None:
    hits = await _search(graph, f"{person['first']} {person['last']}")
    assert hits[0]["matchedText"] == person["display"]


async def test_email(graph: Graph, person: dict[str, str]) -> None:
    for query in (person["email"], person["email"].upper(), person["email"].split("@")[0] + "@"):
        hits = await _search(graph, query)
        hit = next(hit for hit in hits if hit["object"]["number"] == person["number"])
        assert (hit["matchedField"], hit["matchedText"]) == ("EMAIL", person["email"])


async def test_phone_in_any_notation(graph: Graph, person: dict[str, str]) -> None:
    digits = person["phone"].removeprefix("+")
    national = digits[2:] if not digits.startswith("353") else digits[3:]
    notations = (
        person["phone"],
        f"00{digits}",
        f"+{digits[:2]} {digits[2:5]}/{digits[5:]}",
        f"0{national}",
        f"(0{national[:3]}) {national[3:]}",
        national[-7:],
    )
    for query in notations:
        hits = await _search(graph, query)
        phones = [hit for hit in hits if hit["matchedField"] == "PHONE"]
        assert person["number"] in [hit["object"]["number"] for hit in phones], query


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("customers", "Customer"),
        ("contracts", "Contract"),
        ("orders", "Order"),
        ("claims", "Claim"),
        ("complaints", "Complaint"),
        ("households", "Household"),
    ],
)
async def test_numbers_with_and_without_letter_and_zeros(
    graph: Graph, demo_database: str, table: str, kind: str
) -> None:
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(f"select max(number) from {table}").fetchone()
    assert row
    number: str = row[0]
    letter, _, figures = number.partition("-")
    for query in (number, number.lower(), f"{letter}{figures}", f"{letter} {figures.lstrip('0')}", figures.lstrip("0")):
        hits = await _search(graph, query)
        found = [(hit["object"]["__typename"], hit["object"]["number"]) for hit in hits]
        assert (kind, number) in found, query


async def test_identifiers_of_other_systems(graph: Graph, demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select i.value, c.number from customer_identifiers i join customers c on c.id = i.customer_id limit 1"
        ).fetchone()
    assert row
    hits = await _search(graph, row[0])
    assert row[1] in [hit["object"]["number"] for hit in hits if hit["matchedField"] == "IDENTIFIER"]


@pytest.mark.parametrize("query", ["", "   ", "%", "_", "@", "\\", "'", "🦄", "a", "+", "().", "0", "999999999999"])
async def test_odd_queries_find_nothing_and_do_no_harm(graph: Graph, query: str) -> None:
    assert len(await _search(graph, query)) <= 10


async def test_an_object_is_found_once(graph: Graph, person: dict[str, str]) -> None:
    hits = await _search(graph, person["last"])
    numbers = [hit["object"]["number"] for hit in hits]
    assert len(numbers) == len(set(numbers))


async def test_search_and_what_it_found_take_two_round_trips(graph: Graph, person: dict[str, str]) -> None:
    answer = await graph.ask(_SEARCH, query=person["last"])
    assert (answer.statements, answer.round_trips) == (2, 2)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"query": "x", "first": 51}, "first is between 0 and 50"),
        ({"query": "x", "first": -1}, "first is between 0 and 50"),
        ({"query": "x" * 201}, "at most 200 characters"),
        ({"query": "\0"}, "without NUL"),
    ],
)
async def test_bad_arguments(graph: Graph, variables: dict[str, Any], message: str) -> None:
    answer = await graph.ask(_SEARCH, **variables)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert message in answer.outcome.errors[0]["message"]


@pytest.mark.parametrize(
    "text", ["Müller", "anna schmitt", "anna.schmitt@mail.example", "0171 555 1234", "4711", "K-0004711", "CRM-4711"]
)
def test_no_part_of_a_search_reads_a_whole_table(large_database: str, text: str) -> None:
    sql, values = statement(text, 20, frozenset(NUMBERED.values()))
    options = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    with psycopg.connect(large_database, options=options) as connection:
        plan = generic_plan(connection, sql, values)
        # Nobody was merged in that world, and of an empty table nothing is read.
        assert connection.execute("select count(*) from customer_merges").fetchone() == (0,)
    assert read_whole(plan) - {"customer_merges"} == set()
