"""An id of what one may not see says the same as one of nothing, wherever in the schema an id or a number goes."""

from typing import Any

import psycopg
import pytest

from auth.actor import ANONYMOUS, Actor
from execution.limits import MAX_MUTATIONS
from models.roles import Role
from schema.registry import entities
from tests.imports.states import fingerprints
from tests.scope.arguments import Place, places
from tests.scope.expected import World
from tests.scope.roles import NOBODY
from tests.scope.who import seen_by
from tests.scope.worker import Worker

PLACES = places("ID")
_DOING = {"Mutation", "Subscription"}
# Below the root each kind of list and path once: who leads there makes no difference to its arguments.
QUERIES = list({place.kind_of_place: place for place in PLACES if place.owner not in _DOING}.values())
SUBSCRIPTIONS = [place for place in PLACES if place.owner == "Subscription"]
MUTATIONS = [place for place in PLACES if place.owner == "Mutation"]
# Of places for a text those that find one object.
NUMBERS = [place for place in places("String") if place.owner == "Query" and place.path in ("number", "code")]


def _asked(place: Place, values: list[str], parent: str) -> str:
    """One operation with the field of a place for each value."""
    fields = " ".join(place.asked(f"a{n}", f'"{value}"') for n, value in enumerate(values))
    if place.owner == "Mutation":
        return f"mutation {{ {fields} }}"
    if place.entity is None:
        return f"{{ {fields} }}"
    return f'{{ node(id: "{parent}") {{ ... on {place.owner} {{ {fields} }} }} }}'


def _hidden(world: World, actor: Actor) -> dict[str, str]:
    """For each prefix the id of a row that the actor may not see."""
    seen = seen_by(world, actor)
    rows = {entity.prefix: world.ids(entity.table.name) - seen[entity.table.name] for entity in entities()}
    return {prefix: f"{prefix}_{min(found)}" for prefix, found in rows.items() if found}


def _parent(world: World, actor: Actor, place: Place) -> str | None:
    """A row that the actor may see, on which the field of a place hangs; "" at the root."""
    if place.entity is None:
        return ""
    seen = seen_by(world, actor)[place.entity.table.name]
    return f"{place.entity.prefix}_{min(seen)}" if seen else None


def _told(answer: tuple[Any, ...], values: list[str]) -> str:
    """All that an answer tells, but for what was asked for."""
    told = repr(answer)
    for n, value in enumerate(values):
        told = told.replace(value, f"ID {n}")
        if row := value.partition("_")[2]:
            told = told.replace(row, f"UUID {n}")
    return told


async def _the_same(
    worker: Worker, actor: Actor, place: Place, hidden: list[str], none: list[str], parent: str = ""
) -> None:
    """Ask with ids of what is hidden, and of what is not there."""
    told = []
    for values in (hidden, none):
        answer = await worker.ask(actor, _asked(place, values, parent))
        assert "INTERNAL" not in repr(answer[1]), f"{place}: {values}, {answer[1]}"
        told.append(_told(answer, values))
    assert told[0] == told[1], f"{place}: {hidden}"


async def _accepted(worker: Worker, actor: Actor, place: Place, prefixes: list[str], parent: str) -> list[str]:
    """The kinds of ids that may stand in a place; the others are refused, whatever they are of."""
    answer = await worker.ask(actor, _asked(place, [f"{prefix}_{NOBODY}" for prefix in prefixes], parent))
    refused = {error["path"][-1] for error in answer[1] if error["extensions"]["code"] == "BAD_USER_INPUT"}
    return [prefix for n, prefix in enumerate(prefixes) if f"a{n}" not in refused]


