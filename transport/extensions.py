"""What a response tells besides its data: how it was made, and what it cost."""

from typing import Any

import orjson

from execution.context import OperationContext
from execution.cost import Cost
from execution.operations import GraphQLRequest, Outcome


def extensions_of(request: GraphQLRequest, outcome: Outcome, context: OperationContext) -> dict[str, Any]:
    """The `extensions` of the response, as far as the request asks for some."""
    debug = _debug(outcome, context) if request.debug else {}
    return debug | (_cost(outcome, context) if request.cost else {})


def _debug(outcome: Outcome, context: OperationContext) -> dict[str, Any]:
    """How the answer was made, for `extensions.debug` of the response."""
    driver = "compiled" if outcome.interpreted is None else "interpreted"
    reason = {} if outcome.interpreted is None else {"reason": outcome.interpreted.text}
    cost = {"statements": context.statements, "roundTrips": context.round_trips}
    return {"debug": {"driver": driver, **reason, **cost}}


def _cost(outcome: Outcome, context: OperationContext) -> dict[str, Any]:
    """What the operation cost in points, for `extensions.cost` of the response."""
    charged, verdict = outcome.spending.cost, outcome.spending.verdict
    actual = Cost(context.statements, context.rows, charged.fixed).points if outcome.executed else 0
    told: dict[str, Any] = {"requested": charged.points, "actual": actual}
    if verdict is not None:
        told |= {"remaining": verdict.remaining, "restoreRate": verdict.restore_rate}
    return {"cost": told}


def encode(value: Any) -> bytes:
    """A response map as JSON."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
