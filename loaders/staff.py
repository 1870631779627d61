"""Edges to agents, teams and partners."""

from loaders.base import one, page
from models.staff import Agent, Partner, Team

agent_by_id = one(Agent)
agent_by_number = one(Agent, "number")
all_agents = page(Agent, order="last_name")
agents_of_team = page(Agent, "team_id", order="last_name")

team_by_id = one(Team)
all_teams = page(Team, order="name")

partner_by_id = one(Partner)
partner_by_number = one(Partner, "number")
all_partners = page(Partner, order="name")
