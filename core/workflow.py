"""Workflows: the states of an object and the ways between them, as a table that is read and never programmed around.

    CLAIM_WORKFLOW = Workflow(
        "claim", ClaimStatus, initial=(ClaimStatus.SUBMITTED,),
        transitions=(
            Transition("acknowledge", (ClaimStatus.SUBMITTED,), ClaimStatus.ACKNOWLEDGED, "claims:investigate",
                       "Confirm the receipt."),
            …
        ),
    )

The tables stand in `models/`, beside the status they are about. The write door walks them (changes/), the graph shows
them (`availableTransitions`), and docs/workflows.md is drawn from them.
"""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from core.errors import RequestError

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """A way from some states to one.

    `permission` is what one needs to go it; `guard` tells in words what must hold besides, which the command checks.
    """

    name: str
    sources: tuple[S, ...]
    target: S
    permission: str
    description: str
    guard: str = ""


class TransitionImpossible(RequestError):
    """The object is in a state from which this way does not lead."""

    def __init__(self, workflow: str, transition: str, state: str, possible: list[str]) -> None:
        ways = ", ".join(possible) or "nothing any more"
        super().__init__(
            "TRANSITION_IMPOSSIBLE",
            f"cannot {transition} a {workflow} that is {state}; possible from there: {ways}",
            argument="input",
            state=state,
        )


class Workflow(Generic[S]):
    """The states and transitions of one kind of object."""

    def __init__(
        self, name: str, states: type[S], *, initial: tuple[S, ...], transitions: tuple[Transition[S], ...]
    ) -> None:
        """Raises ValueError when two transitions share a name, or a state can never be reached."""
        self.name = name
        self.states = states
        self.initial = initial
        self.transitions = transitions
        self._by_name = {transition.name: transition for transition in transitions}
        if len(self._by_name) != len(transitions):
            raise ValueError(f"workflow {name}: two transitions share a name")
        lost = set(states) - self._reachable(*initial)
        if lost:
            raise ValueError(f"workflow {name}: never reached: {', '.join(sorted(lost))}")

    def transition(self, name: str) -> Transition[S]:
        """The transition of that name. Raises KeyError when there is none."""
        return self._by_name[name]

    def step(self, name: str, state: S) -> S:
        """The state that the transition leads to from `state`. Raises TransitionImpossible."""
        transition = self._by_name[name]
        if state not in transition.sources:
            raise TransitionImpossible(self.name, name, state.value, [way.name for way in self.ways(state)])
        return transition.target

    def ways(self, state: S) -> tuple[Transition[S], ...]:
        """All transitions that lead away from a state, in the order of the table."""
        return tuple(transition for transition in self.transitions if state in transition.sources)

    def available(self, state: S, permissions: Set[str]) -> tuple[Transition[S], ...]:
        """Those of them that somebody with these permissions may go."""
        return tuple(way for way in self.ways(state) if way.permission in permissions)

    def reaches(self, state: S, target: S) -> bool:
        """Whether the ways lead from a state to another, in however many steps; every state reaches itself."""
        return target in self._reachable(state)

    def final(self) -> tuple[S, ...]:
        """The states that nothing leads away from."""
        return tuple(state for state in self.states if not self.ways(state))

    def diagram(self) -> str:
        """The workflow as a state diagram in Mermaid's notation."""
        lines = ["stateDiagram-v2", *(f"    [*] --> {state.value}" for state in self.initial)]
        for transition in self.transitions:
            lines += [
                f"    {source.value} --> {transition.target.value}: {transition.name}" for source in transition.sources
            ]
        lines += [f"    {state.value} --> [*]" for state in self.final()]
        return "\n".join(lines)

    def _reachable(self, *begin: S) -> set[S]:
        found, fresh = set(begin), list(begin)
        while fresh:
            fresh = [way.target for state in fresh for way in self.ways(state) if way.target not in found]
            found.update(fresh)
        return found
