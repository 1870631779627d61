"""Asking the graph with all the services of a worker, as different actors."""

from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from graphql import OperationType

from auth.actor import Actor, user
from execution.context import OperationContext
from execution.operations import GraphQLRequest, Runner
from execution.services import Services
from models.roles import Role
from tests.graph import Answer
from transport.extensions import encode

_BOTH = (OperationType.QUERY, OperationType.MUTATION)


def actor(role: Role, number: int = 1) -> Actor:
    """Somebody in a role, signed in."""
    return user(f"0192f0c1-7c3e-7b11-a0b1-{number:012}", frozenset({role}))


AGENT = actor(Role.AGENT)
UNDERWRITER = actor(Role.UNDERWRITER, 2)
ADMINISTRATOR = actor(Role.ADMINISTRATOR, 3)


@dataclass(frozen=True)
class Desk:
    """A worker over a database: `url` is the database's."""

    runner: Runner
    services: Services
    url: str

    async def ask(self, who: Actor, query: str, /, operation_name: str | None = None, **variables: Any) -> Answer:
        """Run an operation."""
        async with OperationContext(self.services.reader(who), who, self.services, "tests") as context:
            request = GraphQLRequest(query, variables, operation_name)
            outcome = await self.runner.run(request, context, _BOTH)
            return Answer(outcome, context.snapshot.statements, context.snapshot.round_trips)

    async def done(self, who: Actor, query: str, /, **variables: Any) -> dict[str, Any]:
        """The payload of a mutation, which is the only field of the operation."""
        answer = await self.ask(who, query, **variables)
        assert not answer.outcome.errors, answer.outcome.errors
        assert answer.outcome.data
        (payload,) = answer.outcome.data.values()
        shown: dict[str, Any] = orjson.loads(encode(payload))
        return shown

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode(), values).fetchall()

    async def log(self, kind: str) -> list[dict[str, Any]]:
        """The entries of a kind in the audit log, in order, those included that were only just recorded."""
        await self.services.audit.flush()
        query = "select to_jsonb(e) from audit_entries e where kind = %s order by position"
        return [row[0] for row in self.rows(query, kind)]
