"""Asking the graph in tests, without HTTP."""

from dataclasses import dataclass
from typing import Any

import orjson
from graphql import OperationType

from auth.actor import SYSTEM, Actor
from core.snapshot import Pool
from execution.context import OperationContext
from execution.operations import GraphQLRequest, Outcome, Runner
from transport.extensions import encode


@dataclass(frozen=True)
class Answer:
    """An outcome with what it cost: statements and round trips, the closing commit not counted."""

    outcome: Outcome
    statements: int
    round_trips: int

    @property
    def data(self) -> Any:
        """The data of an outcome without errors."""
        assert not self.outcome.errors, self.outcome.errors
        return orjson.loads(encode(self.outcome.data))

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.outcome.errors]


@dataclass(frozen=True)
class Graph:
    """A schema over a database."""

    runner: Runner
    pool: Pool
    actor: Actor = SYSTEM

    async def ask(self, query: str, /, **variables: Any) -> Answer:
        """Run a query."""
        async with OperationContext(self.pool, self.actor) as context:
            request = GraphQLRequest(query, variables)
            outcome = await self.runner.run(request, context, (OperationType.QUERY,))
            return Answer(outcome, context.snapshot.statements, context.snapshot.round_trips)
