"""`c360 explain`: how a query would be run, without running it."""

import json
from pathlib import Path
from typing import Any

from graphql.execution.values import get_variable_values

from auth.actor import SYSTEM
from core.database import make_pool
from core.errors import RequestError, StartError
from execution.compiler import NotCompilable, compile_operation
from execution.context import OperationContext
from execution.documents import Documents
from execution.driver import Driver
from execution.explain import as_text, explain
from execution.plan import Run
from resolvers.root import schema


def explained(file: Path, variables: dict[str, Any]) -> str:
    """The plan of the query in `file` as text.

    Variables come from `variables`, else from FILE.variables.json beside the query. Raises StartError when the query
    is not valid, cannot be compiled, or its variables do not fit.
    """
    beside = file.with_suffix(".variables.json")
    if not variables and beside.exists():
        variables = json.loads(beside.read_text("utf-8"))
    document = Documents(schema._schema).get(file.read_text("utf-8"))
    if document.ast is None:
        raise StartError(f"{file}: {document.errors[0].message}")
    operation = document.operation(None)
    if operation is None:
        raise StartError(f"{file}: a file with one operation is expected")
    # A pool that is never opened: explaining reads nothing.
    context = OperationContext(make_pool("", 1), SYSTEM)
    driver = Driver.build(schema._schema, document.ast, context_value=context, raw_variable_values=variables)
    values = get_variable_values(schema._schema, operation.variable_definitions or (), variables)
    if isinstance(values, list) or not isinstance(driver, Driver):
        problems = values if isinstance(values, list) else driver
        raise StartError(f"{file}: {problems[0].message}")  # type: ignore[index]
    try:
        plan = compile_operation(driver)
    except NotCompilable as reason:
        raise StartError(f"{file}: graphql-core runs this operation, because of {reason}") from None
    try:
        return as_text(explain(plan, Run(context, values)))
    except RequestError as error:
        raise StartError(f"{file}: {error}") from None
