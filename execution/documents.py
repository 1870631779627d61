"""Documents: parsed and validated once, kept for the next request with the same text."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
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

from execution.cost import Price
from execution.limits import MAX_TOKENS, OperationLimits
from execution.plan import Plan
from execution.reasons import Interpreted
from execution.secret_literals import without_secrets

CACHED_DOCUMENTS = 1_000
# Longer documents are not kept, so that the cache's memory is bounded too.
LONGEST_CACHED = 20_000
MAX_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation ready to run: its plan, or the reason why there is none, and what it costs."""

    plan: Plan | Interpreted
    price: Price


@dataclass(frozen=True, slots=True)
class Document:
    """A document, or why it cannot be executed; with the plans of its operations, as far as they are made.

    A plan holds for one operation, one set of values of the variables that decide what it selects, and actors who may
    see the same: `plans` maps them to the plan and its price.
    """

    ast: DocumentNode | None
    errors: tuple[GraphQLError, ...]
    deciding: tuple[str, ...] = ()
    plans: dict[Hashable, "Prepared"] = field(default_factory=dict)
    # Whether it asks for the schema: `__schema` or `__type`.
    introspects: bool = False

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation called `name`, or the only one."""
        return get_operation_ast(self.ast, name) if self.ast else None


class Documents:
    """Parses and validates documents against one schema, with a bounded cache (least recently used goes first).

    `hits` and `misses` count the requests that found their document in the cache and those that did not; `len` is the
    number of documents in it.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._cache: OrderedDict[tuple[str, bool], Document] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._cache)

    def get(self, query: str, *, suggestions: bool = True) -> Document:
        """The document with the given text; its errors name what may have been meant only with `suggestions`."""
        key = (query, suggestions)
        document = self._cache.get(key)
        if document is not None:
            self.hits += 1
            self._cache.move_to_end(key)
            return document
        self.misses += 1
        document = self._prepare(query, suggestions)
        if len(query) <= LONGEST_CACHED:
            self._cache[key] = document
            if len(self._cache) > CACHED_DOCUMENTS:
                self._cache.popitem(last=False)
        return document

    def _prepare(self, query: str, suggestions: bool) -> Document:
        try:
            ast = parse(query, max_lexical_tokens=MAX_TOKENS, max_comments=MAX_TOKENS)
        except GraphQLSyntaxError as error:
            return Document(None, (_coded(error, "GRAPHQL_PARSE_FAILED"),))
        except GraphQLError as error:
            return Document(None, (_coded(error, "QUERY_TOO_COMPLEX"),))
        try:
            # The limits first and alone: some of the other rules take time that grows with the square of the fields.
            errors = validate(self._schema, ast, [OperationLimits]) or validate(
                self._schema, ast, specified_rules, max_errors=MAX_ERRORS, hide_suggestions=not suggestions
            )
        except RecursionError:
            errors = [GraphQLError("the document is nested too deeply", extensions={"code": "QUERY_TOO_COMPLEX"})]
        if errors:
            errors = without_secrets(ast, errors)
            return Document(None, tuple(_coded(error, _validation_code(error)) for error in errors))
        finder = _Finder()
        visit(ast, finder)
        return Document(ast, (), tuple(finder.names), introspects=finder.introspects)


class _Finder(Visitor):
    """Finds introspection, and the variables that decide what is selected: those in @skip, @include and orderBy."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}
        self.introspects = False
        self._inside = 0

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.introspects = self.introspects or node.name.value in ("__schema", "__type")

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


def _validation_code(error: GraphQLError) -> str:
    # graphql-core gives up on documents that take it too long to validate.
    return "QUERY_TOO_COMPLEX" if isinstance(error, ValidationAbortedError) else "GRAPHQL_VALIDATION_FAILED"


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {"code": code, **(error.extensions or {})}
    return error
