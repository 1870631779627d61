"""Documents: parsed and validated once, kept for the next request with the same text."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
    visit,
)
from graphql.validation.validate import ValidationAbortedError

from execution.limits import MAX_TOKENS, OperationLimits
from execution.plan import Plan

CACHED_DOCUMENTS = 1_000
# Longer documents are not kept, so that the cache's memory is bounded too.
LONGEST_CACHED = 20_000
MAX_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Document:
    """A document, or why it cannot be executed; with the plans of its operations, as far as they are made.

    A plan holds for one operation and one set of values of the variables that decide what it selects: `plans` maps
    (operation name, those values) to the plan, or to the reason why there is none.
    """

    ast: DocumentNode | None
    errors: tuple[GraphQLError, ...]
    deciding: tuple[str, ...] = ()
    plans: dict[Hashable, Plan | str] = field(default_factory=dict)

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation called `name`, or the only one."""
        return get_operation_ast(self.ast, name) if self.ast else None


class Documents:
    """Parses and validates documents against one schema, with a bounded cache (least recently used goes first)."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._cache: OrderedDict[str, Document] = OrderedDict()

    def get(self, query: str) -> Document:
        """The document with the given text."""
        document = self._cache.get(query)
        if document is not None:
            self._cache.move_to_end(query)
            return document
        document = self._prepare(query)
        if len(query) <= LONGEST_CACHED:
            self._cache[query] = document
            if len(self._cache) > CACHED_DOCUMENTS:
                self._cache.popitem(last=False)
        return document

    def _prepare(self, query: str) -> Document:
        try:
            ast = parse(query, max_lexical_tokens=MAX_TOKENS, max_comments=MAX_TOKENS)
        except GraphQLSyntaxError as error:
            return Document(None, (_coded(error, "GRAPHQL_PARSE_FAILED"),))
        except GraphQLError as error:
            return Document(None, (_coded(error, "QUERY_TOO_COMPLEX"),))
        try:
            # The limits first and alone: some of the other rules take time that grows with the square of the fields.
            errors = validate(self._schema, ast, [OperationLimits]) or validate(
                self._schema, ast, specified_rules, max_errors=MAX_ERRORS
            )
        except RecursionError:
            errors = [GraphQLError("the document is nested too deeply", extensions={"code": "QUERY_TOO_COMPLEX"})]
        if errors:
            return Document(None, tuple(_coded(error, _validation_code(error)) for error in errors))
        return Document(ast, (), _deciding_variables(ast))


class _Deciding(Visitor):
    """Finds the variables that decide what an operation selects: those in @skip, @include and orderBy."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}
        self._inside = 0

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self._inside += node.name.value in ("skip", "include")

    def leave_directive(self, node: DirectiveNode, *_: Any) -> None:
        self._inside -= node.name.value in ("skip", "include")

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        self._inside += node.name.value == "orderBy"

    def leave_argument(self, node: ArgumentNode, *_: Any) -> None:
        self._inside -= node.name.value == "orderBy"

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        if self._inside:
            self.names[node.name.value] = None


def _deciding_variables(ast: DocumentNode) -> tuple[str, ...]:
    finder = _Deciding()
    visit(ast, finder)
    return tuple(finder.names)


def _validation_code(error: GraphQLError) -> str:
    # graphql-core gives up on documents that take it too long to validate.
    return "QUERY_TOO_COMPLEX" if isinstance(error, ValidationAbortedError) else "GRAPHQL_VALIDATION_FAILED"


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {"code": code, **(error.extensions or {})}
    return error
