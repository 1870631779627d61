"""Edges to follow-up tasks."""

from loaders.base import one, page
from models.follow_ups import FollowUp, FollowUpStatus

_OPEN = f"t.status = '{FollowUpStatus.OPEN.value}'"

by_id = one(FollowUp)
all_follow_ups = page(FollowUp, order="due_at")
of_customer = page(FollowUp, "customer_id", order="due_at")
of_interaction = page(FollowUp, "interaction_id", order="due_at")
completed_in = page(FollowUp, "completing_interaction_id", order="due_at")
of_assignee = page(FollowUp, "assignee_id", order="due_at")
open_of_assignee = page(FollowUp, order="due_at", match=f"t.assignee_id = k.key and {_OPEN}")
of_requester = page(FollowUp, "requester_id", order="due_at")
