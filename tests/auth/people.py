"""Clock, events and users for the tests of authentication."""

from datetime import datetime, timedelta
from typing import Any

import pyotp
from psycopg import AsyncConnection

from auth import users
from auth.access import Access
from auth.accounts import Account
from auth.actor import SYSTEM, Actor
from auth.passwords import Argon2Cost
from auth.security_events import SecurityEvent, SecurityEventKind
from auth.service import Authentication
from auth.sessions import SignedIn
from models.base import utc_now
from models.roles import Role

# The least argon2 takes; the real cost has tests of its own.
CHEAP = Argon2Cost(passes=1, memory_kib=64, lanes=1)

PASSWORD = "nine purple otters waltz"
PARTNER = "P-0000001"
ENDED_PARTNER = "P-0000002"


class Clock:
    """Tells the moment it was set to: at first two minutes ago, because tokens are checked by the real time.

    So it can be turned by two minutes before new tokens are refused as issued in the future.
    """

    def __init__(self) -> None:
        self.now = utc_now().replace(microsecond=0) - timedelta(minutes=2)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        """Move on by so many minutes, hours …"""
        self.now += timedelta(**by)


class Events(list[SecurityEvent]):
    """A sink that keeps the events, and checks that each came within a transaction."""

    async def __call__(self, connection: AsyncConnection[Any], event: SecurityEvent) -> None:
        assert connection.info.transaction_status.name == "INTRANS"
        self.append(event)

    @property
    def kinds(self) -> list[SecurityEventKind]:
        """What happened, in order."""
        return [event.kind for event in self]


async def make_user(access: Access, login: str = "anna", *roles: Role) -> Account:
    """A user with PASSWORD; an agent unless other roles are given, a partner's user of PARTNER."""
    chosen = roles or (Role.AGENT,)
    partner = PARTNER if Role.PARTNER in chosen else None
    made = await users.add(access, SYSTEM, login, chosen, password=PASSWORD, partner_number=partner)
    return made.user


async def actor_of(service: Authentication, signed_in: SignedIn) -> Actor:
    """The actor of a request with the access token."""
    return await service.authenticator.actor(f"Bearer {signed_in.access_token.text}")


def code_now(secret: str, clock: Clock) -> str:
    """What an authenticator app shows."""
    return pyotp.TOTP(secret).at(clock.now)


async def enrol(service: Authentication, login: str, clock: Clock) -> tuple[str, list[str]]:
    """Set up a second factor. Returns its secret and the recovery codes; the clock is a step further then."""
    actor = await actor_of(service, await service.sessions.login(login, PASSWORD))
    enrolment = await service.own_account.enrol_second_factor(actor)
    _, codes = await service.own_account.confirm_second_factor(actor, code_now(enrolment.secret, clock))
    clock.turn(seconds=30)
    return enrolment.secret, codes
