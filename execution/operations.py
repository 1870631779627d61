"""Running an operation: from the text of a request to its result, with every error in its final form."""

import asyncio
import logging
import secrets
from dataclasses import dataclass, field, replace
from inspect import isawaitable
from typing import Any

import psycopg
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType
from graphql import execute as graphql_execute
from graphql.execution.values import VariableValues, get_variable_values
from psycopg_pool import PoolTimeout

from auth.audit import AuditUnavailable
from core.errors import RequestError
from execution.admission import IntrospectionRefused, Spending, admit, budget, may_introspect, refuse
from execution.compiler import NotCompilable, compile_operation
from execution.context import OperationContext
from execution.cost import price
from execution.documents import Document, Documents, Prepared
from execution.driver import Driver
from execution.permissions import Refused
from execution.plan import Plan, Run, Surprise
from execution.reasons import Interpreted, Reason
from execution.sign_in import may_sign_in, signs_in
from execution.trail import Trail
from execution.trusted.choice import OverBudget, chosen, text_of
from execution.trusted.known import KnownDocuments
from execution.variables import variable_errors

log = logging.getLogger(__name__)

# Plans kept for one document, by the values of the variables that decide what is selected.
MAX_PLANS = 50

TIMEOUT = "the operation took too long; ask for less"
TIMEOUT_MUTATION = "the operation took too long; look whether it was done before trying again"


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of a request, as the GraphQL-over-HTTP specification names them."""

    # Empty where the operation is asked for by `document_id` alone.
    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    # Whether the response should tell how it was made: {"extensions": {"debug": true}} in the request.
    debug: bool = False
    # Whether it should tell what it cost: {"extensions": {"cost": true}}.
    cost: bool = False
    # The hash or id of a trusted document.
    document_id: str | None = None

    @property
    def text(self) -> str | None:
        """The text the client sent; None where it sent an id in its place."""
        return self.query if self.query or self.document_id is None else None


@dataclass(slots=True)
class Outcome:
    """What came of a request. `executed` is False when it was refused before execution (a request error)."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    executed: bool
    operation: OperationType | None = None
    # Why graphql-core ran it; None when its plan did, or when it was refused before.
    interpreted: Interpreted | None = None
    # What the actor lacked a permission for; not part of what came of it.
    refusals: tuple[Refused, ...] = field(default=(), compare=False)
    spending: Spending = field(default_factory=Spending)
    # Of an item of a subscription: where it stands in the feed.
    cursor: str | None = None

    def response(self) -> dict[str, Any]:
        """The response map: `errors` first if there are any, `data` only if the operation was executed."""
        response: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        if self.executed:
            response["data"] = self.data
        return response


@dataclass(frozen=True, slots=True)
class Checked:
    """An operation that may be executed, as far as it can be told before what it costs is spent.

    Its `request` has the text, also where the client sent the id of a trusted document.
    """

    request: GraphQLRequest
    document: Document
    operation: OperationDefinitionNode
    variables: VariableValues
    prepared: Prepared


