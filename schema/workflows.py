"""Workflows as the graph shows them: the ways an object may go from where it stands, for whoever asks."""

from typing import Any

import strawberry
from strawberry.types.info import Info

from auth.actor import Actor
from core.workflow import Workflow
from execution.fields import StateField
from execution.permissions import SIGNED_IN
from models.workflows import WORKFLOWS


class TransitionsField(StateField):
    """The names of the transitions that the actor may let a row go."""

    def __init__(self, workflow: Workflow[Any], column: str) -> None:
        super().__init__(
            description="What you may do next, by the workflow: names of transitions, as `workflows` describes them."
        )
        self.workflow = workflow
        self.columns = (column,)

    def reader(self, actor: Actor) -> Any:
        """The list for each state, made once."""
        (column,) = self.columns
        lists = {
            str.__str__(state): [way.name for way in self.workflow.available(state, actor.permissions)]
            for state in self.workflow.states
        }
        return lambda row: lists[row[column]]

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """The same."""
        assert info is not None
        return self.reader(info.context.actor)(source)


def transitions(workflow: Workflow[Any], column: str = "status") -> Any:
    """The field with the transitions that are open to a row, by its state in `column`."""
    return TransitionsField(workflow, column)


@strawberry.type(description="A way from some states to one.")
class WorkflowTransition:
    """A row of a workflow's table."""

    __permission__ = SIGNED_IN

    name: str = strawberry.field(description="Its name, as in `availableTransitions`.")
    description: str = strawberry.field(description="What it means.")
    sources: list[str] = strawberry.field(description="The states it leads away from.")
    target: str = strawberry.field(description="The state it leads to.")
    permission: str = strawberry.field(description="The permission it needs.")
    guard: str | None = strawberry.field(description="What must hold besides, in words.")


@strawberry.type(name="Workflow", description="The states and transitions of one kind of object.")
class WorkflowTable:
    """A workflow's table."""

    __permission__ = SIGNED_IN

    name: str = strawberry.field(description="What it is the workflow of.")
    initial: list[str] = strawberry.field(description="The states it begins with.")
    final: list[str] = strawberry.field(description="The states nothing leads away from.")
    transitions: list[WorkflowTransition] = strawberry.field(description="All transitions.")


def workflow_tables() -> list[WorkflowTable]:
    """All workflows there are."""
    return [
        WorkflowTable(
            name=workflow.name,
            initial=[state.value for state in workflow.initial],
            final=[state.value for state in workflow.final()],
            transitions=[
                WorkflowTransition(
                    name=way.name,
                    description=way.description,
                    sources=[source.value for source in way.sources],
                    target=way.target.value,
                    permission=way.permission,
                    guard=way.guard or None,
                )
                for way in workflow.transitions
            ],
        )
        for workflow in WORKFLOWS
    ]
