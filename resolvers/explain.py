"""Asking why one may see something or not."""

from typing import Any

import strawberry
from graphql import GraphQLObjectType
from strawberry import Info

from execution.permissions import SIGNED_IN, visible
from loaders.batching import Loaders
from loaders.request import Request
from loaders.statements import rows
from schema.explain import AccessExplanation, AccessRuleKind, field_of, permission_rules, row_rule
from schema.mutations import context_of, described
from schema.nodes import node_target


async def _explain(info: Info, id: strawberry.ID, field: str | None = None) -> AccessExplanation:
    context = context_of(info)
    schema = info.schema._schema
    type_name, edge, row_id = node_target(id)
    kind = schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    asked = field_of(kind, field) if field is not None else None
    rules = list(permission_rules(kind, asked, context.actor))
    there = None
    if rules[0].allows:
        # With loaders of its own: nothing of the row is shown, so no profile was opened.
        request = Request(("id",), visible(kind, context.actor))
        there = await Loaders(context.snapshot).rows(rows(edge, request)).load(row_id) is not None
    rules.append(row_rule(there))
    return AccessExplanation(
        subject=f"{type_name}.{field}" if field is not None else type_name,
        allowed=all(rule.allows for rule in rules if rule.kind is not AccessRuleKind.REVEAL),
        rules=rules,
    )


def _explain_field() -> Any:
    field: Any = strawberry.field(
        resolver=_explain,
        description="Why you may see the object with this id, or a field of it, or not. Of an object that you may not "
        "see it says the same as of one that is not there.",
    )
    field.permission = SIGNED_IN
    return described(
        field,
        {"id": "The id of the object.", "field": "The name of a field, such as `birthDate`; none for the whole."},
    )


@strawberry.type
class Query:
    """Root field that explains."""

    explain_access: AccessExplanation | None = _explain_field()
