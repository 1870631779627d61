"""Why an operation was interpreted by graphql-core instead of run by a plan."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The kinds of reasons; few and fixed, so that they can be counted."""

    INTROSPECTION = "introspection"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"
    DEFER = "defer"
    # A field that this actor may not see.
    FORBIDDEN = "forbidden"
    # A field whose resolver is code of its own.
    UNDECLARED = "undeclared"
    # The plan met something at run time that only graphql-core can report, such as a null where none may be.
    SURPRISE = "surprise"
    # An argument with a value that cannot be.
    BAD_INPUT = "bad_input"
    # Variables that do not fit their types.
    VARIABLES = "variables"
    DATABASE = "database"
    SWITCHED_OFF = "switched_off"


@dataclass(frozen=True, slots=True)
class Interpreted:
    """Why an operation was interpreted: the kind, and in words for whoever debugs it."""

    reason: Reason
    text: str
