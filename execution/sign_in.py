"""Signing in with a dead token still at hand: a client whose token has expired must be able to get another."""

from graphql import FieldNode, OperationType

from execution.documents import Document

# Mutations that take no notice of who asks: what they need is in their arguments.
SIGN_IN = frozenset({"login", "refreshSession"})


def may_sign_in(text: str) -> bool:
    """Whether it is worth while to look at a document at all."""
    return any(name in text for name in SIGN_IN)


def signs_in(document: Document, operation_name: str | None) -> bool:
    """Whether the operation does nothing but sign in: all its root fields, none by a fragment, are such mutations."""
    operation = document.operation(operation_name)
    if operation is None or operation.operation is not OperationType.MUTATION:
        return False
    selections = operation.selection_set.selections
    return all(isinstance(field, FieldNode) and field.name.value in SIGN_IN for field in selections)
