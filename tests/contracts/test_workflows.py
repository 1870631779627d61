"""Workflows: the page of them is current, and there is a mutation for every way, with the permission of the way."""

import re
from typing import Any

import pytest

from auth.permissions import PERMISSIONS
from commands.workflow_reference import FILE, OTHER_NAMES, mutation_of, text
from core.workflow import Transition, Workflow
from execution.permissions import needs_of
from models.workflows import WORKFLOWS
from resolvers.root import schema

_WAYS = [(workflow, transition) for workflow in WORKFLOWS for transition in workflow.transitions]


def _named(way: object) -> str | None:
    return way.name if isinstance(way, Workflow | Transition) else None


def test_the_committed_page_is_current() -> None:
    assert FILE.read_text("utf-8") == text(), "run: c360 workflows"


def test_every_workflow_and_state_is_there() -> None:
    made = text()
    for workflow in WORKFLOWS:
        section = re.search(rf"^## {workflow.name.capitalize()}\n(.*?)(?=^## |\Z)", made, re.MULTILINE | re.DOTALL)
        assert section is not None
        for state in workflow.states:
            assert f"| `{state.value}` |" in section.group(1)
        for way in workflow.transitions:
            assert f"--> {way.target.value}: {way.name}\n" in section.group(1)


def test_no_two_workflows_share_a_name() -> None:
    assert len({workflow.name for workflow in WORKFLOWS}) == len(WORKFLOWS)
    assert OTHER_NAMES.keys() <= {(workflow.name, way.name) for workflow, way in _WAYS}


@pytest.mark.parametrize(("workflow", "way"), _WAYS, ids=_named)
def test_every_way_is_gone_by_a_mutation_with_its_permission(workflow: Workflow[Any], way: Transition[Any]) -> None:
    assert way.permission in PERMISSIONS
    mutation = mutation_of(workflow, way)
    assert mutation, f"no mutation goes the way {way.name} of a {workflow.name}; see commands/workflow_reference.py"
    root = schema._schema.mutation_type
    assert root is not None
    assert needs_of(root.fields[mutation]) == {way.permission}