@pytest.mark.parametrize("role", [Role.PARTNER, Role.AGENT, Role.UNDERWRITER])
async def test_of_what_is_hidden_a_question_says_what_it_says_of_nothing(worker: Worker, role: Role) -> None:
    """Data, errors, statements and round trips, for every argument that takes an id or a number."""
    if role is not Role.PARTNER:
        _restrict_some(worker.url)
    world, actor = World.of(worker.url), worker.actors[role]
    hidden = _hidden(world, actor)
    assert {"cus", "con", "clm", "ord"} <= hidden.keys()
    for place in QUERIES:
        parent = _parent(world, actor, place)
        if parent is None:
            continue
        kinds = await _accepted(worker, actor, place, list(hidden), parent)
        none = [f"{prefix}_{NOBODY}" for prefix in kinds]
        if kinds:
            await _the_same(worker, actor, place, [hidden[prefix] for prefix in kinds], none, parent)
    numbers = [
        str(row["number"])
        for entity in entities()
        for row in world.rows[entity.table.name]
        if "number" in row and f"{entity.prefix}_{row['id']}" == hidden.get(entity.prefix)
    ]
    assert len(numbers) >= 3
    for place in NUMBERS:
        await _the_same(worker, actor, place, numbers, [f"{value[:2]}9999999" for value in numbers])


@pytest.mark.parametrize("role", [Role.PARTNER, Role.AGENT, Role.UNDERWRITER])
async def test_what_is_hidden_is_followed_like_nothing(worker: Worker, role: Role) -> None:
    """For every argument of every subscription that takes an id; what happens then, tests/events/ tells."""
    if role is not Role.PARTNER:
        _restrict_some(worker.url)
    hidden = _hidden(World.of(worker.url), worker.actors[role])
    assert SUBSCRIPTIONS
    for place in SUBSCRIPTIONS:
        for prefix, value in hidden.items():
            told = [
                repr(await worker.follow(worker.actors[role], f"subscription {{ {place.asked('it', quoted)} }}"))
                for quoted in (f'"{value}"', f'"{prefix}_{NOBODY}"')
            ]
            assert "INTERNAL" not in told[0]
            assert told[0].replace(value, "ID") == told[1].replace(f"{prefix}_{NOBODY}", "ID"), f"{place}: {value}"


def _restrict_some(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "update customers set restricted = true, restricted_at = now() where id in (select customer_id from claims"
            " union all select customer_id from orders order by 1 limit 3)"
        )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", [Role.PARTNER, Role.AGENT, Role.UNDERWRITER])
async def test_a_mutation_with_an_id_of_others_does_nothing_and_tells_nothing(worker: Worker, role: Role) -> None:
    """For every argument of every mutation that takes an id, by everybody who may not see what it names."""
    if role is not Role.PARTNER:
        _restrict_some(worker.url)
    world, actor = World.of(worker.url), worker.actors[role]
    hidden = _hidden(world, actor)
    tables = {entity.table.name for entity in entities()}
    before = {name: print_ for name, print_ in fingerprints(worker.url).items() if name in tables}
    # As many at once as one operation may have mutations.
    prefixes = list(hidden)
    for place in MUTATIONS:
        for first in range(0, len(prefixes), MAX_MUTATIONS):
            some = prefixes[first : first + MAX_MUTATIONS]
            values = [hidden[prefix] for prefix in some]
            await _the_same(worker, actor, place, values, [f"{prefix}_{NOBODY}" for prefix in some])
    assert {name: print_ for name, print_ in fingerprints(worker.url).items() if name in tables} == before


@pytest.mark.timeout(600)
async def test_nobody_is_told_anything_about_an_id(worker: Worker) -> None:
    world = World.of(worker.url)
    ids = {entity.prefix: world.ids(entity.table.name) for entity in entities()}
    some = {prefix: f"{prefix}_{min(rows)}" for prefix, rows in ids.items() if rows}
    for place in PLACES:
        if place.owner == "Query":
            none = [f"{prefix}_{NOBODY}" for prefix in some]
            await _the_same(worker, ANONYMOUS, place, list(some.values()), none)
        elif place.owner == "Mutation":
            await _the_same(worker, ANONYMOUS, place, [some["cus"]], [f"cus_{NOBODY}"])
