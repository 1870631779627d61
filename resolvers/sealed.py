"""Seeing a sensitive value in full, and finding by one that is known in full."""

from typing import Any
from uuid import UUID

import strawberry
from graphql import GraphQLObjectType
from strawberry import Info

import loaders
from auth import reveal as revealing
from auth.sealed import NothingSealed
from core.errors import BadInput
from core.sealing import SealedField
from execution.permissions import SIGNED_IN, Refused, require_type, visible
from loaders.batching import Loaders
from loaders.request import Request
from loaders.statements import rows
from models.sealed import IBAN, NATIONAL_ID
from schema.customers import Customer
from schema.mutations import context_of, described, mutation
from schema.nodes import load_target, node_target
from schema.registry import entity_by_id
from schema.reveal import RevealPayload, sealed_in
from schema.sealed import BankAccount

# An identifier in any notation is shorter.
_LONGEST = 64


async def _index_of(info: Info, field: SealedField, text: str, argument: str) -> str:
    """The blind index of an identifier. Raises BadInput for what can be none."""
    if len(text) > _LONGEST or "\0" in text:
        raise BadInput(f"{argument}: at most {_LONGEST} characters, without NUL", argument=argument)
    keyring = await context_of(info).services.keys.keyring()
    try:
        return keyring.index(field, text)
    except BadInput:
        raise BadInput(f"{argument}: an identifier has letters or digits", argument=argument) from None


async def _customer(info: Info, national_id: str) -> Any:
    index = await _index_of(info, NATIONAL_ID, national_id, "nationalId")
    return await load_target(info._raw_info, ("Customer", loaders.sealed.by_national_id_index, index))


async def _bank_accounts(info: Info, iban: str) -> Any:
    index = await _index_of(info, IBAN, iban, "iban")
    return await load_target(info._raw_info, ("BankAccount", loaders.sealed.bank_accounts_by_iban_index, index))


def _exact(resolver: Any, argument: str, comment: str, description: str) -> Any:
    """A root field that finds by a sensitive value: for those who may see such values in full."""
    field: Any = strawberry.field(resolver=resolver, description=description)
    field.permission = "customers:reveal"
    return described(field, {argument: f"{comment}, in any notation. Send it as a variable: those are kept nowhere."})


@strawberry.type
class Query:
    """Finding by sensitive values, which the database has no plain copy of."""

    customer_by_national_id: Customer | None = _exact(
        _customer, "national_id", "The national identification number", "The customer with a national id."
    )
    bank_accounts_by_iban: list[BankAccount] | None = _exact(
        _bank_accounts, "iban", "The account's IBAN", "The bank accounts of customers with an IBAN."
    )


@strawberry.type
class Mutation:
    """Sensitive values."""

    @mutation(
        SIGNED_IN,
        {
            "id": "The id of the object.",
            "field": "The field that shows the value masked, such as `nationalId`.",
            "purpose": "What the value is needed for, in ten to a thousand characters.",
        },
    )
    async def reveal(self, info: Info, id: strawberry.ID, field: str, purpose: str) -> RevealPayload:
        """A sensitive value in full: the `field` of the object with this id that is shown masked.

        Needs `customers:reveal`, for medical notes `medical:reveal`. The purpose has at least ten characters and is
        kept in the audit log.
        """
        context = context_of(info)
        schema, actor = info.schema._schema, context.actor
        type_name, edge, row_id = node_target(id)
        row_type = schema.type_map[type_name]
        assert isinstance(row_type, GraphQLObjectType)
        require_type(row_type, actor)
        sealed = sealed_in(schema, type_name, field)
        if not actor.may(sealed.permission):
            raise Refused(actor, frozenset({sealed.permission}), sealed.shown_as)
        reason = revealing.checked_purpose(purpose)
        # By the actor's own connection, so that nothing is revealed of a row that is not the actor's to see. With
        # loaders of its own: that a row was looked up is no opened profile.
        table = entity_by_id(id).table
        owner = "id" if table.name == "customers" else "customer_id"
        request = Request((owner,), visible(row_type, actor))
        row = await Loaders(context.snapshot).rows(rows(edge, request)).load(row_id)
        if row is None:
            raise NothingSealed
        services = context.services
        value = await revealing.reveal(
            services.pool,
            await services.keys.keyring(),
            actor,
            table=table.name,
            row_id=UUID(row_id),
            field=sealed.name,
            customer_id=row[owner],
            shown_as=sealed.shown_as,
            purpose=reason,
        )
        return RevealPayload(value=value)