class Runner:
    """Runs operations against one schema."""

    def __init__(self, schema: GraphQLSchema, *, compiling: bool = True) -> None:
        self.schema = schema
        self.compiling = compiling
        self.documents = Documents(schema)
        self.trail = Trail(schema)

    async def run(
        self, request: GraphQLRequest, context: OperationContext, allowed: tuple[OperationType, ...]
    ) -> Outcome:
        """Run the request's operation and leave its audit trail. Never raises for anything the request contains.

        What cannot be recorded is not shown: the outcome is then an error of code AUDIT_UNAVAILABLE.
        """
        spending = Spending()
        try:
            checked = await self.check(request, context, allowed, spending)
            if isinstance(checked, Outcome):
                outcome = checked
            else:
                await admit(context, checked.prepared.price.of(checked.variables), spending)
                outcome = await self.execute(checked, context)
        except RequestError as error:
            outcome = refused(error)
        outcome.spending = spending
        return outcome

    async def signs_in(self, request: GraphQLRequest, documents: KnownDocuments) -> bool:
        """Whether the request does nothing but sign in. Nobody needs to be known for that."""
        query = await _text(request, documents)
        if query is None:
            return False
        return may_sign_in(query) and signs_in(self.documents.get(query, suggestions=False), request.operation_name)

    async def kind(self, request: GraphQLRequest, documents: KnownDocuments) -> OperationType | None:
        """What the request's operation is, as far as it may be a subscription; None where that cannot be told."""
        query = await _text(request, documents)
        if query is None or "subscription" not in query:
            return None
        operation = self.documents.get(query, suggestions=False).operation(request.operation_name)
        return None if operation is None else operation.operation

    def _recorded(
        self, outcome: Outcome, operation: OperationDefinitionNode, request: GraphQLRequest, context: OperationContext
    ) -> Outcome:
        if context.audit is None:
            return outcome
        try:
            self.trail.record(context.audit, context, operation, request.query, outcome.refusals)
        except AuditUnavailable as error:
            refusal = GraphQLError(str(error), extensions={"code": error.code})
            return replace(outcome, data=None, errors=[formatted(refusal)], refusals=())
        return outcome

    async def check(
        self,
        request: GraphQLRequest,
        context: OperationContext,
        allowed: tuple[OperationType, ...],
        spending: Spending,
    ) -> Checked | Outcome:
        """The operation, ready to run; or what is wrong with it. Raises RequestError where its actor may not ask."""
        try:
            query, trusted = await chosen(context, request.text, request.document_id)
        except RequestError:
            await refuse(context, spending)
            raise
        if trusted is not None:
            request = replace(request, query=query)
        suggestions = may_introspect(context)
        document = self.documents.get(request.query, suggestions=suggestions)
        operation = document.operation(request.operation_name)
        problem = _problem(document, operation, request, allowed)
        if problem is not None:
            await refuse(context, spending)
            return problem
        assert operation is not None
        if document.introspects and not suggestions:
            await refuse(context, spending)
            raise IntrospectionRefused(context)
        variables = get_variable_values(
            self.schema, operation.variable_definitions or (), request.variables, hide_suggestions=not suggestions
        )
        if isinstance(variables, list):
            await refuse(context, spending)
            problems = variable_errors(self.schema, operation.variable_definitions or (), request.variables)
            wrong = [formatted(error) for error in problems]
            return Outcome(None, wrong, False, operation.operation, Interpreted(Reason.VARIABLES, "variables"))
        prepared = self._prepared(document, operation, request, context, variables)
        if trusted is not None:
            cost = prepared.price.of(variables)
            if not trusted.budget.covers(cost):
                context.services.documents.exceeded(trusted)
                await refuse(context, spending)
                raise OverBudget(trusted, cost)
        return Checked(request, document, operation, variables, prepared)

    async def execute(self, checked: Checked, context: OperationContext) -> Outcome:
        """Run an operation whose price is spent, within its actor's time, and leave its audit trail."""
        request, document, operation = checked.request, checked.document, checked.operation
        limits = budget(context)
        try:
            async with asyncio.timeout(limits.seconds if limits is not None else None):
                plan = checked.prepared.plan
                outcome = await self._run(document, operation, request, context, checked.variables, plan)
        except TimeoutError:
            await context.abandon()
            message = TIMEOUT_MUTATION if operation.operation is OperationType.MUTATION else TIMEOUT
            error = {"message": message, "extensions": {"code": "TIMEOUT"}}
            outcome = Outcome(None, [error], True, operation.operation)
        return self._recorded(outcome, operation, request, context)

    async def _run(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        request: GraphQLRequest,
        context: OperationContext,
        variables: VariableValues,
        plan: Plan | Interpreted,
    ) -> Outcome:
        """The outcome by the plan, or where there is none or it meets a surprise, by graphql-core."""
        if isinstance(plan, Plan):
            compiled = await self._compiled(plan, context, variables)
            if isinstance(compiled, dict):
                return Outcome(compiled, [], True, operation.operation)
            plan = compiled
        assert document.ast is not None
        result = graphql_execute(
            self.schema,
            document.ast,
            context_value=context,
            variable_values=request.variables,
            operation_name=request.operation_name,
            executor_class=Driver,
            hide_suggestions=not may_introspect(context),
        )
        if isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        # A result without data and with no path in its errors was refused before any field ran: bad variables.
        executed = not (result.data is None and result.errors and all(error.path is None for error in result.errors))
        errors = [formatted(error) for error in result.errors or ()]
        refusals = tuple(
            error.original_error for error in result.errors or () if isinstance(error.original_error, Refused)
        )
        return Outcome(result.data, errors, executed, operation.operation, plan, refusals)

    async def _compiled(
        self, plan: Plan, context: OperationContext, variables: VariableValues
    ) -> dict[str, Any] | Interpreted:
        """The data, or the reason why graphql-core has to run the operation."""
        try:
            return await plan.execute(Run(context, variables))
        except (Surprise, RequestError, GraphQLError) as error:
            # GraphQLError: a variable that fits its own type and not the argument it is given to.
            await context.restart()
            return Interpreted(_reason(error), str(error) or type(error).__name__)
        except (psycopg.Error, PoolTimeout) as error:
            await context.restart()
            return Interpreted(_reason(error), type(error).__name__)

    def _prepared(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        request: GraphQLRequest,
        context: OperationContext,
        variables: VariableValues,
    ) -> Prepared:
        """The plan of the operation, or why it has none, and its price; kept with the document."""
        deciding = tuple(repr(variables.coerced.get(name)) for name in document.deciding)
        key = (request.operation_name, deciding, context.actor.plan_key)
        prepared = document.plans.get(key)
        if prepared is not None:
            return prepared
        assert document.ast is not None
        driver = Driver.build(
            self.schema,
            document.ast,
            context_value=context,
            raw_variable_values=request.variables,
            operation_name=request.operation_name,
        )
        assert isinstance(driver, Driver)
        plan: Plan | Interpreted
        if operation.operation is OperationType.MUTATION:
            plan = Interpreted(Reason(operation.operation.value), operation.operation.value)
        elif not self.compiling:
            plan = Interpreted(Reason.SWITCHED_OFF, "compiling is switched off")
        else:
            try:
                plan = compile_operation(driver)
            except NotCompilable as reason:
                plan = Interpreted(reason.reason, str(reason))
            except (Surprise, RequestError, GraphQLError) as error:
                # A bad argument, perhaps of this request alone: nothing to keep.
                return Prepared(Interpreted(_reason(error), str(error) or type(error).__name__), price(driver))
        if len(document.plans) >= MAX_PLANS:
            document.plans.clear()
        prepared = document.plans[key] = Prepared(plan, price(driver))
        return prepared


