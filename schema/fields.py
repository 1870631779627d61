"""The fields of a row's type: columns, sums of money, and edges to other rows. One line each where they are declared.

    number: str = column()
    premium: Money = money()
    product: "Product" = one(products.by_id, "product_id")
    parties: list["ContractParty"] | None = children(contracts.parties_of)
    claims: Connection["Claim"] | None = page(claims.of_contract)

Names and descriptions come from the columns of the entity's table (see schema/entity.py).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graphql import GraphQLObjectType, GraphQLResolveInfo
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.info import Info

from auth.actor import Actor
from core.ids import public_id
from execution.context import OperationContext
from execution.fields import LeafField, LinkField, ValueField
from execution.permissions import NOTHING, Permission, Refused, lacking, node_row_type, visible
from execution.selection import connection_columns, named_type, row_columns
from loaders import base as edges
from loaders.batching import Record
from loaders.request import Request, Where
from loaders.statements import rows
from schema.connections import MAX_PAGE, Slice, paged
from schema.filters import OrderDirection, conditions
from schema.registry import entity_of
from schema.scalars import Money


class ColumnField(LeafField):
    """A field read from columns of its row."""

    def __init__(
        self,
        *columns: str,
        read: Callable[[Record], Any] | None = None,
        description: str | None = None,
        permission: Permission | None = None,
    ) -> None:
        super().__init__(description=description)
        self.columns = columns
        self.read = read
        self.permission = permission

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """The value of the column, or what `read` makes of the row."""
        return source[self.columns[0]] if self.read is None else self.read(source)


class IdField(ColumnField):
    """The typed id of a row."""

    prefixed = True

    def __init__(self) -> None:
        super().__init__("id", description="The typed, readable id; the same object keeps it for good.")

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """The row's UUID behind the prefix of its type."""
        return public_id(entity_of(source.source.name).prefix, source["id"])


class MoneyField(ValueField):
    """A sum of money: an amount column and the currency column of the same row."""

    def __init__(self, *columns: str, description: str | None = None, permission: Permission | None = None) -> None:
        super().__init__(description=description)
        self.columns = columns
        self.permission = permission

    @property
    def parts(self) -> dict[str, str]:
        """Amount and currency."""
        return {"amount": self.columns[0], "currency": self.columns[1]}

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """The Money, or None when there is no amount."""
        amount = source[self.columns[0]]
        return None if amount is None else Money(amount=amount, currency=source[self.columns[1]])


class EdgeField(LinkField):
    """A field that leads to other rows through a loader."""

    def __init__(
        self,
        edge: edges.Edge,
        local: str | None,
        description: str | None = None,
        permission: Permission | None = None,
    ) -> None:
        super().__init__(description=description)
        self.edge = edge
        self.local = local
        self.permission = permission
        self.columns = (local,) if local else ()

    def key(self, source: Any) -> str | None:
        """The key the loader needs, from the row."""
        return source[self.local] if self.local else None

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """An awaitable of the row or rows, or None where the row has no key."""
        assert info is not None
        key = self.key(source)
        if key is None:
            return None
        raw: GraphQLResolveInfo[Any] = info._raw_info
        context: OperationContext = raw.context
        row_type = named_type(raw.return_type)
        assert isinstance(row_type, GraphQLObjectType)
        request = Request(row_columns(context, raw.field_nodes, row_type), visible(row_type, context.actor))
        return context.loaders.rows(rows(self.edge, request)).load(key)


_PAGE_ARGUMENTS = (
    ("first", "int | None", "How many rows from the beginning; 20 unless given, at most 100."),
    ("after", "str | None", "Only rows behind this cursor."),
    ("last", "int | None", "How many rows from the end, in place of `first`."),
    ("before", "str | None", "Only rows before this cursor."),
)


