"""What a document may ask at most: how long, how deep, how many fields, counted through fragments and aliases."""

from collections import Counter
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

MAX_TOKENS = 8_000
MAX_DEPTH = 25
MAX_FIELDS = 2_000
MAX_REPEATS = 50
MAX_ROOT_FIELDS = 50
MAX_MUTATIONS = 10
MAX_DIRECTIVES = 200
# How deep values may be nested in the variables of a request.
MAX_JSON_DEPTH = 32


def nested_deeper(value: Any, levels: int) -> bool:
    """Whether a value of JSON is nested deeper than so many levels."""
    if isinstance(value, dict):
        return levels == 0 or any(nested_deeper(inner, levels - 1) for inner in value.values())
    if isinstance(value, list):
        return levels == 0 or any(nested_deeper(inner, levels - 1) for inner in value)
    return False


class _Measure(NamedTuple):
    """Of a selection set: how deep it is, and how many fields it has, on its own level too, and directives."""

    depth: int
    fields: int
    level: int
    directives: int


_NOTHING = _Measure(0, 0, 0, 0)


class OperationLimits(ValidationRule):
    """Refuses operations deeper than MAX_DEPTH, with more than MAX_FIELDS fields, or that repeat a field too often.

    A field that stands more than MAX_REPEATS times under one name in a selection set says nothing new, and makes the
    rule that checks whether its selections can be merged take seconds.

    MAX_ROOT_FIELDS holds for the fields at the root, MAX_MUTATIONS where they are mutations, and MAX_DIRECTIVES for all
    directives of the operation.

    A fragment counts as often as it is spread, an aliased field as often as it is aliased. Introspection below
    `__schema` and `__type` counts as well: a tool's introspection query fits easily.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments = {
            node.name.value: node for node in context.document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[str, _Measure] = {}
        self._open: set[str] = set()
        self._repeats = 0

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure the operation."""
        found = self._measure(node.selection_set)
        directives = found.directives + len(node.directives or ())
        is_mutation = node.operation is OperationType.MUTATION
        roots, root = (MAX_MUTATIONS, "mutations") if is_mutation else (MAX_ROOT_FIELDS, "fields at the root")
        for count, limit, what in (
            (found.depth, MAX_DEPTH, "levels"),
            (found.fields, MAX_FIELDS, "fields"),
            (found.level, roots, root),
            (directives, MAX_DIRECTIVES, "directives"),
        ):
            if count > limit:
                self._refuse(f"the operation has {count} {what}; at most {limit} are allowed", node)
                return
        if self._repeats > MAX_REPEATS:
            self._refuse(f"a field is repeated {self._repeats} times; at most {MAX_REPEATS} are allowed", node)

    def _refuse(self, message: str, node: OperationDefinitionNode) -> None:
        self.report_error(GraphQLError(message, node, extensions={"code": "QUERY_TOO_COMPLEX"}))

    def _measure(self, selections: SelectionSetNode | None) -> _Measure:
        depth = fields = level = directives = 0
        names: Counter[str] = Counter()
        for selection in selections.selections if selections else ():
            if isinstance(selection, FragmentSpreadNode):
                inner = self._measure_fragment(selection.name.value)
            else:
                inner = self._measure(getattr(selection, "selection_set", None))
                if isinstance(selection, FieldNode):
                    inner = _Measure(inner.depth + 1, inner.fields + 1, 1, inner.directives)
                    names[(selection.alias or selection.name).value] += 1
            depth, fields, level = max(depth, inner.depth), fields + inner.fields, level + inner.level
            directives += inner.directives + len(selection.directives or ())
        self._repeats = max(self._repeats, *names.values(), 0)
        return _Measure(depth, fields, level, directives)

    def _measure_fragment(self, name: str) -> _Measure:
        if name not in self._measured:
            fragment = self._fragments.get(name)
            # A fragment that spreads itself is refused by another rule; here it must only not be followed for ever.
            if fragment is None or name in self._open:
                return _NOTHING
            self._open.add(name)
            self._measured[name] = self._measure(fragment.selection_set)
            self._open.discard(name)
        return self._measured[name]
