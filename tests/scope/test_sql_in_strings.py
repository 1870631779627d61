"""SQL in every place of the schema that takes a text: it is a text like any other, or a clear error."""

from collections import defaultdict
from collections.abc import Iterator

import psycopg
import pytest

from models.roles import Role
from schema.registry import entities
from tests.scope.arguments import Place, places
from tests.scope.selections import GRAPHQL
from tests.scope.worker import Worker

SQL = (
    "' or '1'='1",
    "'; drop table customers cascade; --",
    "1; delete from contracts; --",
    "') union select id, number, 1, 'NAME', restriction_reason from customers --",
    "$1 or true",
    "%s %(a)s {0} \\\\' or true --",
    "$$; truncate claims; $$",
    "x' || (select pg_sleep(5)) || '",
    "\\u0027 or true --",
    "E'\\\\x27' or 1=1/*",
)

PLACES = places("String", "ID")
# Scalars that take no other texts than their own: an operation with another is refused before it runs.
STRICT = places("Decimal", "Date", "DateTime", "CountryCode", "CurrencyCode", "LanguageTag", "Email", "PhoneNumber")
# Under what one operation may ask for; see execution/limits.py.
_AT_ONCE = {"Query": 40, "Mutation": 10}
_BELOW = 50


def _fields(wanted: list[Place]) -> Iterator[tuple[str, list[str]]]:
    """(owner, fields with SQL in their arguments), as many as go into one operation.

    Below the root each kind of list and path once.
    """
    by_owner: dict[str, list[Place]] = defaultdict(list)
    for place in {place.kind_of_place: place for place in wanted}.values():
        by_owner[place.owner].append(place)
    for owner, found in by_owner.items():
        asked = [place.asked(f"a{n}x{m}", _quoted(text)) for n, place in enumerate(found) for m, text in enumerate(SQL)]
        size = _AT_ONCE.get(owner, _BELOW)
        for start in range(0, len(asked), size):
            yield owner, asked[start : start + size]


def _rows(url: str) -> dict[str, set[str]]:
    """A hash of each row of each table of the graph but the audit log."""
    with psycopg.connect(url) as connection:
        return {
            table: {row[0] for row in connection.execute(f"select md5(t::text) from {table} t".encode())}
            for table in (entity.table.name for entity in entities())
            if not table.startswith("audit")
        }


def test_there_are_such_places() -> None:
    kinds = {place.kind for place in PLACES}
    assert {"String", "ID"} <= kinds
    assert {place.owner for place in PLACES} >= {"Query", "Mutation", "Customer"}


@pytest.mark.timeout(600)
async def test_sql_in_an_argument_is_a_text_or_an_error(worker: Worker) -> None:
    """By somebody who may do everything; nothing that was there is changed."""
    before = _rows(worker.url)
    actor = worker.actors[Role.ADMINISTRATOR]
    with psycopg.connect(worker.url) as connection:
        parents = {
            entity.name: [f"{entity.prefix}_{row[0]}"]
            for entity in entities()
            if (row := connection.execute(f"select id from {entity.table.name} limit 1".encode()).fetchone())
        }
    query_type = GRAPHQL.query_type
    assert query_type
    for owner, fields in _fields(PLACES):
        if owner == "Subscription":
            for field in fields:
                refused = await worker.follow(actor, f"subscription {{ {field} }}")
                codes = {error["extensions"]["code"] for error in refused or []}
                assert codes <= {"BAD_USER_INPUT", "NOT_FOUND", "CURSOR_INVALID"}, (field, refused)
            continue
        text = " ".join(fields)
        if owner == "Mutation":
            query = f"mutation {{ {text} }}"
        elif owner == query_type.name:
            query = f"{{ {text} }}"
        elif owner in parents:
            query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {owner} {{ {text} }} }} }}"
        else:
            continue
        variables = {"ids": parents[owner]} if owner in parents else {}
        data, errors, _, _ = await worker.ask(actor, query, **variables)
        codes = {error["extensions"]["code"] for error in errors}
        assert not codes & {"INTERNAL", "SERVICE_UNAVAILABLE", "TIMEOUT", "QUERY_TOO_COMPLEX"}, (owner, errors[:3])
        assert all("syntax error at or near" not in error["message"] for error in errors), (owner, errors)
        _nothing_is_found(data)
    after = _rows(worker.url)
    for table, rows in before.items():
        assert rows <= after[table], f"rows of {table} were changed"


async def test_sql_in_other_scalars_is_refused(worker: Worker) -> None:
    for place in {place.shows + place.path: place for place in STRICT if place.owner == "Query"}.values():
        for text in SQL[:2]:
            query = f"{{ {place.asked('it', _quoted(text))} }}"
            data, errors, statements, _ = await worker.ask(worker.actors[Role.ADMINISTRATOR], query)
            assert (data, statements) == (None, 0), place
            assert {error["extensions"]["code"] for error in errors} == {"BAD_USER_INPUT"}, place


def _quoted(text: str) -> str:
    return f'"{text}"'


def _nothing_is_found(data: object) -> None:
    """A condition that SQL would make true of all rows finds none: it is compared with as a text."""
    if isinstance(data, dict):
        for value in data.values():
            if isinstance(value, dict) and "totalCount" in value:
                assert value["totalCount"] == 0
            else:
                _nothing_is_found(value)
    elif isinstance(data, list):
        for value in data:
            _nothing_is_found(value)
