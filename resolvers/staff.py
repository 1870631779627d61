"""What one can ask of staff."""

import strawberry

import loaders
from resolvers.lookup import lookup
from schema.connections import Connection
from schema.fields import page
from schema.staff import Agent, Partner, Team


@strawberry.type
class Query:
    """Root fields of staff."""

    agent: Agent | None = lookup(
        loaders.staff.agent_by_id, loaders.staff.agent_by_number, "An agent, by id or agent number."
    )
    agents: Connection[Agent] | None = page(loaders.staff.all_agents, "Agents.", local=None)
    team: Team | None = lookup(loaders.staff.team_by_id, None, "A team, by id.")
    teams: Connection[Team] | None = page(loaders.staff.all_teams, "Teams.", local=None)
    partner: Partner | None = lookup(
        loaders.staff.partner_by_id, loaders.staff.partner_by_number, "A selling partner, by id or partner number."
    )
    partners: Connection[Partner] | None = page(loaders.staff.all_partners, "Selling partners.", local=None)
