"""The entities of the graph: which type shows which table, under which id prefix."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlmodel import SQLModel

from core.errors import BadInput
from execution.permissions import NOTHING, Need
from loaders import base as edges


@dataclass(frozen=True, slots=True)
class Entity:
    """A table as the graph shows it.

    `permission` is what its rows need; `kept_back` maps columns that need more to what that is; `id_columns` maps
    columns that refer to other entities to (prefix, kind).
    """

    name: str
    model: type[SQLModel]
    prefix: str
    type: type
    by_id: edges.One
    where: Any
    order: Any
    hidden: frozenset[str]
    references: dict[str, str]
    permission: Need
    kept_back: dict[str, Need]

    @property
    def table(self) -> Table:
        """The table itself."""
        table: Table = self.model.__table__  # type: ignore[attr-defined]
        return table

    @property
    def guarded(self) -> dict[str, Need]:
        """What one needs besides `permission` to filter or sort by a column, for those columns where it is more.

        That is what one needs to see it; of a column that refers to another entity, to see that.
        """
        return _guarded(self.table.name)

    @property
    def id_columns(self) -> dict[str, tuple[str, str]]:
        """For each column that refers to another entity: that entity's prefix and kind."""
        found = {}
        for column, table in self.references.items():
            entity = entity_of(table)
            found[column] = (entity.prefix, entity.kind)
        return found

    @property
    def kind(self) -> str:
        """The entity's name in running text, such as "contract party"."""
        return "".join(f" {c.lower()}" if c.isupper() else c for c in self.name).strip()


_BY_TABLE: dict[str, Entity] = {}
_BY_PREFIX: dict[str, Entity] = {}


@cache
def _guarded(table: str) -> dict[str, Need]:
    # Made when it is first asked for: then all entities are known.
    entity = _BY_TABLE[table]
    guarded = dict(entity.kept_back)
    for column, other in entity.references.items():
        guarded[column] = guarded.get(column, NOTHING) | _BY_TABLE[other].permission
    more = {column: needs - entity.permission for column, needs in guarded.items()}
    return {column: needs for column, needs in more.items() if needs}


def register(entity: Entity) -> None:
    """Make an entity known. Raises ValueError when its table or prefix is taken."""
    table = entity.by_id.source.name
    if table in _BY_TABLE or entity.prefix in _BY_PREFIX:
        raise ValueError(f"{entity.name}: table {table} or prefix {entity.prefix} is taken")
    _BY_TABLE[table] = _BY_PREFIX[entity.prefix] = entity


def entity_of(table: str) -> Entity:
    """The entity that shows `table`. Raises KeyError when none does."""
    return _BY_TABLE[table]


def entities() -> list[Entity]:
    """All entities, in the order they were declared."""
    return list(_BY_TABLE.values())


def entity_by_id(value: str) -> Entity:
    """The entity a public id belongs to, by its prefix.

    Raises BadInput when no entity has the prefix.
    """
    prefix = value.partition("_")[0]
    if prefix not in _BY_PREFIX:
        raise BadInput("this is not an id of this graph: ids look like cus_0192f0c1-… with the prefix of their type")
    return _BY_PREFIX[prefix]
