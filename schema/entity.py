"""`@entity`: makes a GraphQL type of a class whose fields are columns and edges, and fills in what the model knows.

The class is a whitelist: a column nobody declared is not shown. Descriptions, names of columns, and the types of
`where` and `orderBy` are taken from the table.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry
from sqlalchemy import Table
from sqlmodel import SQLModel

from auth.permissions import ROLES, SENSITIVE
from core.scope import PARTNER
from execution.fields import RowField
from execution.permissions import Need
from loaders import base as edges
from loaders.request import Where
from models.base import Restrictable
from models.grants import ALL, GRANTS
from models.roles import Role
from schema.fields import ColumnField, EdgeField, IdField, MoneyField
from schema.filters import order_input, where_input
from schema.masking import MaskedField
from schema.registry import Entity, register

C = TypeVar("C", bound=type)


def row_id_field() -> Any:
    """The field of the typed id."""
    return IdField()


@strawberry.interface(description="An object with an id of its own, which `node(id)` finds again (Relay).")
class Node:
    """Relay's Node."""

    id: strawberry.ID = row_id_field()


def _complete(name: str, field: Any, table: Table) -> None:
    """Fill in a field's columns from its name, and its description from the column's comment."""
    if isinstance(field, MoneyField) and not field.columns:
        field.columns = (f"{name}_amount", "currency")
    elif isinstance(field, MaskedField):
        field.columns = (f"{name}_masked",)
    elif isinstance(field, ColumnField) and not field.columns:
        field.columns = (name,)
    if field.description is None:
        column = field.columns[0] if field.columns else name
        field.description = table.columns[column].comment


_INTERNAL: Need = frozenset({"internal:read"})


def _keep_internal(field: RowField, table: Table) -> None:
    """Let a field of columns that the database does not grant to partners need a permission they do not have."""
    used = [(table.name, field.columns)]
    if isinstance(field, EdgeField):
        edge = field.edge
        used.append((edge.source.name, (*filter(None, [edge.key_column]), *(name.lstrip("-") for name in edge.order))))
    grants = GRANTS[PARTNER.name]
    if any(grants.get(name, ALL) != ALL and not set(columns) <= set(grants[name]) for name, columns in used):
        own = field.permission or ()
        needs = (own,) if isinstance(own, str) else own
        # What needs a permission that partners lack is kept from them already.
        if ROLES[Role.PARTNER].issuperset(needs):
            field.permission = (*needs, *_INTERNAL)


def _kept_back(cls: type, table: Table) -> dict[str, Need]:
    """The columns that need more than their row: by the fields that show them, and those partners are not granted."""
    granted = GRANTS[PARTNER.name].get(table.name, ALL)
    guarded = {c.name: _INTERNAL for c in table.columns if granted != ALL and c.name not in granted}
    for field in vars(cls).values():
        if isinstance(field, ColumnField | MoneyField) and field.permission is not None:
            names = (field.permission,) if isinstance(field.permission, str) else field.permission
            guarded.update((column, frozenset(names)) for column in field.columns if column != "currency")
    return guarded


def entity(
    model: type[SQLModel],
    prefix: str,
    by_id: edges.One,
    permission: str,
    *,
    where: tuple[str, ...] = (),
    order_by: tuple[str, ...] = (),
    hidden: tuple[str, ...] = (),
    visible: Callable[[Need], Where] | None = None,
) -> Callable[[C], C]:
    """Show the rows of `model` as the decorated type, with ids that begin with `prefix`.

    `permission` is what one needs to see them; rows that belong to a customer also need customers:read. `visible` gives
    the conditions under which someone with certain permissions sees a row. `where` and `order_by` name the columns its
    lists can be filtered and ordered by; `hidden` those that are deliberately not shown.
    """
    table: Table = model.__table__  # type: ignore[attr-defined]

    def decorate(cls: C) -> C:
        for name, field in vars(cls).items():
            if isinstance(field, ColumnField | MoneyField | MaskedField | EdgeField):
                _complete(name, field, table)
            if isinstance(field, RowField):
                _keep_internal(field, table)
        cls.is_type_of = classmethod(lambda _, value, info: value.source.name == table.name)  # type: ignore[attr-defined]
        # What the compiler needs to know of a type: where its rows come from and how its ids begin.
        cls.__source__ = edges.source(model)  # type: ignore[attr-defined]
        cls.__prefix__ = prefix  # type: ignore[attr-defined]
        needs = frozenset({permission, "customers:read"} if "customer_id" in table.columns else {permission})
        if table.name not in GRANTS[PARTNER.name]:
            needs |= _INTERNAL
        cls.__permission__ = tuple(needs)  # type: ignore[attr-defined]
        # The column that says whose row it is, where looking at it is noted in the audit log.
        medical = "customer_id" if needs & SENSITIVE else None
        cls.__owner__ = "id" if table.name == "customers" else medical  # type: ignore[attr-defined]
        cls.__visible__ = staticmethod(visible) if visible else None  # type: ignore[attr-defined]
        kept_back = _kept_back(cls, table)
        decorated = strawberry.type(cls, description=(cls.__doc__ or "").strip())
        register(
            Entity(
                cls.__name__,
                model,
                prefix,
                decorated,
                by_id,
                where_input(cls.__name__, table, where) if where else None,
                order_input(cls.__name__, table, order_by) if order_by else None,
                # Whether a row's customer is restricted decides who gets the row, and is shown on the customer only.
                frozenset({*hidden, "restricted"} if issubclass(model, Restrictable) else hidden),
                {c.name: k.column.table.name for c in table.columns for k in c.foreign_keys},
                needs,
                kept_back,
            )
        )
        return decorated

    return decorate