class PageField(EdgeField):
    """A field that leads to a connection, with `where`, `orderBy` and Relay's paging arguments."""

    largest = MAX_PAGE

    def declared_arguments(self) -> list[StrawberryArgument]:
        """The arguments; made when the schema is built, because they come from the entity the edge leads to."""
        paging = [argument(name, kind, text) for name, kind, text in _PAGE_ARGUMENTS]
        return [*self.own_arguments(), *paging]

    def own_arguments(self) -> list[StrawberryArgument]:
        """The arguments besides those for paging."""
        entity = entity_of(self.edge.source.name)
        own = []
        if entity.where is not None:
            own.append(argument("where", entity.where | None, "Only rows for which all of this holds."))
        if entity.order is not None:
            description = f"The order of the rows; {self._usual_order()} unless given."
            own.append(argument("order_by", entity.order | None, description))
        return own

    def conditions(self, arguments: dict[str, Any]) -> Where:
        """The conditions that the arguments put on the rows. Raises BadInput."""
        return conditions(arguments.get("where"), entity_of(self.edge.source.name).id_columns)

    def request(self, arguments: dict[str, Any], actor: Actor) -> Request:
        """The page that the arguments ask for.

        Raises BadInput; and Refused when they filter or order by a column the actor may not see.
        """
        paging = {name: arguments.get(name) for name in ("first", "last", "after", "before")}
        request = paged(self.edge, self.conditions(arguments), self.order(arguments), **paging)
        guarded = entity_of(self.edge.source.name).guarded
        if guarded:
            used = {condition.column for condition in request.where} | {name.lstrip("-") for name in request.order}
            lacks = lacking(frozenset().union(*(guarded.get(column, NOTHING) for column in used)), actor)
            if lacks:
                raise Refused(actor, lacks)
        return request

    def order(self, arguments: dict[str, Any]) -> tuple[str, ...]:
        """The order asked for; empty for the edge's own."""
        order_by = arguments.get("order_by")
        if order_by is None:
            return ()
        return (f"{'-' if order_by.direction is OrderDirection.DESC else ''}{order_by.field.value}",)

    def _usual_order(self) -> str:
        first = self.edge.order[0] if self.edge.order else "id"
        column = first.lstrip("-").replace("_", " ")
        return f"by {column}, {'newest or greatest' if first.startswith('-') else 'least or oldest'} first"

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """A Slice, on which the connection's own fields work."""
        assert info is not None
        raw: GraphQLResolveInfo[Any] = info._raw_info
        context: OperationContext = raw.context
        request = self.request(kwargs, context.actor)
        connection = named_type(raw.return_type)
        assert isinstance(connection, GraphQLObjectType)
        request = replace(request, where=(*request.where, *visible(node_row_type(connection), context.actor)))
        result = Slice(context, self.edge, self.key(source), request)
        names = tuple(name.lstrip("-") for name in result.order)
        result.request = replace(request, columns=connection_columns(context, raw.field_nodes, connection, names))
        return result


def argument(name: str, annotation: Any, description: str, default: object = UNSET) -> StrawberryArgument:
    """An argument of a field; optional by its annotation or by a default."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        default=default,
    )


def column(
    *names: str,
    read: Callable[[Record], Any] | None = None,
    description: str | None = None,
    permission: Permission | None = None,
) -> Any:
    """A field that is a column of its own name; or of other `names`, from which `read` may make the value."""
    return ColumnField(*names, read=read, description=description, permission=permission)


def money(
    amount: str | None = None,
    currency: str = "currency",
    description: str | None = None,
    permission: Permission | None = None,
) -> Any:
    """A sum of money: the column named like the field with `_amount`, or `amount`, and the row's currency."""
    return MoneyField(*((amount, currency) if amount else ()), description=description, permission=permission)


def one(edge: edges.One, local: str, description: str | None = None) -> Any:
    """An edge to one row: `local` is the column of this row that holds its key."""
    return EdgeField(edge, local, description)


def children(edge: edges.Children, description: str, local: str = "id", permission: Permission | None = None) -> Any:
    """An edge to a short list of rows, all of them."""
    return EdgeField(edge, local, description, permission)


def page(edge: edges.Page, description: str, local: str | None = "id") -> Any:
    """An edge to a long list of rows, as a connection."""
    return PageField(edge, local, description)
