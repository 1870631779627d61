"""What a partner gets through the graph: its own book, by every path, and no error where its permissions end."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from auth.actor import Actor, user
from auth.permissions import ROLES
from core.database import make_pool
from core.ids import public_id
from core.scope import PARTNER
from core.snapshot import Pool
from execution.operations import Runner
from execution.permissions import needs_of
from models.grants import ALL, GRANTS
from models.roles import Role
from resolvers.root import schema
from schema.registry import Entity, entities
from tests.graph import Graph

_SEEN = [entity for entity in entities() if entity.permission <= ROLES[Role.PARTNER]]


@pytest.fixture
async def partner_pool(demo_database: str) -> AsyncIterator[Pool]:
    async with make_pool(demo_database, 2, PARTNER) as pool:
        yield pool


@pytest.fixture(scope="session")
def partner(demo_database: str) -> Actor:
    """A user of the partner with the most customers."""
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select partner_id::text from partner_book where kind = 'CUSTOMER'"
            " group by 1 order by count(*) desc limit 1"
        ).fetchone()
    assert row
    return user("u", frozenset({Role.PARTNER}), partner_id=row[0])


def _book(demo_database: str, partner: Actor) -> set[str]:
    """The partner's customers, as one would say it: with a contract it sold, neither restricted nor withdrawn."""
    with psycopg.connect(demo_database) as connection:
        rows = connection.execute(
            """select distinct c.id::text from customers c join contracts k on k.customer_id = c.id
            where k.partner_id = %(p)s and not c.restricted and not exists (
                select from (select distinct on (s.partner_id) s.status from consents s
                    where s.customer_id = c.id and s.purpose = 'PARTNER_SHARING'
                    and (s.partner_id is null or s.partner_id = %(p)s)
                    order by s.partner_id, s.recorded_at desc, s.id desc) said where said.status = 'WITHDRAWN')""",
            {"p": partner.partner_id},
        ).fetchall()
    return {row[0] for row in rows}


async def test_the_list_is_the_book(partner: Actor, partner_pool: Pool, runner: Runner, demo_database: str) -> None:
    graph, book = Graph(runner, partner_pool, partner), _book(demo_database, partner)
    assert len(book) > 3
    answer = await graph.ask("{ customers(first: 100) { totalCount nodes { id } } }")
    assert answer.outcome.interpreted is None
    assert {node["id"] for node in answer.data["customers"]["nodes"]} == {public_id("cus", key) for key in book}
    assert answer.data["customers"]["totalCount"] == len(book)


async def test_whoever_is_not_in_the_book_is_not_there(
    partner: Actor, partner_pool: Pool, runner: Runner, demo_database: str
) -> None:
    graph, book = Graph(runner, partner_pool, partner), _book(demo_database, partner)
    with psycopg.connect(demo_database) as connection:
        others = connection.execute(
            "select c.id::text, c.number, c.last_name from customers c where not c.id = any(%s::uuid[]) limit 20",
            [list(book)],
        ).fetchall()
    query = """query ($id: ID!, $number: String!) { customer(id: $id) { id } node(id: $id) { id }
        customers(where: { number: { eq: $number } }) { totalCount } search(query: $number) { matchedText } }"""
    for key, number, _ in others:
        answer = await graph.ask(query, id=public_id("cus", key), number=number)
        assert answer.data == {"customer": None, "node": None, "customers": {"totalCount": 0}, "search": []}


def _fields(entity: Entity) -> str:
    kind = schema._schema.type_map[entity.name]
    assert isinstance(kind, GraphQLObjectType)
    shown = []
    for name, field in kind.fields.items():
        named = get_named_type(field.type)
        if needs_of(field) <= ROLES[Role.PARTNER]:
            if is_leaf_type(named):
                shown.append(name)
            elif "nodes" in getattr(named, "fields", ()):
                inner = "id" if "id" in get_named_type(named.fields["nodes"].type).fields else "cursor"
                shown.append(f"{name}(first: 3) {{ totalCount nodes {{ {inner} }} }}")
            else:
                shown.append(f"{name} {{ __typename }}")
    return " ".join(shown)


@pytest.mark.parametrize("entity", _SEEN, ids=lambda entity: entity.name)
async def test_everything_its_permissions_allow_can_be_asked(
    entity: Entity, partner: Actor, partner_pool: Pool, demo_database: str
) -> None:
    """Permissions and column grants say the same: no field that is allowed runs into PostgreSQL's refusal."""
    with psycopg.connect(demo_database, options=f"-c role={PARTNER.name}") as connection:
        connection.execute("select set_config('c360.partner_id', %s, false)", [partner.partner_id])
        rows = connection.execute(f"select id::text from {entity.table.name} limit 5").fetchall()
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {entity.name} {{ {_fields(entity)} }} }} }}"
    for compiling in (True, False):
        graph = Graph(Runner(schema._schema, compiling=compiling), partner_pool, partner)
        data: Any = (await graph.ask(query, ids=[public_id(entity.prefix, row[0]) for row in rows])).data
        assert all(data["nodes"])


def test_no_permission_of_partners_reaches_what_the_database_does_not_grant() -> None:
    for entity in _SEEN:
        granted = GRANTS[PARTNER.name][entity.table.name]
        columns = set(entity.table.columns.keys()) if granted == ALL else set(granted)
        kind = schema._schema.type_map[entity.name]
        assert isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items():
            used = set(field.extensions["strawberry-definition"].columns)
            if needs_of(field) <= ROLES[Role.PARTNER]:
                assert used <= columns, f"{entity.name}.{name}"
        for column, needs in entity.guarded.items():
            assert column in columns or not needs <= ROLES[Role.PARTNER]
