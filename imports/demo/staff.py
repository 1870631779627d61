"""The fixed staff: teams, agents, and the partners that sell for the insurer."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

import psycopg

from imports.demo.catalogue import FOUNDED, fixed_id, insert_missing
from imports.demo.dice import Dice
from imports.demo.moments import Day, to_date, to_day
from imports.demo.names import mailbox, names_of
from models.staff import TeamKind

# Code, name, task, job titles of its agents, number of agents.
_TEAMS = (
    ("service-north", "Customer Service North", TeamKind.SERVICE, ("Service agent", "Senior service agent"), 8),
    ("service-south", "Customer Service South", TeamKind.SERVICE, ("Service agent", "Senior service agent"), 8),
    ("sales", "Sales and Advice", TeamKind.SALES, ("Insurance adviser", "Key account manager"), 9),
    ("claims", "Claims Centre", TeamKind.CLAIMS, ("Claims handler", "Claims adjuster"), 8),
    ("underwriting", "Underwriting", TeamKind.UNDERWRITING, ("Underwriter", "Senior underwriter"), 4),
    ("complaints", "Complaints Office", TeamKind.COMPLAINTS, ("Complaint manager",), 3),
)
_PARTNERS = (
    ("Hansekontor Makler GmbH", "BROKER", "ACTIVE", "DE", 2009),
    ("Agentur Sonnleitner", "TIED_AGENCY", "ACTIVE", "DE", 2008),
    ("Tarifkompass Vergleichsportal", "AGGREGATOR", "ACTIVE", "DE", 2016),
    ("Alpenbank Vorsorge AG", "BANK", "ACTIVE", "AT", 2012),
    ("Seefeld & Partner Versicherungsbroker AG", "BROKER", "ACTIVE", "CH", 2010),
    ("Courtage Bellerive SARL", "BROKER", "ACTIVE", "FR", 2011),
    ("Autosalone Ferrante S.r.l.", "DEALER", "SUSPENDED", "IT", 2014),
    ("Banco del Sur Mediación", "BANK", "ENDED", "ES", 2013),
)
_LEFT_AT: Day = to_day(date(2021, 7, 1))
_LEAVERS = {"service-north": 1, "sales": 1, "claims": 1}
_LOCALES = ("de_DE", "de_AT", "fr_FR", "it_IT", "es_ES", "nl_NL", "en_GB")


@dataclass(frozen=True, slots=True)
class Agent:
    """Someone who serves customers, and the days between which they do."""

    id: str
    first_name: str
    last_name: str
    email: str
    title: str
    team: str
    status: str
    employment: str
    hired_on: Day
    left_on: Day | None
    number: str = ""

    def was_there(self, day: Day) -> bool:
        """Whether the agent was at work on the day."""
        return self.hired_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True, slots=True)
class Partner:
    """A business that sells, and the days between which it does."""

    id: str
    name: str
    kind: str
    status: str
    country: str
    since: Day
    until: Day | None


class Staff:
    """Who can be found for a task on a day. The first agent of a task has been there since the founding."""

    def __init__(self, agents: list[Agent], partners: list[Partner]) -> None:
        kinds = {code: kind for code, _, kind, _, _ in _TEAMS}
        self.agents: dict[TeamKind, tuple[Agent, ...]] = {
            kind: tuple(agent for agent in agents if kinds[agent.team] is kind) for kind in TeamKind
        }
        self.partners: dict[str, tuple[Partner, ...]] = {
            country: tuple(p for p in partners if p.country == country) for country in {p.country for p in partners}
        }

    def agent(self, dice: Dice, kind: TeamKind, day: Day) -> Agent:
        """An agent with the task who was at work on the day."""
        candidates = self.agents[kind]
        for _ in range(4):
            agent = dice.pick(candidates)
            if agent.was_there(day):
                return agent
        return candidates[0]

    def partner(self, dice: Dice, country: str, day: Day) -> Partner | None:
        """A partner who sold in the country on the day, if there is one."""
        candidates = self.partners.get(country)
        if not candidates:
            return None
        partner = dice.pick(candidates)
        return partner if partner.since <= day and (partner.until is None or day < partner.until) else None


@lru_cache
def _agents() -> tuple[Agent, ...]:
    dice = Dice("the staff is the same in every world")
    agents: list[Agent] = []
    for team, _, _, titles, size in _TEAMS:
        for place in range(size):
            names = names_of(dice.pick(_LOCALES))
            first, last = dice.pick(names.female if dice.chance(0.5) else names.male), dice.pick(names.last)
            # The first of a team never leaves; a leaver is among the next.
            left = 0 < place <= _LEAVERS.get(team, 0)
            hired = FOUNDED if place == 0 else FOUNDED + dice.between(0, 2_000 if left else 5_500)
            agents.append(
                Agent(
                    id=fixed_id(f"agent:{team}:{place}"),
                    first_name=first,
                    last_name=last,
                    email=f"{mailbox(first)}.{mailbox(last)}@insurer.example",
                    title=titles[0] if place % 3 else titles[-1],
                    team=team,
                    status="LEFT" if left else "ON_LEAVE" if (team, place) == ("service-south", 3) else "ACTIVE",
                    employment="CONTRACTOR" if place % 7 == 5 else "EMPLOYEE",
                    hired_on=hired,
                    left_on=_LEFT_AT if left else None,
                )
            )
    return tuple(agents)


def _partners() -> list[Partner]:
    return [
        Partner(
            id=fixed_id(f"partner:{name}"),
            name=name,
            kind=kind,
            status=status,
            country=country,
            since=to_day(date(year, 3, 1)),
            until=None if status == "ACTIVE" else to_day(date(2024, 4, 1)),
        )
        for name, kind, status, country, year in _PARTNERS
    ]


def _start_of(day: Day) -> datetime:
    return datetime.combine(to_date(day), time(8), UTC)


def ensure(connection: psycopg.Connection[Any]) -> Staff:
    """Write the teams, agents and partners that are not there yet, and say who there is."""
    insert_missing(
        connection,
        "teams",
        ({"id": fixed_id(f"team:{code}"), "code": code, "name": name, "kind": kind.value}
         for code, name, kind, _, _ in _TEAMS),
    )  # fmt: skip
    insert_missing(
        connection,
        "agents",
        (
            {
                "id": agent.id,
                "created_at": _start_of(agent.hired_on),
                "updated_at": _start_of(agent.left_on or agent.hired_on),
                "first_name": agent.first_name,
                "last_name": agent.last_name,
                "email": agent.email,
                "job_title": agent.title,
                "team_id": fixed_id(f"team:{agent.team}"),
                "status": agent.status,
                "employment": agent.employment,
                "hired_on": to_date(agent.hired_on),
            }
            for agent in _agents()
        ),
    )
    partners = _partners()
    insert_missing(
        connection,
        "partners",
        (
            {
                "id": partner.id,
                "created_at": _start_of(partner.since),
                "updated_at": _start_of(partner.until or partner.since),
                "name": partner.name,
                "kind": partner.kind,
                "status": partner.status,
                "country": partner.country,
                "since": to_date(partner.since),
            }
            for partner in partners
        ),
    )
    numbers = {row[0].hex: row[1] for row in connection.execute("select id, number from agents").fetchall()}
    return Staff([replace(agent, number=numbers[agent.id]) for agent in _agents()], partners)
