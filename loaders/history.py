"""Edges to the event history, and to the feed: the same events in the order in which they were recorded."""

from core.snapshot import Snapshot
from loaders.base import one, page, query
from models.history import Event

by_id = one(Event)
timeline_of = page(Event, "customer_id", order="-occurred_at")
of_subject = page(Event, "subject_id", order="-occurred_at")
effects_of = page(Event, "cause_id", order="occurred_at")

# An event's place in the feed, for those who may see the event. The customer is read off the place: its index has them
# in order (customer_id, number).
FEED = query(
    "feed",
    "select f.number, f.event_id, f.event_id as id, f.customer_id, e.subject_kind, e.subject_id"
    " from event_feed f join events e on e.id = f.event_id",
    {
        "number": "bigint",
        "event_id": "uuid",
        "id": "uuid",
        "customer_id": "uuid",
        "subject_kind": "text",
        "subject_id": "uuid",
    },
)
in_feed = one(FEED, "event_id")
feed_of = page(FEED, "customer_id", order="number")


async def newest_in_feed(snapshot: Snapshot) -> tuple[int, str] | None:
    """Number and event id of the newest place in the feed, whoever may see its event; none if nothing happened yet.

    Raises psycopg.Error.
    """
    rows = await snapshot.fetch(b"select number, event_id::text from c360_feed_head()", [])
    return (rows[0][0], rows[0][1]) if rows else None
