"""What a document may ask at most: how long, how deep, how many fields, counted through fragments and aliases."""

from collections import Counter
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

MAX_TOKENS = 8_000
MAX_DEPTH = 25
MAX_FIELDS = 2_000
MAX_REPEATS = 50


class OperationLimits(ValidationRule):
    """Refuses operations deeper than MAX_DEPTH, with more than MAX_FIELDS fields, or that repeat a field too often.

    A field that stands more than MAX_REPEATS times under one name in a selection set says nothing new, and makes the
    rule that checks whether its selections can be merged take seconds.

    A fragment counts as often as it is spread, an aliased field as often as it is aliased. Introspection below
    `__schema` and `__type` counts as well: a tool's introspection query fits easily.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments = {
            node.name.value: node for node in context.document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[str, tuple[int, int]] = {}
        self._open: set[str] = set()
        self._repeats = 0

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure the operation."""
        depth, fields = self._measure(node.selection_set)
        if depth > MAX_DEPTH:
            self._refuse(f"the operation is {depth} levels deep; at most {MAX_DEPTH} are allowed", node)
        if fields > MAX_FIELDS:
            self._refuse(f"the operation selects {fields} fields; at most {MAX_FIELDS} are allowed", node)
        if self._repeats > MAX_REPEATS:
            self._refuse(f"a field is repeated {self._repeats} times; at most {MAX_REPEATS} are allowed", node)

    def _refuse(self, message: str, node: OperationDefinitionNode) -> None:
        self.report_error(GraphQLError(message, node, extensions={"code": "QUERY_TOO_COMPLEX"}))

    def _measure(self, selections: SelectionSetNode | None) -> tuple[int, int]:
        depth = fields = 0
        names: Counter[str] = Counter()
        for selection in selections.selections if selections else ():
            if isinstance(selection, FragmentSpreadNode):
                inner_depth, inner_fields = self._measure_fragment(selection.name.value)
            else:
                inner_depth, inner_fields = self._measure(getattr(selection, "selection_set", None))
                if isinstance(selection, FieldNode):
                    inner_depth, inner_fields = inner_depth + 1, inner_fields + 1
                    names[(selection.alias or selection.name).value] += 1
            depth, fields = max(depth, inner_depth), fields + inner_fields
        self._repeats = max(self._repeats, *names.values(), 0)
        return depth, fields

    def _measure_fragment(self, name: str) -> tuple[int, int]:
        if name not in self._measured:
            fragment = self._fragments.get(name)
            # A fragment that spreads itself is refused by another rule; here it must only not be followed for ever.
            if fragment is None or name in self._open:
                return 0, 0
            self._open.add(name)
            self._measured[name] = self._measure(fragment.selection_set)
            self._open.discard(name)
        return self._measured[name]
