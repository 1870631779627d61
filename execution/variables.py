"""What is wrong with the variables of a request, told without repeating them: they may be passwords and tokens.

graphql-core's own messages quote the value. These name its place and what was expected there.
"""

from collections.abc import Callable, Iterable
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    is_required_input_field,
    type_from_ast,
    validate_input_value,
)
from graphql.pyutils import print_path_list

Path = list[str | int]

# A key that names no field is repeated so far: it is there for who mistyped it.
_LONGEST_NAME = 40


def variable_errors(
    schema: GraphQLSchema, definitions: Iterable[VariableDefinitionNode], values: dict[str, Any]
) -> list[GraphQLError]:
    """An error for each place where a value does not fit; one without a place if none can be named."""
    found: dict[str, GraphQLError] = {}
    for definition in definitions:
        name = definition.variable.name.value
        kind: Any = type_from_ast(schema, definition.type)
        value = values.get(name, Undefined)
        if kind is None or (value is Undefined and (definition.default_value or not isinstance(kind, GraphQLNonNull))):
            continue
        places: list[tuple[GraphQLError, Path]] = []
        try:
            validate_input_value(value, kind, _into(places), True)
        except RecursionError:
            places = [(GraphQLError(""), [])]
        for error, path in places:
            message = f"Variable '${name}' has no acceptable value{print_path_list(path)}: "
            message += _problem(kind, value, path, error)
            found.setdefault(message, GraphQLError(message, definition))
    return list(found.values()) or [GraphQLError("the variables have no acceptable values")]


def _into(places: list[tuple[GraphQLError, Path]]) -> Callable[[GraphQLError, Path], None]:
    return lambda error, path: places.append((error, path))


def _problem(kind: Any, value: Any, path: Path, error: GraphQLError) -> str:
    """What is wrong at the place of the error."""
    for key in path:
        kind = _bare(kind)
        if isinstance(key, int):
            kind = kind.of_type if isinstance(kind, GraphQLList) else kind
        else:
            kind = kind.fields[key].type
        value = value[key]
    if value is Undefined:
        return f"it is missing, expected {kind}"
    if value is None:
        return f"expected {kind}, got null"
    while isinstance(kind, GraphQLList | GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        return _object_problem(kind, value)
    # What our own scalars say: an example of their notation, never the value.
    own = error.original_error
    return str(own) if isinstance(own, ValueError) and str(value) not in str(own) else f"expected {kind}"


def _object_problem(kind: GraphQLInputObjectType, value: dict[str, Any]) -> str:
    missing = [name for name, field in kind.fields.items() if name not in value and is_required_input_field(field)]
    unknown = [name[:_LONGEST_NAME] for name in value if name not in kind.fields]
    if missing:
        return f"{kind} needs {', '.join(missing)}"
    return f"{kind} has no {', '.join(unknown)}" if unknown else f"expected {kind}"


def _bare(kind: Any) -> Any:
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind
