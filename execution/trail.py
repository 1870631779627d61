"""The audit trail of operations: whose data each one showed, which sensitive fields, and what was refused.

Whatever the driver, rows come through the operation's loaders, so the trail is read off them afterwards: a customer
counts as opened when a row of theirs was fetched to be shown as a Customer, when an object of theirs was asked for by
its id or number, or when anything medical of theirs was shown. For that the statements fetch the id of the customer
besides what was selected (`owner_column`).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from graphql import GraphQLObjectType, GraphQLSchema, OperationDefinitionNode, is_introspection_type

from auth.actor import ActorKind
from auth.audit import AuditWriter, profiles_opened, refused
from auth.permissions import SENSITIVE
from core.pipeline import Row
from execution.context import OperationContext
from execution.fields import LeafField, RowField, ValueField
from execution.permissions import Need, Refused, type_needs
from execution.selection import source_of
from loaders.base import One
from loaders.batching import EdgeLoader
from loaders.statements import Query

# Facts kept of statements; a service has a few hundred.
_MOST_FACTS = 10_000


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rows of a statement tell: where in them the id of the customer is, and the sensitive fields shown."""

    owner: int | None
    sensitive: tuple[tuple[str, Need], ...]


class Trail:
    """Records operations against one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._sensitive = _sensitive_columns(schema)
        self._facts: dict[Query, _Facts | None] = {}

    def record(
        self,
        audit: AuditWriter,
        context: OperationContext,
        operation: OperationDefinitionNode,
        text: str,
        refusals: Iterable[Refused],
    ) -> None:
        """Record what the operation showed and what it was refused. Raises AuditUnavailable: then show nothing.

        What nobody who is signed in was refused is not recorded: anybody could fill the log with it.
        """
        actor = context.actor
        customers, fields = self.opened(context)
        refusals = [] if actor.kind is ActorKind.ANONYMOUS else list(refusals)
        if not customers and not fields and not refusals:
            return
        name = operation.name.value if operation.name else None
        document_hash = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        if refusals:
            missing = frozenset[str]().union(*(refusal.missing for refusal in refusals))
            names = [refusal.field for refusal in refusals if refusal.field is not None]
            audit.record(refused(actor, name, missing, names, document_hash=document_hash))
        if customers or fields:
            entry = profiles_opened(
                actor, customers, operation=name, document_hash=document_hash, sensitive_fields=fields
            )
            audit.record(entry)

    def opened(self, context: OperationContext) -> tuple[list[str], list[str]]:
        """The ids of the customers whose data the operation fetched, and the sensitive fields of them."""
        customers: dict[str, None] = {}
        fields: dict[str, None] = {}
        known, permissions = self._facts, context.actor.permissions
        for loader in context.used_loaders():
            query = loader.query
            facts = known[query] if query in known else self._learn(query)
            if facts is None:
                continue
            shown = _shown(loader)
            if not shown:
                continue
            if facts.owner is not None:
                owner = facts.owner
                customers.update([(row[owner], None) for row in shown])
            for name, needs in facts.sensitive:
                # A column may have been fetched for another field that shows it too.
                if needs <= permissions:
                    fields[name] = None
        return list(customers), sorted(fields)

    def _learn(self, query: Query) -> _Facts | None:
        edge, columns = query.edge, query.request.columns
        names = self._sensitive.get(edge.source.name, {})
        sensitive = tuple(names[column] for column in columns if column in names)
        owner = "id" if edge.source.name == "customers" else "customer_id"
        position = None
        if owner == "id" or sensitive or isinstance(edge, One):
            if edge.key_column == owner:
                position = 0
            elif owner in columns:
                position = columns.index(owner) + query.keyed
        facts = None if position is None and not sensitive else _Facts(position, sensitive)
        if len(self._facts) >= _MOST_FACTS:
            self._facts.clear()
        self._facts[query] = facts
        return facts


def _shown(loader: EdgeLoader) -> list[Row]:
    """The rows of a loader, without the one more that only tells whether there are more."""
    limit = loader.query.request.limit
    lists = loader.lists.values()
    if limit is None:
        return [row for rows in lists for row in rows]
    return [row for rows in lists for row in rows[:limit]]


def _sensitive_columns(schema: GraphQLSchema) -> dict[str, dict[str, tuple[str, Need]]]:
    """By table and column: the sensitive field it is shown by, and what that needs besides its type."""
    found: dict[str, dict[str, tuple[str, Need]]] = {}
    for kind in schema.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or is_introspection_type(kind):
            continue
        source, medical = source_of(kind), type_needs(kind) & SENSITIVE
        for name, field in kind.fields.items() if source is not None else ():
            definition = field.extensions.get("strawberry-definition")
            if not isinstance(definition, LeafField | ValueField) or definition.columns == ("id",):
                continue
            own = _own(definition)
            if own & SENSITIVE or (medical and isinstance(definition, LeafField)):
                assert source is not None
                for column in definition.columns:
                    if column != "currency":
                        found.setdefault(source.name, {})[column] = (f"{kind.name}.{name}", own)
    return found


def _own(definition: RowField) -> Need:
    declared = definition.permission
    return frozenset((declared,) if isinstance(declared, str) else declared or ())
