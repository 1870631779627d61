"""The feed as the graph shows it: events in the order of their recording, each with a cursor to go on from."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry
from graphql import GraphQLObjectType
from strawberry import UNSET
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.info import Info

import loaders
from auth.actor import Actor
from core import cursors
from core.errors import BadInput, RequestError
from core.ids import row_id
from events import cursor
from events.interest import Delivery, Interest, Wanted
from execution.context import OperationContext
from execution.fields import FeedField
from execution.permissions import visible
from execution.selection import named_type, row_columns
from loaders.request import Request
from loaders.statements import rows
from models import history as models
from models.scope import PARTNER_EVENTS
from schema.connections import paged
from schema.fields import PageField, argument, column, one
from schema.filters import MAX_MEMBERS
from schema.history import readable, readable_kinds
from schema.registry import entity_of

if TYPE_CHECKING:
    from schema.claims import Claim
    from schema.complaints import Complaint
    from schema.customers import Customer
    from schema.history import Event
    from schema.orders import Order


def _cursor(row: Any) -> str:
    if isinstance(row, Delivery):
        return cursor.encode(row.position)
    return cursor.encode(cursor.Position.of(row["number"], row["event_id"]))


def _cursor_column() -> Any:
    return column(
        "number",
        "event_id",
        read=_cursor,
        description="Where the event stands in the feed; give it to `after` to go on behind it.",
    )


def _event() -> Any:
    return one(loaders.history.by_id, "event_id", "What happened; none in a heartbeat, which only moves the cursor on.")


def _customer() -> Any:
    return one(loaders.customers.by_id, "customer_id", "The customer as they are now; none for an anonymous contact.")


def _update(*permissions: str) -> Any:
    """Make a type over places of the feed, for those with these permissions besides the history's."""

    def decorate(cls: Any) -> Any:
        cls.__source__ = loaders.history.FEED
        cls.__permission__ = ("customers:read", "history:read", *permissions)
        cls.__visible__ = staticmethod(readable)
        return strawberry.type(cls, description=(cls.__doc__ or "").strip())

    return decorate


@_update()
class CustomerUpdate:
    """An event of a customer, and the customer as they are when it is read."""

    cursor: str = _cursor_column()
    event: "Event | None" = _event()
    customer: "Customer | None" = _customer()


@_update("claims:read")
class ClaimUpdate:
    """An event of a claim, and the claim as it is when it is read."""

    cursor: str = _cursor_column()
    event: "Event | None" = _event()
    customer: "Customer | None" = _customer()
    claim: "Claim | None" = one(loaders.claims.by_id, "subject_id", "The claim as it is now.")


@_update("orders:read")
class OrderUpdate:
    """An event of an order, and the order as it is when it is read."""

    cursor: str = _cursor_column()
    event: "Event | None" = _event()
    customer: "Customer | None" = _customer()
    order: "Order | None" = one(loaders.orders.by_id, "subject_id", "The order as it is now.")


@_update("complaints:read")
class ComplaintUpdate:
    """An event of a complaint, and the complaint as it is when it is read."""

    cursor: str = _cursor_column()
    event: "Event | None" = _event()
    customer: "Customer | None" = _customer()
    complaint: "Complaint | None" = one(loaders.complaints.by_id, "subject_id", "The complaint as it is now.")


@strawberry.input(description="Which events to follow; all that is given must hold.")
class EventFilter:
    """Conditions on events of the feed."""

    customer_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="Only events of these customers."
    )
    kinds: list[models.SubjectKind] | None = strawberry.field(
        default=UNSET, description="Only events about objects of these kinds."
    )
    categories: list[models.EventCategory] | None = strawberry.field(
        default=UNSET, description="Only events of these classes."
    )
    types: list[str] | None = strawberry.field(
        default=UNSET, description="Only events of these types, such as ClaimSubmitted."
    )


_AFTER = "Only events behind this cursor, those that were missed first; without it, what happens from now on."
_HEARTBEATS = "Whether to send an item without an event now and then, so that the cursor does not get too old."


