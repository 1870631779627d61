"""Walking a workflow's table at random through the real mutations: every way, from every state, as it comes.

    def test_the_claim_workflow_is_walked(walker: Walker) -> None:
        walker.walk(CLAIM_WORKFLOW, ClaimWalk)

A `Walk` tells how an object comes to be and which mutation goes which way. What the table promises is then held
against what the mutations do: the state afterwards, the refusal and that nothing changed, and `availableTransitions`.
"""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from auth.actor import Actor
from core.workflow import Workflow
from tests.access.desk import Desk

Run = Callable[[Coroutine[Any, Any, Any]], Any]


class Walk:
    """One object on its way; subclass it. `who` may go every way of the workflow."""

    who: ClassVar[Actor]
    # The query with one root field that shows `state` and `available` of the object `$id`.
    shown: ClassVar[str]
    # Ways that mutations of another area go, which walk them in their own tests.
    left_out: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.id = self.begin()

    def begin(self) -> str:
        """Make or find an object in an initial state; returns its public id."""
        raise NotImplementedError

    def mutation(self, transition: str) -> tuple[str, dict[str, Any]]:
        """The mutation, with `userErrors { code }`, that goes a way, and its variables."""
        raise NotImplementedError

    def refusal(self, transition: str) -> str | None:
        """The code with which a guard refuses the way as things are now; None if it holds."""
        return None

    def stays(self, transition: str) -> bool:
        """Whether the mutation does its part as things are now and leaves the state as it is, for others to go on."""
        return False

    def digest(self) -> Any:
        """What must be the same after a refusal."""
        raise NotImplementedError

    def happen(self, choice: int) -> None:
        """Let something happen to what the guards look at; by a number, so that a failure can be told again."""


class NamedWalk(Walk):
    """The mutation of a way is called by the way and the noun, but for those in `names`; `more` is what it takes
    besides.
    """

    noun: ClassVar[str]
    argument: ClassVar[str]
    names: ClassVar[dict[str, str]] = {}
    more: ClassVar[dict[str, dict[str, Any]]] = {}

    def mutation(self, transition: str) -> tuple[str, dict[str, Any]]:
        """By the name."""
        name = self.names.get(transition, f"{transition}{self.noun}")
        query = (
            f"mutation ($input: {name[0].upper()}{name[1:]}Input!)"
            f" {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
        )
        return query, {"input": {self.argument: self.id} | self.more.get(transition, {})}


class Walker:
    """Runs machines over a desk, on the event loop the desk lives in."""

    def __init__(self, desk: Desk, run: Run) -> None:
        self.desk = desk
        self.run = run

    def walk(self, workflow: Workflow[Any], kind: type[Walk], examples: int = 15, steps: int = 25) -> None:
        """Walk `examples` objects at most `steps` steps each; fails with the shortest walk that breaks a promise."""
        run_state_machine_as_test(
            _machine(workflow, kind, self),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
            ),
        )


def _machine(workflow: Workflow[Any], kind: type[Walk], walker: Walker) -> type[RuleBasedStateMachine]:
    names = [transition.name for transition in workflow.transitions if transition.name not in kind.left_out]

    class Machine(RuleBasedStateMachine):
        """The workflow's table beside the service."""

        def __init__(self) -> None:
            super().__init__()
            self.object = kind(walker.desk)
            self.state = workflow.states(self._shown()["state"])
            assert self.state in workflow.initial

        @rule(name=st.sampled_from(names))
        def go(self, name: str) -> None:
            """Go a way, possible or not."""
            way = workflow.transition(name)
            possible = self.state in way.sources
            expected = self.object.refusal(name) if possible else "TRANSITION_IMPOSSIBLE"
            stays = possible and self.object.stays(name)
            before = self.object.digest()
            query, variables = self.object.mutation(name)
            payload = walker.run(walker.desk.done(self.object.who, query, **variables))
            codes = [error["code"] for error in payload["userErrors"]]
            assert codes == ([expected] if expected else []), (name, self.state, codes)
            if expected:
                assert self.object.digest() == before, f"{name} was refused and changed something"
            elif not stays:
                self.state = way.target

        @rule(choice=st.integers(0, 3))
        def happen(self, choice: int) -> None:
            """Something happens to what the guards look at."""
            self.object.happen(choice)

        @invariant()
        def shows_what_the_table_says(self) -> None:
            """State and open ways, as the graph shows them."""
            shown = self._shown()
            assert shown["state"] == self.state
            ways = workflow.available(self.state, self.object.who.permissions)
            assert shown["available"] == [way.name for way in ways]

        def _shown(self) -> Any:
            answer = walker.run(walker.desk.ask(self.object.who, self.object.shown, id=self.object.id))
            assert not answer.outcome.errors, answer.outcome.errors
            (shown,) = answer.outcome.data.values()
            return shown

    return Machine
