"""GraphQL over HTTP: the endpoint for queries and mutations, after the specification's draft.

https://graphql.github.io/graphql-over-http/draft/ — the graphql-http audits run against it in the tests.
"""

from typing import Any

from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.actor import ANONYMOUS, Actor
from auth.errors import AuthenticationError, NotFromHere, Refusal, Unavailable
from execution.operations import GraphQLRequest, Outcome
from transport.caller import Caller, caller_of
from transport.extensions import encode as encode
from transport.graphql_sse import Asked, stream_of
from transport.negotiation import EVENTS, GRAPHQL, HTML, JSON, answer_in, takes_events
from transport.operations import Operations
from transport.parameters import BadRequest, Headers, json_of, request_of
from web.pages import graphiql_response

METHODS = ("GET", "POST")
_ALLOW: Headers = ((b"allow", ", ".join(METHODS).encode()),)
_CHALLENGE: Headers = ((b"www-authenticate", b'Bearer realm="customer360"'),)
_HEADERS = ((b"cache-control", b"no-store"), (b"vary", b"accept"), (b"x-content-type-options", b"nosniff"))
# Errors with which nothing can be done but to come back later.
_STATUS = {"RATE_LIMITED": 429, "TOO_MANY_SUBSCRIPTIONS": 429, "SERVICE_RESTARTING": 503}
_MEDIA = {media: ((b"content-type", f"{media}; charset=utf-8".encode()),) for media in (GRAPHQL, JSON)}


class GraphQLEndpoint:
    """Answers requests at the GraphQL endpoint; shows the GraphiQL page to browsers that ask for one."""

    def __init__(self, operations: Operations, max_body_bytes: int) -> None:
        self.operations = operations
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as an ASGI application of its own."""
        answer = await self.answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def answer(self, request: Request) -> ASGIApp:
        """The answer to one request."""
        accept = request.headers.get("accept")
        media = answer_in(accept, html=request.method == "GET")
        try:
            if request.method not in METHODS:
                raise BadRequest("use GET or POST", 405, "METHOD_NOT_ALLOWED", headers=_ALLOW)
            if media is None:
                raise BadRequest(f"the response is {JSON}, {GRAPHQL} or {EVENTS}", 406, "NOT_ACCEPTABLE")
            if media == HTML:
                return graphiql_response(request)
            if request.method == "GET":
                parsed = _from_query_string(request)
                allowed: tuple[OperationType, ...] = (OperationType.QUERY,)
            else:
                parsed = _from_body(await self._body(request))
                allowed = (OperationType.QUERY, OperationType.MUTATION)
            caller = caller_of(request)
            actor = await self._known(caller, parsed)
            if media == EVENTS or (takes_events(accept) and await self.operations.subscribes(parsed, caller.services)):
                after = request.headers.get("last-event-id")
                return await self._events(Asked(parsed, caller, actor, allowed, after), request.method)
        except BadRequest as error:
            if self.operations.metrics is not None:
                self.operations.metrics.refusal(error.code)
            return _refusal(error, media)
        except ClientDisconnect:
            return Response(status_code=400)
        outcome, extensions = await self.operations.run(parsed, caller, actor, allowed)
        return _response(outcome, media, request.method, extensions)

    async def _known(self, caller: Caller, parsed: GraphQLRequest) -> Actor:
        """The actor of the request; nobody where a dead token comes with an operation that only signs in."""
        try:
            return await caller.actor()
        except AuthenticationError as error:
            if error.reason is not Refusal.MALFORMED and await self.operations.runner.signs_in(
                parsed, caller.services.documents
            ):
                return ANONYMOUS
            details = error.details
            raise BadRequest(str(error), 401, error.code, headers=_CHALLENGE, details=details) from None
        except NotFromHere as error:
            raise BadRequest(str(error), 403, error.code) from None
        except Unavailable as error:
            raise BadRequest(str(error), 503, error.code) from None

    async def _events(self, asked: Asked, method: str) -> ASGIApp:
        """The answer as an event stream; where nothing can begin for now, one that tells so by its status."""
        begun = await stream_of(self.operations, asked)
        if not isinstance(begun, Outcome):
            return begun
        return _response(begun, JSON, method, None)

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
            parameters[name] = json_of(text.encode("utf-8", "surrogatepass"), f"parameter {name}")
        else:
            parameters.pop(name, None)
    return request_of(parameters)


def _from_body(body: bytes) -> GraphQLRequest:
    parameters = json_of(body, "body")
    if isinstance(parameters, list):
        raise BadRequest("operations are not taken in batches: send each in a request of its own")
    if not isinstance(parameters, dict):
        raise BadRequest("the body is a JSON object with the query in it")
    return request_of(parameters)


class Answer:
    """A response of JSON; Starlette's own Response spends more on its headers than we have to."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, body: bytes, status: int, media: str, *more: tuple[bytes, bytes]) -> None:
        self.body = body
        self.status = status
        self.headers = [*_HEADERS, *_MEDIA[media], (b"content-length", b"%d" % len(body)), *more]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


def _response(outcome: Outcome, media: str, method: str, extensions: dict[str, Any] | None) -> Answer:
    status, more = 200, []
    verdict = outcome.spending.verdict
    if verdict is not None:
        more += [(name.lower().encode(), value.encode()) for name, value in verdict.headers().items()]
    code = outcome.errors[0]["extensions"]["code"] if outcome.errors else None
    if code in _STATUS:
        status = _STATUS[code]
    elif code == "OPERATION_NOT_ALLOWED":
        status = 405 if method == "GET" else 400
        if method == "GET":
            more.append((b"allow", b"POST"))
    elif not outcome.executed and media == GRAPHQL:
        status = 400
    response = outcome.response()
    if extensions:
        response["extensions"] = extensions
    return Answer(encode(response), status, media, *more)


def _refusal(error: BadRequest, media: str | None) -> Answer:
    body = encode({"errors": [{"message": str(error), "extensions": {"code": error.code, **error.details}}]})
    return Answer(body, error.status, media if media == GRAPHQL else JSON, *error.headers)
