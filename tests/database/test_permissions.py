"""What an actor may not see cannot be read, counted, filtered, sorted by or found: over every path, by both drivers."""

from typing import Any

import psycopg
import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_leaf_type

from auth.actor import ANONYMOUS, Actor, ActorKind, Audience, user
from auth.permissions import PERMISSIONS, ROLES
from core.ids import public_id
from core.snapshot import Pool
from execution.operations import Runner
from execution.permissions import needs_of
from models.roles import Role
from resolvers.root import schema
from schema.registry import Entity, entities
from tests.graph import Answer, Graph

STAFF = [role for role in Role if role is not Role.PARTNER]


def _with(*permissions: str) -> Actor:
    return Actor(ActorKind.API_KEY, Audience.STAFF, "k", permissions=frozenset(permissions))


def _without(*permissions: str) -> Actor:
    return _with(*(PERMISSIONS.keys() - set(permissions)))


@pytest.fixture(params=["compiled", "interpreted"])
def asking(request: pytest.FixtureRequest, demo_pool: Pool) -> Any:
    """A graph for an actor, by one driver and by the other."""
    runner = Runner(schema._schema, compiling=request.param == "compiled")
    return lambda actor: Graph(runner, demo_pool, actor)


def _refused(answer: Answer) -> list[tuple[str, list[Any]]]:
    return [(error["extensions"]["code"], error["path"]) for error in answer.outcome.errors]


async def test_a_refused_field_is_null_with_an_error_at_its_path(asking: Any) -> None:
    answer = await asking(_without("customers:read_income")).ask(
        "{ customers(first: 1) { nodes { number income { amount } } } }"
    )
    (row,) = answer.outcome.data["customers"]["nodes"]
    assert row["number"]
    assert row["income"] is None
    assert _refused(answer) == [("FORBIDDEN", ["customers", "nodes", 0, "income"])]
    assert answer.outcome.errors[0]["extensions"]["needs"] == ["customers:read_income"]


async def test_a_refused_edge_does_not_blank_the_profile(asking: Any) -> None:
    answer = await asking(_without("claims:read")).ask(
        "{ customers(first: 1) { nodes { number claims { totalCount } totals { openClaimCount } "
        "contracts { nodes { number } } } } }"
    )
    (row,) = answer.outcome.data["customers"]["nodes"]
    assert (row["claims"], row["totals"]) == (None, None)
    assert row["contracts"] is not None
    assert [code for code, _ in _refused(answer)] == ["FORBIDDEN"] * 2


async def test_nobody_is_told_to_sign_in(asking: Any) -> None:
    answer = await asking(ANONYMOUS).ask(
        '{ customers { totalCount } node(id: "cus_x") { id } search(query: "a") { score } }'
    )
    assert answer.outcome.data == {"customers": None, "node": None, "search": None}
    assert {code for code, _ in _refused(answer)} == {"UNAUTHENTICATED"}
    assert answer.statements == 0


@pytest.mark.parametrize(
    "arguments",
    [
        'where: { birthDate: { gt: "1990-01-01" } }',
        "orderBy: { field: BIRTH_DATE }",
        "orderBy: { field: NUMBER }, where: { birthDate: { isNull: true }, kind: { eq: PERSON } }",
    ],
)
async def test_what_is_not_seen_is_neither_filtered_nor_sorted_by(asking: Any, arguments: str) -> None:
    answer = await asking(_without("customers:read_birth_date")).ask(f"{{ customers({arguments}) {{ totalCount }} }}")
    assert answer.outcome.data == {"customers": None}
    assert answer.codes == ["FORBIDDEN"]
    assert not (
        await asking(_with("customers:read", "customers:read_birth_date", "internal:read")).ask(
            f"{{ customers({arguments}) {{ totalCount }} }}"
        )
    ).outcome.errors


async def test_a_filter_from_a_variable_is_checked_in_every_run(asking: Any) -> None:
    graph = asking(_without("customers:read_birth_date"))
    query = "query ($where: CustomerWhere) { customers(first: 1, where: $where) { nodes { id } } }"
    assert not (await graph.ask(query, where={"kind": {"eq": "PERSON"}})).outcome.errors
    assert (await graph.ask(query, where={"birthDate": {"gt": "1990-01-01"}})).codes == ["FORBIDDEN"]
    assert not (await graph.ask(query, where={"kind": {"eq": "PERSON"}})).outcome.errors


