"""Every field declares what it needs; what it says exists; and what declares nothing does not build."""

import pytest
import strawberry
from graphql import GraphQLObjectType, is_introspection_type

from auth.permissions import PERMISSIONS, ROLES
from execution.permissions import SIGNED_IN, declare, needs_of, type_needs
from models.roles import Role
from resolvers.root import schema
from schema.fields import column

_TYPES = [
    kind
    for kind in schema._schema.type_map.values()
    if isinstance(kind, GraphQLObjectType) and not is_introspection_type(kind)
]


def test_every_need_is_a_permission_there_is() -> None:
    for kind in _TYPES:
        for name, field in kind.fields.items():
            assert needs_of(field) <= PERMISSIONS.keys() | {SIGNED_IN}, f"{kind.name}.{name}"


def test_every_root_field_needs_somebody_signed_in() -> None:
    root = schema._schema.query_type
    assert root
    assert not [name for name, field in root.fields.items() if not needs_of(field)]


def test_the_descriptions_say_what_is_needed() -> None:
    for kind in _TYPES:
        for need in type_needs(kind):
            assert f"`{need}`" in (kind.description or ""), kind.name
        for name, field in kind.fields.items():
            for need in needs_of(field) - type_needs(kind) - {SIGNED_IN}:
                assert f"`{need}`" in (field.description or ""), f"{kind.name}.{name}"


def test_every_role_has_permissions_that_there_are() -> None:
    assert set(ROLES) == set(Role)
    for role, permissions in ROLES.items():
        assert permissions <= PERMISSIONS.keys(), role
    assert ROLES[Role.ADMINISTRATOR] == PERMISSIONS.keys()
    assert ROLES[Role.AGENT] < ROLES[Role.SENIOR_AGENT] < ROLES[Role.MANAGER] < ROLES[Role.ADMINISTRATOR]


def test_a_field_that_declares_nothing_does_not_build() -> None:
    @strawberry.type(description="x")
    class Query:
        open: str | None = strawberry.field(resolver=lambda: "x", description="x")

    with pytest.raises(TypeError, match=r"Query\.open declares no permission"):
        declare(strawberry.Schema(Query)._schema)


def test_a_field_that_needs_more_than_its_object_has_to_be_nullable() -> None:
    @strawberry.type(description="x")
    class Row:
        __permission__ = "claims:read"
        income: str = column("income", permission="customers:read_income", description="x")

    @strawberry.type(description="x")
    class Query:
        __permission__ = "claims:read"
        row: Row | None = strawberry.field(resolver=lambda: None, description="x")

    with pytest.raises(TypeError, match=r"Row\.income needs `customers:read_income` and has to be nullable"):
        declare(strawberry.Schema(Query)._schema)
