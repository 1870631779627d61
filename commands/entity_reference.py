"""The entity reference (docs/entities.md), made from the models and the schema: nothing in it is written twice."""

import inspect
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)
from sqlalchemy import CheckConstraint, Column, Computed, Index, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

import models
import schema as graph
from execution.fields import RowField, ValueField
from loaders.base import Children, One
from models.base import Choice, ChoiceText
from resolvers.root import schema
from schema.fields import EdgeField, MoneyField
from schema.masking import MaskedField
from schema.registry import Entity, entities

FILE = Path(__file__).parent.parent / "docs" / "entities.md"

# The schema's order of the areas, then what is no part of the graph.
_NAMES = dict.fromkeys([*(area.__name__.partition(".")[2] for area in graph.AREAS), *sorted(models.__all__)])
AREAS: list[ModuleType] = [vars(models)[name] for name in _NAMES if inspect.ismodule(vars(models).get(name))]

_INTRODUCTION = """# Entities

Made by `c360 entities` from the models and the schema. Do not edit it; `c360 entities --check` tells whether it is
current.

Each area below shows its tables, what each column holds, where the graph shows it, and the edges that lead from an
object and to it. A column's description stands once, in `models/`; the same text is the comment in the database and the
description in the graph.

- **field** is the name in the graph. A sum of money is one field made of an amount and the row's currency. A sensitive
  value is stored encrypted, and one field shows its masked form.
- **edges** are fields that lead to other objects: `one` to at most one, `list` to a short list that comes whole,
  `pages` to a connection with cursors, filters and orders.
- Every row has a UUIDv7. Its id in the graph is that with the prefix of its type, such as `cus_0192f0c1-…`.
"""


@dataclass(frozen=True)
class _Field:
    """A field of an object type, by the name the graph gives it."""

    name: str
    type: str
    description: str
    definition: object


def _graphql(name: str) -> GraphQLObjectType:
    found = schema._schema.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def _target(output: GraphQLNamedType) -> str:
    """The name of the type a field leads to, looking through connections."""
    if isinstance(output, GraphQLObjectType) and output.name.endswith("Connection"):
        output = get_named_type(output.fields["nodes"].type)
    return output.name


def _fields(kind: GraphQLObjectType) -> Iterator[_Field]:
    for name, field in kind.fields.items():
        definition = field.extensions.get("strawberry-definition")
        yield _Field(name, _target(get_named_type(field.type)), field.description or "", definition)


_ENTITIES: dict[str, Entity] = {entity.table.name: entity for entity in entities()}


def _tables(area: ModuleType) -> list[Table]:
    classes = (value for value in vars(area).values() if inspect.isclass(value) and value.__module__ == area.__name__)
    return [value.__table__ for value in classes if hasattr(value, "__table__")]


def _choices(area: ModuleType) -> list[type[Choice]]:
    return [
        value
        for value in vars(area).values()
        if inspect.isclass(value) and issubclass(value, Choice) and value.__module__ == area.__name__
    ]


def _title(area: ModuleType) -> str:
    return area.__name__.removeprefix("models.").replace("_", " ").capitalize()


def _name(table: Table) -> str:
    return _ENTITIES[table.name].name if table.name in _ENTITIES else table.name


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _grid(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_row(*heading), _row(*("---" for _ in heading)), *(_row(*row) for row in rows), ""]


def _link(name: str) -> str:
    return f"[{name}](#{name.lower().replace(' ', '-')})"


def _foreign_table(column: "Column[object]") -> str | None:
    for key in column.foreign_keys:
        return key.column.table.name
    return None


