"""The arguments of a field in a plan: the same for every run, or made from the variables of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    VariableNode,
    Visitor,
    get_argument_values,
    visit,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues
from strawberry.types.arguments import StrawberryArgument, convert_arguments

Values = dict[str, Any]


@dataclass
class Arguments:
    """The arguments of a field: `constant`, or else what `make` makes of the variables."""

    constant: Values | None
    make: Callable[[VariableValues], Values] | None

    def known(self, variables: VariableValues) -> Values:
        """The arguments with these values of the variables."""
        if self.make is None:
            assert self.constant is not None
            return self.constant
        return self.make(variables)


def compile_arguments(
    schema: GraphQLSchema,
    field: GraphQLField,
    arguments: list[StrawberryArgument],
    details: FieldDetails,
    variables: VariableValues,
) -> Arguments:
    """The arguments of a field as it stands in an operation, by their Python names.

    Raises GraphQLError where a constant does not fit.
    """
    strawberry_schema: Any = schema.extensions["strawberry-definition"]
    node, _, fragment_variables = details

    def make(values: VariableValues) -> Values:
        return convert_arguments(
            get_argument_values(field, node, values, fragment_variables),
            arguments,
            strawberry_schema.schema_converter.scalar_registry,
            strawberry_schema.config,
        )

    if not _uses_variables(node):
        return Arguments(make(variables), None)
    names = {strawberry_schema.config.name_converter.from_argument(a): a.python_name for a in arguments}
    plain = _plain(field, node, names)
    if plain is None or fragment_variables is not None:
        return Arguments(None, make)
    return Arguments(None, _quickly(plain, make, make(variables)))


def _plain(field: GraphQLField, node: FieldNode, names: dict[str, str]) -> list[tuple[str, str, bool]] | None:
    """Python name, variable, and whether null is refused, of the arguments that are variables.

    None if a variable stands where its value has to be converted: inside a list or an input object, or for an enum.
    """
    plain = []
    for argument in node.arguments or ():
        if isinstance(argument.value, VariableNode):
            kind = field.args[argument.name.value].type
            required = isinstance(kind, GraphQLNonNull)
            if not isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLScalarType):
                return None
            plain.append((names[argument.name.value], argument.value.name.value, required))
        elif _uses_variables(argument):
            return None
    return plain


def _quickly(
    plain: list[tuple[str, str, bool]], slowly: Callable[[VariableValues], Values], first: Values
) -> Callable[[VariableValues], Values]:
    """Scalars were coerced with the variables, and need only be picked; everything unusual is done `slowly`."""
    constant = {name: value for name, value in first.items() if name not in {name for name, _, _ in plain}}

    def make(variables: VariableValues) -> Values:
        coerced = variables.coerced
        values = dict(constant)
        for name, variable, required in plain:
            value = coerced.get(variable)
            if value is None and (required or variable not in coerced):
                return slowly(variables)
            values[name] = value
        return values

    return make


class _VariableFinder(Visitor):
    found = False

    def enter_variable(self, *_: Any) -> None:
        self.found = True


def _uses_variables(node: Any) -> bool:
    finder = _VariableFinder()
    for argument in getattr(node, "arguments", None) or (node,):
        visit(argument, finder)
    return finder.found
