"""The event history as the graph shows it: the timeline, and what each entry is about."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.info import Info

import loaders
from core.errors import BadInput
from execution.fields import PolymorphicField
from loaders import base as edges
from loaders.request import Condition, Where
from models import history as models
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import PageField, argument, column, one, page
from schema.nodes import Target, load_target, table_target
from schema.scalars import Json

if TYPE_CHECKING:
    from schema.billing import Payment
    from schema.claims import Claim
    from schema.complaints import Complaint
    from schema.contracts import Contract
    from schema.customers import Customer
    from schema.follow_ups import FollowUp
    from schema.households import Household, Relationship
    from schema.interactions import Interaction
    from schema.orders import Order
    from schema.receipts import Receipt

Subject = Annotated[
    "Customer | Relationship | Household | Contract | Payment | Receipt | Order | Claim | Interaction | FollowUp"
    " | Complaint",
    strawberry.union("Subject", description="What an event is about."),
]


class SubjectField(PolymorphicField):
    """An edge to a row of the kind the event names."""

    def __init__(self) -> None:
        super().__init__(description="What the event is about; none if that is no longer there.")
        self.columns = ("subject_kind", "subject_id")

    def target(self, values: Any) -> Target:
        """The subject's row."""
        return table_target(models.SUBJECT_TABLES[values["subject_kind"]], values["subject_id"])

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """An awaitable of the row."""
        assert info is not None
        return load_target(info._raw_info, self.target(source))


class TimelineField(PageField):
    """A connection of events with the timeline's own filters."""

    def own_arguments(self) -> list[StrawberryArgument]:
        """Kinds of subjects, classes and types of events, and the span of time."""
        return [
            argument("kinds", list[models.SubjectKind] | None, "Only events about objects of these kinds."),
            argument("categories", list[models.EventCategory] | None, "Only events of these classes."),
            argument("types", list[str] | None, "Only events of these types, such as ClaimSubmitted."),
            argument("since", datetime | None, "Only events that happened at this moment or later."),
            argument("until", datetime | None, "Only events that happened before this moment."),
        ]

    def conditions(self, arguments: dict[str, Any]) -> Where:
        """The conditions of those arguments. Raises BadInput when the span ends before it begins."""
        since, until = arguments.get("since"), arguments.get("until")
        if since and until and until < since:
            raise BadInput("until lies before since", argument="until")
        found = []
        for name, column_name in (("kinds", "subject_kind"), ("categories", "category"), ("types", "type")):
            values = arguments.get(name)
            if values is not None:
                found.append(Condition(column_name, "in", tuple(str.__str__(value) for value in values)))
        if since:
            found.append(Condition("occurred_at", "gte", since))
        if until:
            found.append(Condition("occurred_at", "lt", until))
        return tuple(found)


def subject() -> Any:
    """The edge from an event to what it is about."""
    return SubjectField()


def timeline(edge: edges.Page, description: str) -> Any:
    """The timeline of a row."""
    return TimelineField(edge, "id", description)


# What an event tells is about its subject: whoever may not see that may not read of it here.
_SUBJECT_NEEDS: dict[models.SubjectKind, str] = {
    models.SubjectKind.CUSTOMER: "customers:read",
    models.SubjectKind.RELATIONSHIP: "customers:read",
    models.SubjectKind.HOUSEHOLD: "customers:read",
    models.SubjectKind.CONTRACT: "contracts:read",
    models.SubjectKind.PAYMENT: "billing:read",
    models.SubjectKind.RECEIPT: "billing:read",
    models.SubjectKind.ORDER: "orders:read",
    models.SubjectKind.CLAIM: "claims:read",
    models.SubjectKind.INTERACTION: "interactions:read",
    models.SubjectKind.COMPLAINT: "complaints:read",
    models.SubjectKind.FOLLOW_UP: "interactions:read",
}


def readable_kinds(permissions: frozenset[str]) -> frozenset[str] | None:
    """The kinds of subjects whose events may be read with these permissions; None for all."""
    kinds = frozenset(str.__str__(kind) for kind, need in _SUBJECT_NEEDS.items() if need in permissions)
    return None if len(kinds) == len(_SUBJECT_NEEDS) else kinds


def readable(permissions: frozenset[str]) -> Where:
    """The conditions on `subject_kind` under which a row of an event may be read with these permissions."""
    hidden = tuple(str.__str__(kind) for kind, need in _SUBJECT_NEEDS.items() if need not in permissions)
    return (Condition("subject_kind", "not_in", hidden),) if hidden else ()


@entity(
    models.Event,
    "evt",
    loaders.history.by_id,
    "history:read",
    visible=readable,
    order_by=("occurred_at",),
    hidden=("position", "transaction_id"),
)
class Event(Node):
    """Something that happened to or with a customer; an entry of the timeline."""

    customer: "Customer | None" = one(loaders.customers.by_id, "customer_id")
    type: str = column()
    category: models.EventCategory = column()
    source: models.EventSource | None = column()
    summary: str = column()
    occurred_at: datetime = column()
    recorded_at: datetime = column()
    subject_kind: models.SubjectKind = column()
    subject: "Subject | None" = subject()
    cause: "Event | None" = one(loaders.history.by_id, "cause_id")
    effects: Connection["Event"] | None = page(loaders.history.effects_of, "Events that this one led to.")
    correlation_id: strawberry.ID | None = column()
    actor: str | None = column()
    payload: Json | None = column()
