"""The same question in two worlds: what an actor may not see must not show in any answer.

In one world the database holds everything and the actor reads by its database role. In the other it holds nothing but
what the actor may see, and is read by the owner of the tables, without any scope. Data, errors, statements and round
trips have to be the same: then nothing hidden can be read, counted, filtered or sorted by, nor guessed from errors or
from what a question costs.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from auth.actor import Actor
from benchmarks.content import differences
from tests.graph import Answer, Graph
from tests.scope.expected import World

_SERVICE_FAULTS = {"INTERNAL", "SERVICE_UNAVAILABLE", "TIMEOUT"}


@dataclass(frozen=True)
class TwoWorlds:
    """An actor's graph over all rows, and over its own alone."""

    scoped: Graph
    alone: Graph
    world: World

    @staticmethod
    def unscoped(actor: Actor) -> Actor:
        """The actor with the same permissions and without a book."""
        return replace(actor, partner_id=None)

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.scoped.actor

    async def same(self, query: str, /, faults: bool = False, **variables: Any) -> Answer:
        """The answer, after making sure that it is the same in both worlds.

        Nothing goes wrong in the service on the way, unless `faults` are expected.
        """
        answer = await self.scoped.ask(query, **variables)
        other = await self.alone.ask(query, **variables)
        if _shown(answer) != _shown(other):
            found = list(differences(_shown(answer), _shown(other)))
            raise AssertionError(f"the answers differ in {found[:5]}\n{query}")
        if not faults:
            assert not _SERVICE_FAULTS & set(answer.codes), (query, answer.outcome.errors)
        return answer


def _shown(answer: Answer) -> dict[str, Any]:
    outcome = answer.outcome
    return {
        "data": outcome.data,
        "errors": re.sub(r"'errorId': '\w+'", "", repr(outcome.errors)),
        "interpreted": repr(outcome.interpreted),
        "statements": answer.statements,
        "round trips": answer.round_trips,
    }