def _type(column: "Column[object]") -> str:
    if isinstance(column.type, ChoiceText):
        return _link(column.type.kind.__name__)
    compiled = str(column.type.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    name = compiled.lower().replace("timestamp with time zone", "timestamptz").replace(", ", ",")
    target = _foreign_table(column)
    if target:
        return f"{name} → {_link(_name(models.metadata.tables[target]))}"
    return f"{name}, computed" if isinstance(column.computed, Computed) else name


def _shown_as(entity: Entity | None, column: str) -> str:
    """Which fields of the graph show a column."""
    if entity is None or column in entity.hidden:
        return "not shown"
    names, sums = [], []
    for field in _fields(_graphql(entity.name)):
        definition = field.definition
        if not isinstance(definition, RowField) or column not in definition.columns:
            continue
        if isinstance(definition, MoneyField):
            part = "amount" if column == definition.columns[0] else "currency"
            sums.append(f"`{field.name}.{part}`")
        elif isinstance(definition, MaskedField):
            names.append(f"`{field.name}.masked`")
        elif not (column == "id" and isinstance(definition, EdgeField)):
            names.append(f"`{field.name}`")
    if len(sums) > 1:
        sums = ["`currency` of each sum"]
    return ", ".join([*names, *sums])


def _columns(table: Table, entity: Entity | None) -> list[str]:
    rows = (
        (
            f"`{column.name}`",
            _type(column),
            "yes" if column.nullable else "no",
            _shown_as(entity, column.name),
            _cell(column.comment or ""),
        )
        for column in table.columns
    )
    return _grid(("column", "type", "null", "field", "what it holds"), rows)


def _is_edge(field: _Field) -> bool:
    kind = schema._schema.type_map.get(field.type)
    by_edge = isinstance(field.definition, RowField) and not isinstance(field.definition, ValueField)
    return by_edge and isinstance(kind, GraphQLObjectType | GraphQLUnionType)


def _edge_kind(definition: object) -> str:
    if not isinstance(definition, EdgeField) or isinstance(definition.edge, One):
        return "one"
    return "list" if isinstance(definition.edge, Children) else "pages"


def _edges_from(entity: Entity) -> list[str]:
    known = {e.name for e in _ENTITIES.values()}
    rows = [
        (
            f"`{field.name}`",
            _link(field.type) if field.type in known else f"`{field.type}`",
            _edge_kind(field.definition),
            _cell(field.description),
        )
        for field in _fields(_graphql(entity.name))
        if _is_edge(field)
    ]
    return ["Edges from it:", "", *_grid(("field", "leads to", "how", "what it leads to"), rows)] if rows else []


def _reaches(field: _Field, name: str) -> bool:
    kind = schema._schema.type_map.get(field.type)
    members = [member.name for member in kind.types] if isinstance(kind, GraphQLUnionType) else [field.type]
    return name in members


def _edges_to(entity: Entity) -> list[str]:
    others = (_ENTITIES[table.name].name for area in AREAS for table in _tables(area) if table.name in _ENTITIES)
    kinds = ["Query", "SearchHit", *others]
    names = [
        f"`{kind}.{field.name}`"
        for kind in kinds
        for field in _fields(_graphql(kind))
        if _reaches(field, entity.name) and not field.name.startswith("node")
    ]
    return [f"Edges to it: {', '.join(names)}, and `Query.node` with its id.", ""]


def _lists(entity: Entity) -> list[str]:
    lines = []
    for suffix, word in (("Where", "Filters"), ("OrderField", "Orders")):
        kind = schema._schema.type_map.get(entity.name + suffix)
        if isinstance(kind, GraphQLInputObjectType | GraphQLEnumType):
            names = kind.fields if isinstance(kind, GraphQLInputObjectType) else kind.values
            lines += [f"{word} of its lists: {', '.join(f'`{name}`' for name in names)}.", ""]
    return lines


def _index(table: Table, index: Index) -> str:
    statement = str(CreateIndex(index).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    over = " ".join(statement.split()).partition(f" ON {table.name} ")[2]
    over = over.replace("USING ", "").replace(" WHERE ", " where ")
    return f"`{over}`{', unique' if index.unique else ''}"


def _indexes(table: Table) -> list[str]:
    found = [f"`({', '.join(c.name for c in table.primary_key.columns)})`, primary key"]
    uniques = (c for c in table.constraints if isinstance(c, UniqueConstraint))
    found += sorted(f"`({', '.join(c.name for c in unique.columns)})`, unique" for unique in uniques)
    found += [_index(table, index) for index in sorted(table.indexes, key=lambda index: str(index.name))]
    return ["Indexes:", "", *(f"- {line}" for line in found), ""]


def _checks(table: Table) -> list[str]:
    values = tuple(f"{column.name} in (" for column in table.columns if isinstance(column.type, ChoiceText))
    checks = (str(check.sqltext) for check in table.constraints if isinstance(check, CheckConstraint))
    found = sorted(f"- `{check}`" for check in checks if not check.startswith(values))
    return ["The database also checks:", "", *found, ""] if found else []


def _table(table: Table) -> list[str]:
    entity = _ENTITIES.get(table.name)
    heading = f"### {_name(table)}"
    where = f"Table `{table.name}`, {f'ids `{entity.prefix}_…`' if entity else 'no part of the graph'}."
    lines = [heading, "", inspect.cleandoc(table.comment or ""), "", where, "", *_columns(table, entity)]
    if entity:
        lines += [*_edges_from(entity), *_edges_to(entity), *_lists(entity)]
    return [*lines, *_indexes(table), *_checks(table)]


def _enumeration(choice: type[Choice]) -> list[str]:
    values = ((f"`{member.value}`", _cell(member.description)) for member in choice)
    lines = [f"#### {choice.__name__}", "", inspect.cleandoc(choice.__doc__ or ""), ""]
    return [*lines, *_grid(("value", "meaning"), values)]


def _is_of_parent(table: Table, column: "Column[object]") -> bool:
    """Whether a row is a customer's by way of a row it belongs to: then the diagrams show only the way."""
    if column.name != "customer_id":
        return False
    others = [_foreign_table(c) for c in table.columns if c.name != "customer_id" and not c.nullable]
    return any(name and "customer_id" in models.metadata.tables[name].columns for name in others)


@dataclass(frozen=True)
class _Relation:
    """A foreign key as the diagrams draw it."""

    parent: str
    child: str
    line: str


def _relations(tables: Iterable[Table]) -> Iterator[_Relation]:
    for table in tables:
        for column in table.columns if table.name in _ENTITIES else ():
            target = _foreign_table(column)
            if target is None or _is_of_parent(table, column):
                continue
            parent, child = _ENTITIES[target].name, _ENTITIES[table.name].name
            ends = f"{'|o' if column.nullable else '||'}--{'o|' if column.unique else 'o{'}"
            label = column.name.removesuffix("_id").replace("_", " ")
            yield _Relation(parent, child, f'    {parent} {ends} {child} : "{label}"')


def _diagram(relations: Iterable[_Relation]) -> list[str]:
    lines = [relation.line for relation in relations]
    return ["```mermaid", "erDiagram", *lines, "```", ""] if lines else []


def _main_relations() -> Iterator[_Relation]:
    """Those between entities that are linked more than once, without the many to staff."""
    tables = [table for area in AREAS if area is not models.staff for table in _tables(area)]
    served = {_name(table) for table in _tables(models.staff)}
    relations = [relation for relation in _relations(tables) if relation.parent not in served]
    links = Counter(name for relation in relations for name in (relation.parent, relation.child))
    return (relation for relation in relations if links[relation.child] > 1)


def _overview() -> list[str]:
    rows = ((_link(_title(area)), ", ".join(_link(_name(table)) for table in _tables(area))) for area in AREAS)
    return [
        *_grid(("area", "entities"), rows),
        "How the entities hang together, without agents and partners and without what hangs on one entity alone; the",
        "diagrams of the areas show those too. What belongs to a contract, an order or a claim also carries the id of",
        "its customer; that edge is left out everywhere.",
        "",
        *_diagram(_main_relations()),
    ]


def _area(area: ModuleType) -> list[str]:
    lines = [f"## {_title(area)}", "", inspect.cleandoc(area.__doc__ or ""), "", *_diagram(_relations(_tables(area)))]
    for table in _tables(area):
        lines += _table(table)
    choices = _choices(area)
    if choices:
        lines += [f"### Enumerations of {_title(area).lower()}", ""]
    for choice in choices:
        lines += _enumeration(choice)
    return lines


def text() -> str:
    """The whole reference as Markdown, ending with a newline."""
    lines = [_INTRODUCTION, *_overview()]
    for area in AREAS:
        lines += _area(area)
    return "\n".join(lines).rstrip("\n") + "\n"
