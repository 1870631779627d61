"""Running an operation: from the text of a request to its result, with every error in its final form."""

import logging
import secrets
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

import psycopg
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType
from graphql import execute as graphql_execute
from psycopg_pool import PoolTimeout

from core.errors import RequestError
from execution.context import OperationContext
from execution.documents import Documents
from execution.driver import Driver

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of a request, as the GraphQL-over-HTTP specification names them."""

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request. `executed` is False when it was refused before execution (a request error)."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    executed: bool
    operation: OperationType | None = None

    def response(self) -> dict[str, Any]:
        """The response map: `errors` first if there are any, `data` only if the operation was executed."""
        response: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        if self.executed:
            response["data"] = self.data
        return response


class Runner:
    """Runs operations against one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.documents = Documents(schema)

    async def run(
        self, request: GraphQLRequest, context: OperationContext, allowed: tuple[OperationType, ...]
    ) -> Outcome:
        """Run the request's operation. Never raises for anything the request contains."""
        document = self.documents.get(request.query)
        if document.ast is None:
            return Outcome(None, [formatted(error) for error in document.errors], executed=False)
        operation = document.operation(request.operation_name)
        if operation is None:
            return Outcome(None, [formatted(_no_operation(request.operation_name))], executed=False)
        if operation.operation not in allowed:
            error = GraphQLError(
                f"a {operation.operation.value} is not possible with this kind of request",
                extensions={"code": "OPERATION_NOT_ALLOWED"},
            )
            return Outcome(None, [formatted(error)], executed=False, operation=operation.operation)
        result = graphql_execute(
            self.schema,
            document.ast,
            context_value=context,
            variable_values=request.variables,
            operation_name=request.operation_name,
            executor_class=Driver,
        )
        if isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        # A result without data and with no path in its errors was refused before any field ran: bad variables.
        executed = not (result.data is None and result.errors and all(error.path is None for error in result.errors))
        errors = [formatted(error) for error in result.errors or ()]
        return Outcome(result.data, errors, executed, operation.operation)


def _no_operation(name: str | None) -> GraphQLError:
    message = (
        f"the document has no operation called {name!r}"
        if name
        else "the document has several operations: say which with operationName"
    )
    return GraphQLError(message, extensions={"code": "OPERATION_RESOLUTION_FAILURE"})


def formatted(error: GraphQLError) -> dict[str, Any]:
    """The error as the response shows it, always with `extensions.code`; an unexpected one shows only an id."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if original is None:
        error.extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
        return dict(error.formatted)
    if isinstance(original, RequestError):
        message, extensions = str(original), {"code": original.code, **original.details}
    elif isinstance(original, psycopg.DataError):
        message, extensions = "a value of the request is out of range or malformed", {"code": "BAD_USER_INPUT"}
    elif isinstance(original, psycopg.errors.QueryCanceled):
        message, extensions = "the operation took too long; ask for less", {"code": "TIMEOUT"}
    elif isinstance(original, psycopg.OperationalError | PoolTimeout):
        log.error("the database is not available: %s", type(original).__name__)
        message, extensions = "the database is not available at the moment", {"code": "SERVICE_UNAVAILABLE"}
    elif isinstance(original, ValueError) and error.path is None:
        # A scalar refused a literal or a variable; graphql-core's message names it.
        message, extensions = error.message, {"code": "BAD_USER_INPUT"}
    else:
        error_id = secrets.token_hex(6)
        log.error("unexpected error %s", error_id, exc_info=original)
        message, extensions = "something went wrong in the service", {"code": "INTERNAL", "errorId": error_id}
    shown: dict[str, Any] = {"message": message}
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    return {**shown, "extensions": extensions}
