"""The page of the workflows (docs/workflows.md), drawn from models/workflows.py: nothing in it is written twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.workflow import Transition, Workflow
from models.workflows import WORKFLOWS
from resolvers.root import schema

FILE = Path(__file__).parent.parent / "docs" / "workflows.md"

# Ways that are gone by a mutation of another name than the rule says, since it does more than that.
OTHER_NAMES = {
    ("order", "issue"): "issueContract",
    # How much is left of the receipt decides which of two ways it goes.
    ("receipt", "match"): "matchPayment",
    ("receipt", "matchPart"): "matchPayment",
    ("receipt", "unmatch"): "unmatchPayment",
    ("receipt", "unmatchPart"): "unmatchPayment",
}

_INTRODUCTION = """# Workflows

Made by `c360 workflows` from the tables in `models/`. Do not edit it; `c360 workflows --check` tells whether it is
current.

Each workflow is a table beside the states it leads through. A mutation goes a way only from one of its states, and
only for somebody with its permission; a guard has to hold besides. Otherwise it is refused with a code, and nothing is
changed. `availableTransitions` of an object lists the ways that are open to whoever asks, and the query `workflows`
gives the tables to programs.
"""


def mutation_of(workflow: Workflow[Any], transition: Transition[Any]) -> str | None:
    """The mutation that goes a way: it is called as the way, with words of the object's name in it or without.

    `requireDocuments` of an order is gone by `requireOrderDocuments`. None if there is no such mutation.
    """
    names = mutations()
    other = OTHER_NAMES.get((workflow.name, transition.name))
    if other is not None:
        return other if other in names else None
    words = [word.capitalize() for word in workflow.name.replace("-", " ").split()]
    nouns = ["".join(words[start:end]) for start in range(len(words)) for end in range(len(words), start, -1)]
    for noun in ("", *sorted(nouns, key=len, reverse=True)):
        for name in names:
            if (name.replace(noun, "", 1) if noun else name) == transition.name:
                return name
    return None


def mutations() -> list[str]:
    """The names of all mutations."""
    root = schema._schema.mutation_type
    assert root is not None
    return list(root.fields)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _grid(heading: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> list[str]:
    lines = [heading, tuple("---" for _ in heading), *rows]
    return [*(f"| {' | '.join(cells)} |" for cells in lines), ""]


def _section(workflow: Workflow[Any]) -> list[str]:
    states = ((f"`{state.value}`", _cell(state.description)) for state in workflow.states)
    return [
        f"## {workflow.name.capitalize()}",
        "",
        "```mermaid",
        workflow.diagram(),
        "```",
        "",
        *_grid(("state", "meaning"), states),
        *_grid(("way", "meaning", "guard", "permission", "mutation"), map(_row, _ways(workflow))),
    ]


def _ways(workflow: Workflow[Any]) -> Iterator[tuple[Workflow[Any], Transition[Any]]]:
    return ((workflow, transition) for transition in workflow.transitions)


def _row(way: tuple[Workflow[Any], Transition[Any]]) -> tuple[str, ...]:
    _, transition = way
    mutation = mutation_of(*way)
    return (
        f"`{transition.name}`",
        _cell(transition.description),
        _cell(transition.guard),
        f"`{transition.permission}`",
        f"`{mutation}`" if mutation else "",
    )


def text() -> str:
    """The whole page as Markdown, ending with a newline."""
    contents = [f"- [{one.name.capitalize()}](#{one.name.replace(' ', '-')})" for one in WORKFLOWS]
    lines = [_INTRODUCTION, *contents, "", *(line for workflow in WORKFLOWS for line in _section(workflow))]
    return "\n".join(lines).rstrip("\n") + "\n"
