"""Edges to the event history."""

from loaders.base import one, page
from models.history import Event

by_id = one(Event)
timeline_of = page(Event, "customer_id", order="-occurred_at")
of_subject = page(Event, "subject_id", order="-occurred_at")
effects_of = page(Event, "cause_id", order="occurred_at")
