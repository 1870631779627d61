"""What can be seen: one module per area, and the machinery that makes types of their declarations."""

from types import ModuleType

import strawberry

from models.base import Choice
from schema import (
    audit,
    billing,
    claims,
    complaints,
    connections,
    consents,
    contact_points,
    contract_payloads,
    contracts,
    customer_payloads,
    customers,
    duplicates,
    feed,
    follow_ups,
    history,
    households,
    interactions,
    merges,
    orders,
    payloads,
    products,
    receipts,
    sealed,
    search,
    staff,
    webhooks,
)

AREAS: tuple[ModuleType, ...] = (
    customers,
    contact_points,
    consents,
    sealed,
    households,
    staff,
    products,
    contracts,
    billing,
    receipts,
    orders,
    claims,
    interactions,
    complaints,
    follow_ups,
    merges,
    duplicates,
    history,
    feed,
    webhooks,
    audit,
    search,
    connections,
    payloads,
    customer_payloads,
    contract_payloads,
)


def _link() -> None:
    """Let every area see the types of all others by name.

    The graph is walkable in every direction, so its modules would have to import one another in circles. They
    import for the type checker only; here, with all loaded, the names are put in place for Strawberry to resolve.
    """
    types = {
        name: value
        for module in AREAS
        for name, value in vars(module).items()
        if isinstance(value, type)
        and hasattr(value, "__strawberry_definition__")
        and value.__module__ == module.__name__
    }
    for module in AREAS:
        for name, value in types.items():
            vars(module).setdefault(name, value)


def _describe_enums() -> None:
    """Make GraphQL enumerations of all choices, with the descriptions of their values."""
    for choice in Choice.__subclasses__():
        # An enumeration may already have been met in an annotation; a second definition would clash with it.
        if not hasattr(choice, "__strawberry_definition__"):
            strawberry.enum(choice)
        definition = choice.__strawberry_definition__  # type: ignore[attr-defined]
        definition.description = (choice.__doc__ or "").strip()
        for value, member in zip(definition.values, choice, strict=True):
            value.description = member.description


_describe_enums()
_link()
