"""What a document is, and what it may cost at most: its budget, as publishing freezes it."""

import hashlib
from dataclasses import dataclass

from graphql import GraphQLSchema, OperationDefinitionNode

from auth.actor import SYSTEM
from core.database import make_pool
from execution.context import OperationContext
from execution.cost import Cost, most, without_variables
from execution.documents import Documents
from execution.driver import Driver
from models.trusted_documents import OperationKind

# Pages within pages within pages multiply; beyond this it makes no difference any more, and a column ends somewhere.
_CEILING = 10**12


class Unfit(Exception):
    """A document that cannot be published, or no longer be run; each of `reasons` is a line."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that an operation may send, fetch and cost, whatever its variables are and whoever asks."""

    statements: int
    rows: int
    points: int

    def covers(self, cost: "Cost | Budget") -> bool:
        """Whether something costs no more than this."""
        return cost.statements <= self.statements and cost.rows <= self.rows and cost.points <= self.points

    def __str__(self) -> str:
        return f"{self.statements:,} statements, {self.rows:,} rows, {self.points:,} points"


@dataclass(frozen=True, slots=True)
class Examined:
    """A document that fits the schema."""

    sha256: str
    body: str
    name: str | None
    kind: OperationKind
    budget: Budget


def sha256(body: str) -> str:
    """The hash by which a text is known."""
    return hashlib.sha256(body.encode()).hexdigest()


def examined(schema: GraphQLSchema, body: str) -> Examined:
    """The document with its hash and budget under this schema.

    Raises Unfit when it does not fit the schema or the limits, or holds other than one operation.
    """
    document = Documents(schema).get(body)
    if document.ast is None:
        raise Unfit(*(error.message for error in document.errors))
    operations = [node for node in document.ast.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) != 1:
        raise Unfit(f"a trusted document holds one operation, this one {len(operations)}")
    (operation,) = operations
    # A pool that is never opened: pricing reads nothing.
    context = OperationContext(make_pool("", 1), SYSTEM)
    driver = Driver.build(schema, without_variables(document.ast), context_value=context)
    assert isinstance(driver, Driver)
    cost = most(driver)
    budget = Budget(min(cost.statements, _CEILING), min(cost.rows, _CEILING), min(cost.points, _CEILING))
    name = operation.name.value if operation.name else None
    return Examined(sha256(body), body, name, OperationKind[operation.operation.name], budget)
