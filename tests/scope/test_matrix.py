"""Role by field by path, generated from the schema: what one may not see leaves no trace in any answer.

Every question is asked twice, see tests/scope/two_worlds.py.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random
from typing import Any

import pytest

from auth.actor import ANONYMOUS, Actor
from core.ids import public_id
from execution.permissions import lacking, type_needs
from schema.registry import Entity, entities
from tests.database.operations import Writer
from tests.scope import selections
from tests.scope.roles import NOBODY
from tests.scope.selections import ENTITIES, GRAPHQL, Filter, ListField, allowed, list_fields, object_type
from tests.scope.two_worlds import TwoWorlds
from tests.scope.who import seen_by

# How many rows of a type are asked for, of those that are seen and of those that are hidden.
SAMPLE = 12
RANDOM_OPERATIONS = 60
LISTS = list_fields()


def _ids(entity: Entity, rows: set[str], count: int = SAMPLE) -> list[str]:
    """Public ids of rows, spread over all of them."""
    found = sorted(rows)
    step = max(1, len(found) // count)
    return [public_id(entity.prefix, row) for row in found[::step][:count]]


def _parts(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(texts)
    while part := list(islice(rest, size)):
        yield part


def _refused(actor: Actor) -> str:
    return "UNAUTHENTICATED" if actor is ANONYMOUS else "FORBIDDEN"


async def test_every_field_of_every_type_over_every_edge(worlds: TwoWorlds) -> None:
    """What is allowed: of rows that are seen, that are hidden, and that are not there."""
    seen = seen_by(worlds.world, worlds.actor)
    for entity in entities():
        kind = object_type(entity.name)
        table = entity.table.name
        visible = _ids(entity, seen[table])
        hidden = [*_ids(entity, worlds.world.ids(table) - seen[table]), public_id(entity.prefix, NOBODY)]
        query = (
            f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename ... on {entity.name} {{"
            f" id {selections.selection(kind, worlds.actor)} }} }} }}"
        )
        answer = await worlds.same(query, ids=visible + hidden)
        if lacking(type_needs(kind), worlds.actor):
            assert set(answer.codes) == {_refused(worlds.actor)}, entity.name
            assert answer.statements == 0
            continue
        nodes = answer.data["nodes"]
        assert answer.outcome.interpreted is None, entity.name
        if entity.name != "Event":  # also hidden by what its subject needs
            assert [node["id"] for node in nodes[: len(visible)]] == visible, entity.name
        assert nodes[len(visible) :] == [None] * len(hidden), entity.name


async def test_every_refused_field_of_every_type(worlds: TwoWorlds) -> None:
    """A field that is not allowed is null, and says so, for a row that is seen; one that is hidden says nothing."""
    seen = seen_by(worlds.world, worlds.actor)
    for entity in entities():
        kind = object_type(entity.name)
        refused = dict(selections.refused_fields(kind, worlds.actor))
        table = entity.table.name
        rows = _ids(entity, seen[table], 1) + _ids(entity, worlds.world.ids(table) - seen[table], 1)
        if lacking(type_needs(kind), worlds.actor) or not refused:
            continue
        query = (
            f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {entity.name} {{ {' '.join(refused.values())} }} }} }}"
        )
        answer = await worlds.same(query, ids=rows)
        for row in filter(None, answer.outcome.data["nodes"] if answer.outcome.data else []):
            assert row == dict.fromkeys(refused)
            assert {error["path"][-1] for error in answer.outcome.errors} == refused.keys()
        assert set(answer.codes) <= {"FORBIDDEN"}


@pytest.fixture
def roots(worlds: TwoWorlds) -> list[ListField]:
    """The lists at the root that the actor may ask for."""
    return [of for of in LISTS if of.owner is None and allowed(of.field, worlds.actor)]


async def test_every_list_is_what_one_sees(worlds: TwoWorlds, roots: list[ListField]) -> None:
    """All pages and the count of every list at the root, forwards."""
    seen = seen_by(worlds.world, worlds.actor)
    for of in roots:
        found: list[str] = []
        after, more = None, True
        while more:
            query = f"query ($after: String) {{ {of.asked('list', 'first: 100, after: $after', _WALK)} }}"
            page = (await worlds.same(query, after=after)).data["list"]
            found += [node["id"] for node in page["nodes"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        expected = {public_id(of.entity.prefix, row) for row in seen[of.entity.table.name]}
        assert len(found) == len(expected) == page["totalCount"], of
        assert set(found) == expected, of


_WALK = "totalCount nodes { id } pageInfo { hasNextPage endCursor }"


async def test_lists_that_are_refused(worlds: TwoWorlds) -> None:
    refused = [of for of in LISTS if of.owner is None and not allowed(of.field, worlds.actor)]
    if not refused:
        return
    query = " ".join(of.asked(f"a{n}", "first: 1") for n, of in enumerate(refused))
    answer = await worlds.same(f"{{ {query} }}")
    assert answer.outcome.data is not None
    assert set(answer.outcome.data.values()) == {None}
    assert answer.codes == [_refused(worlds.actor)] * len(refused)
    assert answer.statements == 0


async def _in_parts(worlds: TwoWorlds, asked: list[tuple[Entity | None, str]]) -> None:
    """Ask for fields of the root, and of rows that are seen, many in one operation."""
    seen = seen_by(worlds.world, worlds.actor)
    by_owner: dict[str | None, list[str]] = {}
    for owner, text in asked:
        by_owner.setdefault(owner.name if owner else None, []).append(text)
    for name, texts in by_owner.items():
        owner = ENTITIES[name] if name else None
        for part in _parts(texts, 45 if owner is None else 90):
            if owner is None:
                await worlds.same(f"{{ {' '.join(part)} }}")
            else:
                ids = _ids(owner, seen[owner.table.name], 4)
                query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {name} {{ {' '.join(part)} }} }} }}"
                await worlds.same(query, ids=ids)


def _value(of: ListField, compared: Filter, rows: list[dict[str, Any]]) -> Any:
    """A value of a row, as the argument wants it; None where no row has one."""
    value = next((row[compared.column] for row in rows if row[compared.column] is not None), None)
    if value is not None and compared.kind == "ID":
        prefix, _ = of.entity.id_columns[compared.column]
        return public_id(prefix, str(value))
    return value


async def test_every_filter(worlds: TwoWorlds) -> None:
    """Every comparison of every list, with values of rows that are hidden."""
    actor, seen = worlds.actor, seen_by(worlds.world, worlds.actor)
    asked: list[tuple[Entity | None, str]] = []
    for of in LISTS:
        if not _reachable(of, actor):
            continue
        table = of.entity.table.name
        rows = sorted(worlds.world.rows[table], key=lambda row: (str(row["id"]) in seen[table], str(row["id"])))
        kept = selections.guarded(of, actor)
        for number, compared in enumerate(selections.filters(of)):
            # All comparisons at the root, and each somewhere below it: the condition is made in the same way.
            value = _value(of, compared, rows) if of.owner is None or number % 3 == len(asked) % 3 else None
            if compared.column not in kept and value is not None:
                asked.append((of.owner, of.asked(f"a{len(asked)}", f"first: 2, {compared.text(value)}")))
    assert asked or actor is ANONYMOUS
    await _in_parts(worlds, asked)


async def test_every_order(worlds: TwoWorlds) -> None:
    """Every order of every list, from both ends."""
    asked: list[tuple[Entity | None, str]] = []
    for of in LISTS:
        if not _reachable(of, worlds.actor):
            continue
        kept = selections.guarded(of, worlds.actor)
        for argument, column in selections.orders(of):
            if column.lstrip("-") not in kept:
                for end in ("first", "last"):
                    asked.append((of.owner, of.asked(f"a{len(asked)}", f"{end}: 5, {argument}")))
    assert asked or worlds.actor is ANONYMOUS
    await _in_parts(worlds, asked)


async def test_no_filter_and_no_order_by_what_is_kept_back(worlds: TwoWorlds) -> None:
    """At the root and below every type, from the same answer for every value."""
    actor, seen = worlds.actor, seen_by(worlds.world, worlds.actor)
    for of in LISTS:
        kept = selections.guarded(of, actor)
        if not _reachable(of, actor) or not kept:
            continue
        rows = worlds.world.rows[of.entity.table.name]
        arguments = [argument for argument, column in selections.orders(of) if column.lstrip("-") in kept]
        for compared in selections.filters(of):
            value = _value(of, compared, rows)
            if compared.column in kept and value is not None:
                arguments.append(compared.text(value))
        if not arguments:
            continue
        fields = " ".join(of.asked(f"a{n}", f"first: 1, {argument}") for n, argument in enumerate(arguments))
        if of.owner is None:
            answer = await worlds.same(f"{{ {fields} }}")
        else:
            ids = _ids(of.owner, seen[of.owner.table.name], 1)
            if not ids:
                continue
            query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {of.owner.name} {{ {fields} }} }} }}"
            answer = await worlds.same(query, ids=ids)
            assert answer.outcome.data is not None
            if answer.outcome.data["nodes"] == [None]:
                continue
        assert answer.codes == ["FORBIDDEN"] * len(arguments), of


def _reachable(of: ListField, actor: Actor) -> bool:
    """Whether the actor may ask for a list, and for the rows it hangs on."""
    return allowed(of.field, actor) and (of.owner is None or not lacking(of.owner.permission, actor))


# What one may look for: the columns of tables that the search box knows (loaders/search.py).
_SOUGHT = {
    "customers": ("number", "display_name", "last_name"),
    "emails": ("address",),
    "phones": ("e164",),
    "customer_identifiers": ("value",),
    "contracts": ("number",),
    "orders": ("number",),
    "claims": ("number",),
    "complaints": ("number",),
    "households": ("number", "name"),
}


async def test_a_search_for_what_is_hidden(worlds: TwoWorlds) -> None:
    """For numbers, names, addresses and identifiers of hidden rows, and some of visible ones."""
    seen = seen_by(worlds.world, worlds.actor)
    texts: dict[str, None] = {}
    for table, columns in _SOUGHT.items():
        rows = sorted(worlds.world.rows[table], key=lambda row: (str(row["id"]) in seen[table], str(row["id"])))
        for row in [*rows[:8], *rows[-4:]]:
            texts.update((str(row[column]), None) for column in columns if row[column])
    asked = [
        f"a{n}: search(query: {selections.literal(text, 'String')}, first: 5)"
        " { score matchedField matchedText object { __typename ... on Node { id } } }"
        for n, text in enumerate(texts)
    ]
    for part in _parts(asked, 40):
        answer = await worlds.same(f"{{ {' '.join(part)} }}")
        if worlds.actor is ANONYMOUS:
            assert set(answer.codes) == {"UNAUTHENTICATED"}


async def test_random_paths(worlds: TwoWorlds) -> None:
    """Operations of any shape, up to seven levels deep, with ids that are seen and ids that are hidden."""
    random, seen = Random(repr(sorted(worlds.actor.permissions))), seen_by(worlds.world, worlds.actor)
    ids = []
    for entity in entities():
        table = entity.table.name
        ids += _ids(entity, seen[table], 2) + _ids(entity, worlds.world.ids(table) - seen[table], 2)
    ids += [row["number"] for row in worlds.world.rows["customers"][:5]]
    for _ in range(RANDOM_OPERATIONS):
        # Some root fields need all of a worker's services; what goes wrong without them is the same.
        await worlds.same(Writer(GRAPHQL, random, ids).operation(), faults=True)
