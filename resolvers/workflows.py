"""Asking for the workflows."""

import strawberry

from execution.permissions import SIGNED_IN
from schema.workflows import WorkflowTable, workflow_tables


def _workflows() -> list[WorkflowTable]:
    return workflow_tables()


@strawberry.type
class Query:
    """Root field of the workflows."""

    workflows: list[WorkflowTable] | None = strawberry.field(
        resolver=_workflows, description="The workflows of all kinds of objects: what leads from where to where."
    )


Query.__strawberry_definition__.fields[0].permission = SIGNED_IN  # type: ignore[attr-defined]
