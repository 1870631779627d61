"""The types of events as the graph shows them, so that who follows the feed knows what payloads hold."""

import strawberry

from execution.permissions import SIGNED_IN
from models.event_facts import FACTS, FactKind
from models.event_types import EVENT_TYPES
from models.history import EventCategory


@strawberry.type(description="A fact in the payload of events.")
class Fact:
    """What stands under one key."""

    __permission__ = SIGNED_IN

    name: str = strawberry.field(description="Its key in the payload.")
    kind: FactKind = strawberry.field(
        description="How it is written: codes, days and moments (ISO 8601), and amounts (two decimals) as text, counts"
        " as numbers."
    )
    description: str = strawberry.field(description="What it means.")


@strawberry.type(description="A type of events the history knows.")
class KnownEvent:
    """A row of models/event_types.py."""

    __permission__ = SIGNED_IN

    name: str = strawberry.field(description="What happened, in the past tense.")
    category: EventCategory = strawberry.field(description="The class of its events.")
    description: str = strawberry.field(description="What it means.")
    external: bool = strawberry.field(description="Whether other systems record it, and not the service itself.")
    facts: list[Fact] = strawberry.field(description="What the payload may hold; what does not apply is left out.")


def event_types() -> list[KnownEvent]:
    """All types there are, in the order of the customer's life."""
    return [
        KnownEvent(
            name=event.name,
            category=event.category,
            description=event.description,
            external=event.external,
            facts=[
                Fact(name=fact.name, kind=fact.kind, description=fact.description)
                for fact in (FACTS[name] for name in event.facts)
            ],
        )
        for event in EVENT_TYPES.values()
    ]