class FollowField(FeedField):
    """A subscription to the feed: `id` follows one object of a table, `ids` some, `where` whatever fits."""

    by_event = loaders.history.in_feed

    def __init__(
        self, description: str, *, kind: models.SubjectKind | None = None, of: str = "customers", single: bool = False
    ) -> None:
        """`kind` is the kind of the events' subjects, where that is fixed; ids are those of rows of the table `of`."""
        super().__init__(description=description)
        self._kind = kind
        self._of = of
        self._single = single

    def declared_arguments(self) -> list[StrawberryArgument]:
        """`id`, or `where` and for other objects than customers `ids`; `after` and `heartbeats`."""
        following = [argument("after", str | None, _AFTER), argument("heartbeats", bool | None, _HEARTBEATS)]
        if self._single:
            return [argument("id", strawberry.ID, "The object to follow."), *following]
        where = argument("where", EventFilter | None, "Only events for which all of this holds.")
        if self._of == "customers":
            return [where, *following]
        return [argument("ids", list[strawberry.ID] | None, "Only events of these objects."), where, *following]

    def interest(self, arguments: dict[str, Any], actor: Actor) -> Interest:
        """What the arguments ask for, as far as the actor may see it. Raises BadInput for what is no id."""
        where = arguments.get("where")
        customers = self._ids(getattr(where, "customer_ids", UNSET), "customers", "where.customerIds")
        subjects: Wanted = None
        if self._single:
            customers = self._ids([arguments["id"]], self._of, "id")
        else:
            subjects = self._ids(arguments.get("ids", UNSET), self._of, "ids")
        kinds = _both(_texts(getattr(where, "kinds", UNSET), "where.kinds"), readable_kinds(actor.permissions))
        if self._kind is not None:
            kinds = _both(kinds, frozenset({self._kind.value}))
        types = _texts(getattr(where, "types", UNSET), "where.types")
        if actor.partner_id is not None:
            types = _both(types, frozenset(PARTNER_EVENTS))
        categories = _texts(getattr(where, "categories", UNSET), "where.categories")
        return Interest(types, categories, kinds, customers, subjects, actor.partner_id)

    async def begin(self, context: OperationContext, arguments: dict[str, Any]) -> None:
        """Raise RequestError of code NOT_FOUND for an object that the actor does not see."""
        if not self._single:
            return
        entity = entity_of(self._of)
        key = row_id(arguments["id"], entity.prefix, entity.kind)
        if await context.loaders.rows(rows(entity.by_id, Request(("id",)))).load(key) is None:
            raise RequestError("NOT_FOUND", f"id: there is no {entity.kind} with this id", argument="id")

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """The heartbeat, or an awaitable of the row of the event that is delivered, None where it is not seen."""
        assert info is not None
        raw = info._raw_info
        context: OperationContext = raw.context
        delivery = context.delivery
        if delivery is None or delivery.event_id is None:
            return delivery
        row_type = named_type(raw.return_type)
        assert isinstance(row_type, GraphQLObjectType)
        request = Request(row_columns(context, raw.field_nodes, row_type), visible(row_type, context.actor))
        found: Awaitable[Any] = context.loaders.rows(rows(self.by_event, request)).load(delivery.event_id)
        return found

    @staticmethod
    def _ids(values: Any, table: str, path: str) -> Wanted:
        if values is UNSET or values is None:
            return None
        if len(values) > MAX_MEMBERS:
            raise BadInput(f"{path}: at most {MAX_MEMBERS} ids", argument=path)
        entity = entity_of(table)
        return frozenset(row_id(value, entity.prefix, entity.kind) for value in values)


def _texts(values: Any, path: str) -> Wanted:
    if values is UNSET or values is None:
        return None
    if len(values) > MAX_MEMBERS:
        raise BadInput(f"{path}: at most {MAX_MEMBERS} values", argument=path)
    if any("\0" in value for value in values):
        raise BadInput(f"{path}: a text has no NUL character", argument=path)
    return frozenset(str.__str__(value) for value in values)


def _both(one: Wanted, other: Wanted) -> Wanted:
    if one is None or other is None:
        return other if one is None else one
    return one & other


class FeedPageField(PageField):
    """A customer's events in the order of the feed; `after` also takes the cursor of an item."""

    def own_arguments(self) -> list[StrawberryArgument]:
        """None."""
        return []

    def request(self, arguments: dict[str, Any], actor: Actor) -> Request:
        """The page that the arguments ask for. Raises BadInput."""
        paging: dict[str, Any] = {name: arguments.get(name) for name in ("first", "last", "after", "before")}
        for name, beside in (("after", _LAST), ("before", _FIRST)):
            if paging[name] is not None:
                paging[name] = _of_list(paging[name], beside)
        return paged(self.edge, (), (), **paging)


# Before and after all ids that may share a place; none do.
_FIRST, _LAST = str(UUID(int=0)), str(UUID(int=2**128 - 1))


def _of_list(text: str, beside: str) -> str:
    """An item's cursor as the list has them, and any other text as it is."""
    try:
        return cursors.encode("number,id", (cursor.decode(text).number, beside))
    except cursor.CursorInvalid:
        return text


def feed(description: str) -> Any:
    """The feed of one customer."""
    return FeedPageField(loaders.history.feed_of, "id", description)


def follow(description: str, **options: Any) -> Any:
    """A subscription to the feed."""
    return FollowField(description, **options)
