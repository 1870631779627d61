"""Edges to interactions."""

from loaders.base import one, page
from models.interactions import Interaction

by_id = one(Interaction)
all_interactions = page(Interaction, order="-occurred_at")
of_customer = page(Interaction, "customer_id", order="-occurred_at")
of_contract = page(Interaction, "contract_id", order="-occurred_at")
of_claim = page(Interaction, "claim_id", order="-occurred_at")
of_agent = page(Interaction, "agent_id", order="-occurred_at")
