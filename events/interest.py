"""Which events a subscriber wants: told before anything of an event is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from events.cursor import Position

Wanted = frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the feed hands it on: what tells who wants it. Ids are UUID texts.

    `former` are the ids of customers that were merged into the event's: who follows one of them follows the survivor.
    `partners` are those who had its subject in their book when the feed was read.
    """

    number: int
    event_id: str
    type: str
    category: str
    customer_id: str | None
    subject_kind: str
    subject_id: str
    former: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()

    @classmethod
    def of(cls, row: Sequence[Any]) -> "Entry":
        """The entry of a row, whose last two values are lists, or None, of former customers and of partners."""
        number, event_id, kind, category, customer_id, subject_kind, subject_id, former, partners = row
        return cls(
            number,
            event_id,
            kind,
            category,
            customer_id,
            subject_kind,
            subject_id,
            frozenset(former or ()),
            frozenset(partners or ()),
        )

    @property
    def position(self) -> Position:
        """Its place in the feed."""
        return Position.of(self.number, self.event_id)


@dataclass(frozen=True, slots=True)
class Interest:
    """What a subscriber wants; None is everything. All of it has to hold. Subscribers of equal interest are asked once.

    It narrows what is looked at, and never decides what somebody may see: that does the database, event by event.
    """

    types: Wanted = None
    categories: Wanted = None
    kinds: Wanted = None
    customers: Wanted = None
    subjects: Wanted = None
    partner: str | None = None

    def wants(self, entry: Entry) -> bool:
        """Whether an event may be for the subscriber."""
        return (
            (self.partner is None or self.partner in entry.partners)
            and (self.kinds is None or entry.subject_kind in self.kinds)
            and (self.types is None or entry.type in self.types)
            and (self.categories is None or entry.category in self.categories)
            and (self.customers is None or entry.customer_id in self.customers or bool(entry.former & self.customers))
            and (self.subjects is None or entry.subject_id in self.subjects)
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one item of a subscription is made of: an event, or none in a heartbeat, which only moves the cursor on.

    Of a heartbeat it is also the row, in which every column is null.
    """

    position: Position
    event_id: str | None

    def __getitem__(self, column: str) -> None:
        return None
