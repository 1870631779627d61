"""All services of a worker, asked as somebody who has signed in."""

from dataclasses import dataclass
from typing import Any

from graphql import OperationType

from auth.actor import Actor
from execution.context import OperationContext
from execution.operations import GraphQLRequest, Outcome, Runner
from execution.services import Services
from execution.subscriptions import Subscriptions
from models.roles import Role

_BOTH = (OperationType.QUERY, OperationType.MUTATION)


@dataclass(frozen=True)
class Worker:
    """A worker over a database; `actors` are its demo users."""

    runner: Runner
    services: Services
    url: str
    actors: dict[Role, Actor]

    async def ask(self, actor: Actor, query: str, /, **variables: Any) -> tuple[Any, Any, int, int]:
        """Data, errors, statements and round trips."""
        async with OperationContext(self.services.reader(actor), actor, self.services, "tests") as context:
            outcome = await self.runner.run(GraphQLRequest(query, variables), context, _BOTH)
            return outcome.data, outcome.errors, context.statements, context.round_trips

    async def follow(self, actor: Actor, query: str) -> list[Any] | None:
        """Begin a subscription and end it; why it may not begin, None if it may."""

        def context() -> OperationContext:
            return OperationContext(self.services.reader(actor), actor, self.services, "tests")

        begun = await Subscriptions(self.runner).subscribe(GraphQLRequest(query, {}), context)
        if isinstance(begun, Outcome):
            return begun.errors
        await begun.aclose()
        return None
