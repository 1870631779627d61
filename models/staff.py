"""Those who serve and sell: agents, their teams, and the partners that sell for the insurer."""

from enum import auto

from models.base import (
    UUID,
    Choice,
    Identified,
    Versioned,
    business_number,
    choice,
    date,
    day,
    index,
    ref,
    text,
)


class TeamKind(Choice):
    """What a team does."""

    SERVICE = auto(), "Customer service."
    SALES = auto(), "Sales and advice."
    CLAIMS = auto(), "Claims handling."
    UNDERWRITING = auto(), "Risk assessment and underwriting."
    COMPLAINTS = auto(), "Complaint handling."


class AgentStatus(Choice):
    """Whether an agent is at work."""

    ACTIVE = auto(), "At work."
    ON_LEAVE = auto(), "Away for a longer time."
    LEFT = auto(), "No longer with the insurer."


class EmploymentKind(Choice):
    """How an agent is engaged."""

    EMPLOYEE = auto(), "Employee of the insurer."
    CONTRACTOR = auto(), "External contractor."


class PartnerKind(Choice):
    """What kind of business a selling partner is."""

    BROKER = auto(), "Independent broker."
    TIED_AGENCY = auto(), "Agency that sells for this insurer only."
    BANK = auto(), "Bank that sells at its counters (bancassurance)."
    AGGREGATOR = auto(), "Comparison portal."
    DEALER = auto(), "Dealer that sells cover with its goods, such as a car dealer."


class PartnerStatus(Choice):
    """Whether a partner may sell."""

    ACTIVE = auto(), "Sells."
    SUSPENDED = auto(), "May not sell for now."
    ENDED = auto(), "The agreement has ended."


class Team(Identified, table=True):
    """A group of agents with one task."""

    __tablename__ = "teams"
    __table_args__ = (index("name", "id"),)

    code: str = text("Short code of the team.", unique=True)
    name: str = text("Name of the team.")
    kind: TeamKind = choice(TeamKind, "What the team does.")


class Agent(Versioned, table=True):
    """An employee or contractor who serves customers, handles claims or underwrites."""

    __tablename__ = "agents"
    __table_args__ = (index("last_name", "id"), index("team_id", "last_name", "id"), index("hired_on", "id"))

    number: str = business_number("A", "agents", "Agent number, such as A-0000042.")
    first_name: str = text("Given names.")
    last_name: str = text("Family name.")
    email: str = text("E-mail address at work.", unique=True)
    job_title: str = text("Job title, such as Claims adjuster.")
    team_id: UUID = ref("teams.id", "The team the agent belongs to.")
    status: AgentStatus = choice(AgentStatus, "Whether the agent is at work.", index=True)
    employment: EmploymentKind = choice(EmploymentKind, "How the agent is engaged.")
    hired_on: date = day("First day.")


class Partner(Versioned, table=True):
    """An organisation that sells the insurer's contracts and serves its own book of customers."""

    __tablename__ = "partners"
    __table_args__ = (index("name", "id"),)

    number: str = business_number("P", "partners", "Partner number, such as P-0000007.")
    name: str = text("Name of the partner.")
    kind: PartnerKind = choice(PartnerKind, "What kind of business it is.")
    status: PartnerStatus = choice(PartnerStatus, "Whether the partner may sell.", index=True)
    country: str = text("Country of its seat (ISO 3166-1 alpha-2).", max_length=2)
    since: date = day("First day of the agreement.")
