"""Documents: parsed and validated once, kept for the next request with the same text."""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)

from execution.limits import MAX_TOKENS, OperationLimits

CACHED_DOCUMENTS = 1_000
# Longer documents are not kept, so that the cache's memory is bounded too.
LONGEST_CACHED = 20_000
MAX_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Document:
    """A document, or why it cannot be executed."""

    ast: DocumentNode | None
    errors: tuple[GraphQLError, ...]

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation called `name`, or the only one."""
        return get_operation_ast(self.ast, name) if self.ast else None


class Documents:
    """Parses and validates documents against one schema, with a bounded cache (least recently used goes first)."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._cache: OrderedDict[str, Document] = OrderedDict()
        self._rules = [*specified_rules, OperationLimits]

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
            errors = validate(self._schema, ast, self._rules, max_errors=MAX_ERRORS)
        except RecursionError:
            errors = [GraphQLError("the document is nested too deeply", extensions={"code": "QUERY_TOO_COMPLEX"})]
        if errors:
            return Document(None, tuple(_coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors))
        return Document(ast, ())


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {"code": code, **(error.extensions or {})}
    return error
