"""Secrets written into the text of an operation: what is wrong with them is told without repeating them."""

from collections.abc import Iterable
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    Node,
    ObjectFieldNode,
    StringValueNode,
    Visitor,
    visit,
)

# Arguments and input fields whose values are secrets. Variables are never repeated (execution/variables.py).
SECRET = frozenset(
    {
        "password",
        "currentPassword",
        "newPassword",
        "token",
        "code",
        "secret",
        "refreshToken",
        "value",
        "nationalId",
        "iban",
    }
)


def without_secrets(document: DocumentNode, errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """The errors; those that repeat a secret in other words."""
    finder = _Finder()
    visit(document, finder)
    secrets = finder.secrets - {""}
    return [_masked(error) if any(text in error.message for text in secrets) else error for error in errors]


class _Finder(Visitor):
    """Finds all that is written below an argument or field that holds a secret."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: set[str] = set()
        self._inside = 0

    def enter(self, node: Node, *_: Any) -> None:
        if self._inside and isinstance(node, StringValueNode | IntValueNode | FloatValueNode | EnumValueNode):
            self.secrets.add(node.value)
        self._inside += _is_secret(node)

    def leave(self, node: Node, *_: Any) -> None:
        self._inside -= _is_secret(node)


def _is_secret(node: Node) -> bool:
    return isinstance(node, ArgumentNode | ObjectFieldNode) and node.name.value in SECRET


def _masked(error: GraphQLError) -> GraphQLError:
    return GraphQLError("this argument has a value of another type", error.nodes, extensions=error.extensions)
