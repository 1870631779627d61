"""Running an operation: from the text of a request to its result, with every error in its final form."""

import logging
import secrets
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

import psycopg
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType
from graphql import execute as graphql_execute
from graphql.execution.values import VariableValues, get_variable_values
from psycopg_pool import PoolTimeout

from core.errors import RequestError
from execution.compiler import NotCompilable, compile_operation
from execution.context import OperationContext
from execution.documents import Document, Documents
from execution.driver import Driver
from execution.plan import Plan, Run, Surprise

log = logging.getLogger(__name__)

# Plans kept for one document, by the values of the variables that decide what is selected.
MAX_PLANS = 50


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of a request, as the GraphQL-over-HTTP specification names them."""

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    # Whether the response should tell how it was made: {"extensions": {"debug": true}} in the request.
    debug: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request. `executed` is False when it was refused before execution (a request error)."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    executed: bool
    operation: OperationType | None = None
    # Why graphql-core ran it; None when its plan did.
    interpreted: str | None = None

    def response(self) -> dict[str, Any]:
        """The response map: `errors` first if there are any, `data` only if the operation was executed."""
        response: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        if self.executed:
            response["data"] = self.data
        return response


class Runner:
    """Runs operations against one schema."""

    def __init__(self, schema: GraphQLSchema, *, compiling: bool = True) -> None:
        self.schema = schema
        self.compiling = compiling
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
        if operation.operation is OperationType.QUERY:
            compiled = await self._compiled(document, operation, request, context)
            if isinstance(compiled, dict):
                return Outcome(compiled, [], True, operation.operation)
            reason = compiled
        else:
            reason = operation.operation.value
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
        return Outcome(result.data, errors, executed, operation.operation, reason)

    async def _compiled(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        request: GraphQLRequest,
        context: OperationContext,
    ) -> dict[str, Any] | str:
        """The data, or the reason why graphql-core has to run the operation."""
        if not self.compiling:
            return "compiling is switched off"
        variables = get_variable_values(self.schema, operation.variable_definitions or (), request.variables)
        if isinstance(variables, list):
            return "variables"
        try:
            plan = self._plan(document, request, context, variables)
            if isinstance(plan, str):
                return plan
            return await plan.execute(Run(context, variables))
        except (Surprise, RequestError, GraphQLError) as error:
            # GraphQLError: a variable that fits its own type and not the argument it is given to.
            return str(error) or type(error).__name__
        except (psycopg.Error, PoolTimeout) as error:
            await context.restart()
            return type(error).__name__

    def _plan(
        self, document: Document, request: GraphQLRequest, context: OperationContext, variables: VariableValues
    ) -> Plan | str:
        deciding = tuple(repr(variables.coerced.get(name)) for name in document.deciding)
        key = (request.operation_name, deciding)
        plan = document.plans.get(key)
        if plan is None:
            assert document.ast is not None
            driver = Driver.build(
                self.schema,
                document.ast,
                context_value=context,
                raw_variable_values=request.variables,
                operation_name=request.operation_name,
            )
            assert isinstance(driver, Driver)
            try:
                plan = compile_operation(driver)
            except NotCompilable as reason:
                plan = str(reason)
            if len(document.plans) >= MAX_PLANS:
                document.plans.clear()
            document.plans[key] = plan
        return plan


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
