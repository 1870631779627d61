"""Agents, teams and partners as the graph shows them."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import loaders
from models import staff as models
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import column, one, page
from schema.scalars import CountryCode, Email

if TYPE_CHECKING:
    from schema.claims import Claim
    from schema.complaints import Complaint
    from schema.consents import Consent
    from schema.contracts import Contract
    from schema.follow_ups import FollowUp
    from schema.interactions import Interaction
    from schema.orders import Order
    from schema.webhooks import WebhookEndpoint


@entity(models.Team, "tea", loaders.staff.team_by_id, "staff:read", order_by=("name",))
class Team(Node):
    """A group of agents with one task."""

    code: str = column()
    name: str = column()
    kind: models.TeamKind = column()
    agents: Connection["Agent"] | None = page(loaders.staff.agents_of_team, "Agents of the team.")


@entity(
    models.Agent,
    "agt",
    loaders.staff.agent_by_id,
    "staff:read",
    where=("number", "last_name", "status", "team_id", "hired_on"),
    order_by=("last_name", "number", "hired_on"),
)
class Agent(Node):
    """An employee or contractor who serves customers, handles claims or underwrites."""

    number: str = column()
    first_name: str = column()
    last_name: str = column()
    email: Email = column()
    job_title: str = column()
    team: Team = one(loaders.staff.team_by_id, "team_id")
    status: models.AgentStatus = column()
    employment: models.EmploymentKind = column()
    hired_on: date = column()
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    contracts: Connection["Contract"] | None = page(loaders.contracts.of_agent, "Contracts the agent looks after.")
    orders: Connection["Order"] | None = page(loaders.orders.of_agent, "Orders the agent took.")
    claims: Connection["Claim"] | None = page(loaders.claims.of_agent, "Claims the agent handles.")
    interactions: Connection["Interaction"] | None = page(loaders.interactions.of_agent, "Contacts the agent had.")
    complaints: Connection["Complaint"] | None = page(loaders.complaints.of_agent, "Complaints the agent handles.")
    follow_ups: Connection["FollowUp"] | None = page(
        loaders.follow_ups.of_assignee, "Follow-up tasks of the agent, those that are done included."
    )
    open_follow_ups: Connection["FollowUp"] | None = page(
        loaders.follow_ups.open_of_assignee, "What the agent is to do: the work list, what is due first first."
    )
    requested_follow_ups: Connection["FollowUp"] | None = page(
        loaders.follow_ups.of_requester, "Follow-up tasks the agent asked for."
    )


@entity(
    models.Partner,
    "par",
    loaders.staff.partner_by_id,
    "staff:read",
    where=("number", "name", "status"),
    order_by=("name", "number"),
)
class Partner(Node):
    """An organisation that sells the insurer's contracts and serves its own book of customers."""

    number: str = column()
    name: str = column()
    kind: models.PartnerKind = column()
    status: models.PartnerStatus = column()
    country: CountryCode = column()
    since: date = column()
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    contracts: Connection["Contract"] | None = page(loaders.contracts.of_partner, "Contracts the partner sold.")
    orders: Connection["Order"] | None = page(loaders.orders.of_partner, "Orders the partner brought.")
    consents: Connection["Consent"] | None = page(
        loaders.consents.of_partner, "Consents to sharing that are about this partner alone."
    )
    webhooks: Connection["WebhookEndpoint"] | None = page(
        loaders.webhooks.of_partner, "Where the partner has events delivered."
    )