async def _text(request: GraphQLRequest, documents: KnownDocuments) -> str | None:
    """What the request asks for, whoever may; None where that cannot be told."""
    try:
        if request.text is not None:
            return request.text
        text, _ = await text_of(documents, request.document_id or "")
    except RequestError:
        return None
    return text


def _problem(
    document: Document,
    operation: OperationDefinitionNode | None,
    request: GraphQLRequest,
    allowed: tuple[OperationType, ...],
) -> Outcome | None:
    """Why the request cannot be executed at all, whoever asks."""
    if document.ast is None:
        return _not_executed(*document.errors)
    if operation is None:
        return _not_executed(_no_operation(request.operation_name))
    if operation.operation not in allowed:
        error = GraphQLError(
            f"a {operation.operation.value} is not possible with this kind of request",
            extensions={"code": "OPERATION_NOT_ALLOWED"},
        )
        return Outcome(None, [formatted(error)], executed=False, operation=operation.operation)
    return None


def refused(error: Exception) -> Outcome:
    """The outcome of a request that is refused as a whole; what is no RequestError shows only an id."""
    return _not_executed(GraphQLError(str(error), original_error=error))


def _not_executed(*errors: GraphQLError) -> Outcome:
    return Outcome(None, [formatted(error) for error in errors], executed=False)


def _reason(error: Exception) -> Reason:
    """The kind of what ended a plan."""
    match error:
        case Surprise():
            return error.reason
        case Refused():
            return Reason.FORBIDDEN
        case RequestError() | GraphQLError() | psycopg.DataError():
            return Reason.BAD_INPUT
    return Reason.DATABASE


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
        message, extensions = TIMEOUT, {"code": "TIMEOUT"}
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
