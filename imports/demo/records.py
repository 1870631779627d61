"""Orders, contracts and claims as those need them whose history goes on from there."""

from dataclasses import dataclass, field

from imports.demo.moments import Day, Moment
from imports.demo.pricing import Terms
from imports.demo.staff import Agent, Partner
from imports.demo.terms import Span
from imports.demo.world import Customer
from models.claims import ClaimCause, ClaimStatus
from models.contracts import ContractStatus
from models.history import SubjectKind
from models.orders import OrderStatus


@dataclass(slots=True)
class Order:
    """An order."""

    id: str
    number: str
    terms: Terms
    status: OrderStatus
    ended_at: Moment
    agent: Agent | None
    partner: Partner | None
    event: str  # the last one
    operation: str  # shared by all events of the order


@dataclass(slots=True)
class Claim:
    """A claim."""

    id: str
    number: str
    status: ClaimStatus
    cause: ClaimCause
    incident: Day
    reported_at: Moment
    last_at: Moment  # when the last thing happened to it
    handler: Agent
    amount: int
    event: str = ""
    operation: str = ""


@dataclass(slots=True)
class Contract:
    """A contract."""

    id: str
    number: str
    holder: Customer
    terms: Terms
    status: ContractStatus
    span: Span
    issued_at: Moment
    event: str  # the issue, or the last thing that happened to it
    operation: str
    agent: Agent | None
    partner: Partner | None
    claims: list[Claim] = field(default_factory=list)
    updated_at: Moment = 0
    changes: int = 0

    @property
    def subject(self) -> tuple[SubjectKind, str]:
        """The contract as what an event is about."""
        return SubjectKind.CONTRACT, self.id

    def touch(self, moment: Moment) -> None:
        """Note that the contract changed."""
        self.changes += 1
        self.updated_at = max(self.updated_at, moment)


@dataclass(slots=True)
class Portfolio:
    """What a customer has, had and asked for."""

    contracts: list[Contract] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