async def test_the_timeline_tells_nothing_of_hidden_subjects(asking: Any, demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select c.number, (select count(*) from events e"
            " where e.customer_id = c.id and e.subject_kind <> 'COMPLAINT') from customers c where exists"
            " (select from events e where e.customer_id = c.id and e.subject_kind = 'COMPLAINT') limit 1"
        ).fetchone()
        assert row
        hidden = connection.execute("select id::text from events where subject_kind = 'COMPLAINT' limit 1").fetchone()
        assert hidden
    graph = asking(_without("complaints:read"))
    answer = await graph.ask(
        "query ($n: String!) { customer(number: $n) { timeline(first: 100) { totalCount nodes { subjectKind } } } }",
        n=row[0],
    )
    timeline = answer.data["customer"]["timeline"]
    assert timeline["totalCount"] == row[1]
    assert "COMPLAINT" not in {node["subjectKind"] for node in timeline["nodes"]}
    found = await graph.ask("query ($id: ID!) { node(id: $id) { id } }", id=public_id("evt", hidden[0]))
    assert found.data == {"node": None}


async def test_a_search_finds_only_what_may_be_seen(asking: Any, demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        row = connection.execute("select number, id::text from claims limit 1").fetchone()
    assert row
    query = "query ($q: String!) { search(query: $q) { matchedText object { __typename } } }"
    seen = (await asking(_with("customers:read", "claims:read")).ask(query, q=row[0])).data["search"]
    assert {"matchedText": row[0], "object": {"__typename": "Claim"}} in seen
    for permissions in ({"customers:read", "contracts:read"}, {"products:read"}):
        assert (await asking(_with(*permissions)).ask(query, q=row[0])).data["search"] == []


async def test_node_says_the_same_of_a_hidden_object_and_of_none(asking: Any, demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        row = connection.execute("select id::text from claims limit 1").fetchone()
    assert row
    graph = asking(_without("claims:read"))
    there = await graph.ask("query ($id: ID!) { node(id: $id) { id } }", id=public_id("clm", row[0]))
    none = await graph.ask(
        "query ($id: ID!) { node(id: $id) { id } }", id=public_id("clm", "0192f0c1-0000-7000-8000-000000000000")
    )
    assert there.outcome == none.outcome
    assert there.codes == ["FORBIDDEN"]
    assert there.statements == none.statements == 0


def _leaves(entity: Entity) -> list[tuple[str, frozenset[str]]]:
    kind = schema._schema.type_map[entity.name]
    assert isinstance(kind, GraphQLObjectType)
    return [(name, needs_of(field)) for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type))]


@pytest.mark.parametrize("role", STAFF)
async def test_every_role_reads_of_every_entity_just_what_its_permissions_say(
    role: Role, asking: Any, demo_database: str
) -> None:
    graph = asking(user("u", frozenset({role})))
    with psycopg.connect(demo_database) as connection:
        ids = {
            entity.name: row[0]
            for entity in entities()
            if (row := connection.execute(f"select id::text from {entity.table.name} limit 1").fetchone())
        }
    for entity in entities():
        if entity.name not in ids:
            continue
        leaves = _leaves(entity)
        names = " ".join(name for name, _ in leaves)
        answer = await graph.ask(
            f"query ($id: ID!) {{ node(id: $id) {{ ... on {entity.name} {{ {names} }} }} }}",
            id=public_id(entity.prefix, ids[entity.name]),
        )
        refused = {name for name, needs in leaves if not needs <= ROLES[role]}
        if not entity.permission <= ROLES[role]:
            assert answer.outcome.data == {"node": None}, entity.name
            assert answer.codes == ["FORBIDDEN"]
            continue
        assert {error["path"][-1] for error in answer.outcome.errors} == refused, entity.name
        assert all(answer.outcome.data["node"][name] is None for name in refused)


@pytest.mark.parametrize("role", STAFF)
async def test_every_role_asks_every_root_list_just_as_its_permissions_say(role: Role, asking: Any) -> None:
    graph = asking(user("u", frozenset({role})))
    root = schema._schema.query_type
    assert root
    for name, field in root.fields.items():
        if (
            any(isinstance(argument.type, GraphQLNonNull) for argument in field.args.values())
            or "first" not in field.args
        ):
            continue
        answer = await graph.ask(f"{{ {name}(first: 1) {{ totalCount }} }}")
        allowed = needs_of(field) <= ROLES[role]
        assert (answer.outcome.data[name] is not None) == allowed == (not answer.codes), name
