"""Plans: what a compiled operation does, level by level.

A plan is a tree of row plans (one for each selection set on rows) and the links between them. Running it takes one
round trip for each level: every link of the level names the keys it needs, all their statements travel together, and
generated builders turn the rows into the dictionaries of the answer.

Whatever is unusual raises Surprise; the caller then lets graphql-core run the operation, which finds the same thing
and reports it in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from core.pipeline import Row
from execution.arguments import Arguments
from execution.reasons import Reason
from loaders import statements
from loaders.base import One
from loaders.batching import EdgeLoader
from loaders.request import Request
from loaders.statements import Query

if TYPE_CHECKING:
    from graphql.execution.values import VariableValues

    from execution.context import OperationContext

Object = dict[str, Any]


class Surprise(Exception):
    """Something the compiled driver leaves to graphql-core: an error, or a null where none may be."""

    def __init__(self, message: str, reason: Reason = Reason.SURPRISE) -> None:
        super().__init__(message)
        self.reason = reason


class Loader(Protocol):
    """What a plan needs of a loader: see loaders.batching.EdgeLoader."""

    def missing(self, keys: Iterable[str | None]) -> list[str]:
        """Those of `keys` that are not there yet."""
        ...

    def statement(self, keys: list[str]) -> tuple[bytes, list[Any]]:
        """The statement that fetches them."""
        ...

    def store(self, keys: list[str], rows: list[Row]) -> None:
        """Take in its rows."""
        ...


class Run:
    """One execution of a plan: its context, its variables, and the statements the next level needs."""

    def __init__(self, context: OperationContext, variables: VariableValues) -> None:
        self.actor = context.actor
        self.loaders = context.loaders
        self.snapshot = context.snapshot
        self.delivery = context.delivery
        self.variables = variables
        self._wanted: list[tuple[Loader, list[str]]] = []

    def want(self, loader: Loader, keys: Iterable[str | None]) -> None:
        """Let the next round trip fetch what `loader` does not have yet of `keys`."""
        missing = loader.missing(keys)
        if missing:
            self._wanted.append((loader, missing))

    async def fetch(self, *, last: bool) -> None:
        """One round trip for all that is wanted; none if nothing is. The `last` one ends the snapshot too."""
        wanted, self._wanted = self._wanted, []
        if not wanted:
            return
        # Two links of a level may want the same of the same loader; the second finds it already asked for.
        if len({id(loader) for loader, _ in wanted}) != len(wanted):
            merged: dict[int, tuple[Loader, dict[str, None]]] = {}
            for loader, keys in wanted:
                merged.setdefault(id(loader), (loader, {}))[1].update(dict.fromkeys(keys))
            wanted = [(loader, list(keys)) for loader, keys in merged.values()]
        results = await self.snapshot.run([loader.statement(keys) for loader, keys in wanted], last=last)
        for (loader, keys), rows in zip(wanted, results, strict=True):
            loader.store(keys, rows)


@dataclass
class RowsPlan:
    """A selection set on rows: `build` makes the objects, `links` fill in what hangs on other rows."""

    type_name: str
    build: Callable[[list[Row]], list[Object]]
    links: list[Link] = field(default_factory=list)


@dataclass
class Level:
    """Objects whose links are still to be followed."""

    plan: RowsPlan
    rows: list[Row]
    objects: list[Object]


Following = list[Level]
Finish = Callable[[Following], None]


class Link(Protocol):
    """Something to be filled in under `key` of objects, from other rows."""

    key: str
    # Whether there may be links below it; if not, its round trip can be the last one.
    deep: bool

    def start(self, run: Run, rows: list[Row], objects: list[Object]) -> Finish:
        """Say what is needed; the result, called after the round trip, fills it in and adds the next level."""
        ...


def descend(plan: RowsPlan, rows: list[Row], following: Following) -> list[Object]:
    """The objects of `rows`; if they have links, the next level has to follow them."""
    objects = plan.build(rows)
    if plan.links and rows:
        following.append(Level(plan, rows, objects))
    return objects


@dataclass
class EdgeLink:
    """A link over a declared edge to one row or to a short list."""

    key: str
    query: Query
    local: int
    plan: RowsPlan
    nullable: bool

    def __post_init__(self) -> None:
        self.deep = bool(self.plan.links)
        self._finish = self._one if isinstance(self.query.edge, One) else self._many

    def start(self, run: Run, rows: list[Row], objects: list[Object]) -> Finish:
        """Want the rows of all keys."""
        local = self.local
        keys = [row[local] for row in rows]
        loader = run.loaders.rows(self.query)
        run.want(loader, keys)
        return partial(self._finish, loader, keys, objects)

    def _one(self, loader: EdgeLoader, keys: list[str | None], objects: list[Object], following: Following) -> None:
        lists, name = loader.lists, self.key
        found = {key: rows[0] for key in dict.fromkeys(keys) if key is not None and (rows := lists[key])}
        built = dict(zip(found, descend(self.plan, list(found.values()), following), strict=True))
        for key, target in zip(keys, objects, strict=True):
            value = built.get(key) if key is not None else None
            if value is None and not self.nullable:
                raise Surprise(f"{name} is missing")
            target[name] = value

    def _many(self, loader: EdgeLoader, keys: list[str], objects: list[Object], following: Following) -> None:
        lists, name = loader.lists, self.key
        all_rows: list[Row] = []
        ends: list[int] = []
        for key in keys:
            all_rows += lists[key]
            ends.append(len(all_rows))
        built = descend(self.plan, all_rows, following)
        start = 0
        for target, end in zip(objects, ends, strict=True):
            target[name] = built[start:end]
            start = end


class Selections(Protocol):
    """Row plans by the GraphQL type of the row, made when first needed."""

    def __call__(self, type_name: str) -> tuple[RowsPlan, Request]:
        """The plan and what it asks of the edge to the rows. Raises Surprise where the actor may not see them."""
        ...


@dataclass
class PolymorphicLink:
    """A link to rows of types that each row names itself."""

    deep = True  # what hangs on those types is compiled when the first row of one comes

    key: str
    positions: dict[str, int]
    target: Callable[[Any], tuple[str, One, str] | None]
    selections: Selections

    def start(self, run: Run, rows: list[Row], objects: list[Object]) -> Finish:
        """Want the rows of each type."""
        names = self.positions
        targets = [self.target({name: row[at] for name, at in names.items()}) for row in rows]
        finish = want_targets(run, targets, self.selections)

        def fill(following: Following) -> None:
            for target, value in zip(objects, finish(following), strict=True):
                target[self.key] = value

        return fill


def want_targets(
    run: Run, targets: list[tuple[str, One, str] | None], selections: Selections
) -> Callable[[Following], list[Object | None]]:
    """Want rows of several types; the result, called after the round trip, gives the object of each target."""
    by_type: dict[str, tuple[EdgeLoader, dict[str, None]]] = {}
    for target in targets:
        if target is not None:
            type_name, edge, key = target
            if type_name not in by_type:
                _, request = selections(type_name)
                by_type[type_name] = (run.loaders.rows(statements.rows(edge, request)), {})
            by_type[type_name][1][key] = None
    for loader, keys in by_type.values():
        run.want(loader, keys)

    def objects(following: Following) -> list[Object | None]:
        built: dict[tuple[str, str], Object] = {}
        for type_name, (loader, keys) in by_type.items():
            present = [key for key in keys if loader.lists[key]]
            plan, _ = selections(type_name)
            made = descend(plan, [loader.lists[key][0] for key in present], following)
            built.update(((type_name, key), value) for key, value in zip(present, made, strict=True))
        return [built.get((target[0], target[2])) if target else None for target in targets]

    return objects


@dataclass
class FindStep:
    """A root field that finds one row."""

    key: str
    arguments: Arguments
    find: Callable[[dict[str, Any]], tuple[One, str]]
    request: Request
    plan: RowsPlan

    def __post_init__(self) -> None:
        self.deep = bool(self.plan.links)

    def start(self, run: Run, rows: list[Row], objects: list[Object]) -> Finish:
        """Want the row."""
        edge, key = self.find(self.arguments.known(run.variables))
        loader = run.loaders.rows(statements.rows(edge, self.request))
        run.want(loader, [key])

        def finish(following: Following) -> None:
            found = loader.lists[key]
            objects[0][self.key] = descend(self.plan, found[:1], following)[0] if found else None

        return finish


@dataclass
class DeliveryStep:
    """The root field of a subscription: the row of the event that is delivered."""

    key: str
    query: Query
    plan: RowsPlan

    def __post_init__(self) -> None:
        self.deep = bool(self.plan.links)

    def start(self, run: Run, rows: list[Row], objects: list[Object]) -> Finish:
        """Want the row. Raises Surprise for a heartbeat, which has none."""
        if run.delivery is None or run.delivery.event_id is None:
            raise Surprise("a heartbeat")
        event_id = run.delivery.event_id
        loader = run.loaders.rows(self.query)
        run.want(loader, [event_id])

        def finish(following: Following) -> None:
            found = loader.lists[event_id]
            objects[0][self.key] = descend(self.plan, found, following)[0] if found else None

        return finish


@dataclass
class NodesStep:
    """A root field that finds rows of any type by their ids."""

    deep = True

    key: str
    arguments: Arguments
    targets: Callable[[dict[str, Any]], Iterable[tuple[str, One, str]]]
    selections: Selections
    many: bool

    def start(self, run: Run, rows: list[Row], objects: list[Object]) -> Finish:
        """Want the rows of each type."""
        found = want_targets(run, list(self.targets(self.arguments.known(run.variables))), self.selections)

        def finish(following: Following) -> None:
            values = found(following)
            objects[0][self.key] = values if self.many else values[0]

        return finish


@dataclass
class SearchStep:
    """The search box."""

    key: str
    arguments: Arguments
    search: Callable[[dict[str, Any]], tuple[int, str]]
    tables: frozenset[str]
    plan: RowsPlan

    def __post_init__(self) -> None:
        self.deep = bool(self.plan.links)

    def start(self, run: Run, rows: list[Row], objects: list[Object]) -> Finish:
        """Want the hits."""
        first, text = self.search(self.arguments.known(run.variables))
        loader = run.loaders.search(text, first, self.tables)
        run.want(loader, [text])

        def finish(following: Following) -> None:
            objects[0][self.key] = descend(self.plan, loader.lists[text], following)

        return finish


@dataclass
class ConstantStep:
    """A root field whose value is known: `__typename`."""

    deep = False

    key: str
    value: Any

    def start(self, run: Run, rows: list[Row], objects: list[Object]) -> Finish:
        """Nothing to want."""

        def finish(following: Following) -> None:
            objects[0][self.key] = self.value

        return finish


@dataclass
class Plan:
    """A compiled operation."""

    steps: list[Link]

    async def execute(self, run: Run) -> Object:
        """The data of the answer. Raises Surprise, psycopg.Error or RequestError: let graphql-core report it."""
        data: Object = dict.fromkeys(step.key for step in self.steps)
        started = [step.start(run, [], [data]) for step in self.steps]
        last = not any(step.deep for step in self.steps)
        while started:
            await run.fetch(last=last)
            following: Following = []
            for finish in started:
                finish(following)
            started, last = [], True
            for level in following:
                for link in level.plan.links:
                    started.append(link.start(run, level.rows, level.objects))
                    last = last and not link.deep
        return data
