"""The audit log as the graph shows it: the log itself, and who has looked at a customer."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry
from strawberry.types.arguments import StrawberryArgument

import loaders
from core.errors import BadInput
from core.ids import public_id
from loaders import base as edges
from loaders.request import Condition, Where
from models import audit as models
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import PageField, argument, column, page
from schema.scalars import Json

if TYPE_CHECKING:
    from schema.customers import Customer

# How the ids of actors begin, by their kind.
_PREFIXES = {models.ActorKind.USER: "usr", models.ActorKind.API_KEY: "key"}


class AuditLogField(PageField):
    """A connection of audit entries with the log's own filters."""

    def own_arguments(self) -> list[StrawberryArgument]:
        """Kinds of entries, who acted, and the span of time."""
        return [
            argument("kinds", list[models.AuditKind] | None, "Only entries of these kinds."),
            argument("actor", strawberry.ID | None, "Only what this user or API key did."),
            argument("since", datetime | None, "Only what happened at this moment or later."),
            argument("until", datetime | None, "Only what happened before this moment."),
        ]

    def conditions(self, arguments: dict[str, Any]) -> Where:
        """The conditions of those arguments. Raises BadInput for an id of something else, or an empty span."""
        kinds, actor = arguments.get("kinds"), arguments.get("actor")
        since, until = arguments.get("since"), arguments.get("until")
        if since and until and until < since:
            raise BadInput("until lies before since", argument="until")
        found = []
        if kinds is not None:
            values = tuple(str.__str__(kind) for kind in kinds)
            # One kind alone is read in order from its own index.
            one = len(values) == 1
            found.append(Condition("kind", "eq", values[0]) if one else Condition("kind", "in", values))
        if actor is not None:
            kind, row = _actor(actor)
            found += [Condition("actor_id", "eq", row), Condition("actor_kind", "eq", kind)]
        if since:
            found.append(Condition("recorded_at", "gte", since))
        if until:
            found.append(Condition("recorded_at", "lt", until))
        return tuple(found)


def _actor(value: str) -> tuple[str, str]:
    """The kind and the row id of an actor's public id."""
    prefix, _, row = value.partition("_")
    for kind, known in _PREFIXES.items():
        if prefix == known:
            try:
                return kind.value, str(UUID(row))
            except ValueError:
                break
    raise BadInput("actor: expected the id of a user (usr_…) or an API key (key_…)", argument="actor")


def _actor_id(row: Any) -> str | None:
    prefix = _PREFIXES.get(row["actor_kind"])
    return None if row["actor_id"] is None or prefix is None else public_id(prefix, row["actor_id"])


def _customer_ids(row: Any) -> list[str]:
    return [public_id("cus", customer) for customer in row["customer_ids"]]


def audit_log(edge: edges.Page, description: str, local: str | None = "id") -> Any:
    """The audit log, or what of it concerns a row."""
    return AuditLogField(edge, local, description)


@entity(models.AuditEntry, "aud", loaders.audit.by_id, "audit:read", hidden=("position", "transaction_id"))
class AuditEntry(Node):
    """An entry of the audit log: something that was done, seen or refused."""

    recorded_at: datetime = column()
    kind: models.AuditKind = column()
    actor_kind: models.ActorKind = column()
    actor_id: strawberry.ID | None = column("actor_kind", "actor_id", read=_actor_id, description="Who acted.")
    session_id: strawberry.ID | None = column()
    operation: str | None = column()
    document_hash: str | None = column()
    customer_ids: list[strawberry.ID] = column("customer_ids", read=_customer_ids)
    customers: Connection["Customer"] | None = page(
        loaders.audit.customers_of, "The customers it concerns, as far as they are still there."
    )
    sensitive_fields: list[str] = column()
    purpose: str | None = column()
    details: Json = column()
    request_id: strawberry.ID | None = column()
