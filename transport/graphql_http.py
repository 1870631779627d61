"""GraphQL over HTTP: the endpoint for queries and mutations, after the specification's draft.

https://graphql.github.io/graphql-over-http/draft/ — the graphql-http audits run against it in the tests.
"""

import asyncio
from typing import Any

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from execution.context import OperationContext
from execution.operations import GraphQLRequest, Outcome, Runner
from transport.negotiation import GRAPHQL, HTML, JSON, answer_in
from web.pages import graphiql_response

METHODS = ("GET", "POST")
_HEADERS = {"cache-control": "no-store", "vary": "accept", "x-content-type-options": "nosniff"}


class BadRequest(Exception):
    """A request that is not GraphQL over HTTP; `status` is the HTTP status to answer with."""

    def __init__(self, message: str, status: int = 400, code: str = "BAD_REQUEST", allow: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.allow = allow


class GraphQLEndpoint:
    """Answers requests at the GraphQL endpoint; shows the GraphiQL page to browsers that ask for one."""

    def __init__(self, runner: Runner, max_body_bytes: int) -> None:
        self.runner = runner
        self.max_body_bytes = max_body_bytes
        self._closing: set[asyncio.Task[None]] = set()

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        media = answer_in(request.headers.get("accept"), html=request.method == "GET")
        try:
            if request.method not in METHODS:
                raise BadRequest("use GET or POST", 405, "METHOD_NOT_ALLOWED", allow=", ".join(METHODS))
            if media is None:
                raise BadRequest(f"the response is {JSON} or {GRAPHQL}", 406, "NOT_ACCEPTABLE")
            if media == HTML:
                return graphiql_response(request)
            if request.method == "GET":
                parsed = _from_query_string(request)
                allowed: tuple[OperationType, ...] = (OperationType.QUERY,)
            else:
                parsed = _from_body(await self._body(request))
                allowed = (OperationType.QUERY, OperationType.MUTATION)
        except BadRequest as error:
            return _refusal(error, media)
        except ClientDisconnect:
            return Response(status_code=400)
        context = OperationContext(request.app.state.pool)
        try:
            outcome = await self.runner.run(parsed, context, allowed)
        finally:
            self._close_soon(context)
        extensions = _debug(outcome, context) if parsed.debug else None
        return _response(outcome, media, request.method, extensions)

    def _close_soon(self, context: OperationContext) -> None:
        """Give the operation's connection back without letting the client wait for that round trip."""
        closing = asyncio.get_running_loop().create_task(context.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _body(self, request: Request) -> bytes:
        content_type = request.headers.get("content-type", "").partition(";")
        if content_type[0].strip().lower() != JSON:
            raise BadRequest(f"the body is sent as {JSON}", 415, "UNSUPPORTED_MEDIA_TYPE")
        charset = content_type[2].lower().replace(" ", "").replace('"', "")
        if "charset=" in charset and "charset=utf-8" not in charset:
            raise BadRequest("the body is encoded in UTF-8", 415, "UNSUPPORTED_MEDIA_TYPE")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self.max_body_bytes:
                raise BadRequest(f"the body has at most {self.max_body_bytes} bytes", 413, "BODY_TOO_LARGE")
        return bytes(body)


def _from_query_string(request: Request) -> GraphQLRequest:
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        text = parameters.get(name)
        if text:
            parameters[name] = _json(text.encode("utf-8", "surrogatepass"), f"parameter {name}")
        else:
            parameters.pop(name, None)
    return _request(parameters)


def _from_body(body: bytes) -> GraphQLRequest:
    parameters = _json(body, "body")
    if not isinstance(parameters, dict):
        raise BadRequest("the body is a JSON object with the query in it")
    return _request(parameters)


def _json(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the {what} is not valid JSON in UTF-8: {error.msg}") from None


def _request(parameters: dict[str, Any]) -> GraphQLRequest:
    query = parameters.get("query")
    if not isinstance(query, str):
        raise BadRequest("query: a string is required")
    variables = parameters.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("variables: a JSON object or null")
    name = parameters.get("operationName")
    if name is not None and not isinstance(name, str):
        raise BadRequest("operationName: a string or null")
    extensions = parameters.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest("extensions: a JSON object or null")
    return GraphQLRequest(query, variables or {}, name or None, (extensions or {}).get("debug") is True)


def _debug(outcome: Outcome, context: OperationContext) -> dict[str, Any]:
    """How the answer was made, for `extensions.debug` of the response."""
    driver = "compiled" if outcome.interpreted is None else "interpreted"
    reason = {} if outcome.interpreted is None else {"reason": outcome.interpreted}
    snapshot = context.snapshot
    cost = {"statements": snapshot.statements, "roundTrips": snapshot.round_trips}
    return {"debug": {"driver": driver, **reason, **cost}}


def _response(outcome: Outcome, media: str, method: str, extensions: dict[str, Any] | None) -> Response:
    status, headers = 200, dict(_HEADERS)
    if outcome.errors and outcome.errors[0]["extensions"]["code"] == "OPERATION_NOT_ALLOWED":
        status = 405 if method == "GET" else 400
        if method == "GET":
            headers["allow"] = "POST"
    elif not outcome.executed and media == GRAPHQL:
        status = 400
    response = outcome.response() | ({"extensions": extensions} if extensions else {})
    return Response(encode(response), status, headers, f"{media}; charset=utf-8")


def _refusal(error: BadRequest, media: str | None) -> Response:
    headers = dict(_HEADERS) | ({"allow": error.allow} if error.allow else {})
    body = encode({"errors": [{"message": str(error), "extensions": {"code": error.code}}]})
    return Response(body, error.status, headers, f"{media if media == GRAPHQL else JSON}; charset=utf-8")


def encode(value: Any) -> bytes:
    """A response map as JSON."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
