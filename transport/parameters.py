"""The parameters of a GraphQL request, as every transport gets them: a JSON object with the query in it."""

from typing import Any

import orjson

from execution.limits import MAX_JSON_DEPTH, nested_deeper
from execution.operations import GraphQLRequest
from execution.trusted.manifests import LONGEST_ID

Headers = tuple[tuple[bytes, bytes], ...]


class BadRequest(Exception):
    """A request that is none of GraphQL; `status` is the HTTP status to answer with."""

    def __init__(
        self,
        message: str,
        status: int = 400,
        code: str = "BAD_REQUEST",
        headers: Headers = (),
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers
        self.details = details or {}


def json_of(text: bytes, what: str) -> Any:
    """The value of a JSON text. Raises BadRequest, naming what it is the text of."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the {what} is not valid JSON in UTF-8: {error.msg}") from None


def request_of(parameters: dict[str, Any]) -> GraphQLRequest:
    """The request with these parameters. Raises BadRequest where one is not of its kind."""
    query = parameters.get("query")
    if query is not None and not isinstance(query, str):
        raise BadRequest("query: a string is required")
    variables = parameters.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("variables: a JSON object or null")
    if variables and nested_deeper(variables, MAX_JSON_DEPTH):
        raise BadRequest(f"variables: nested at most {MAX_JSON_DEPTH} levels deep")
    name = parameters.get("operationName")
    if name is not None and not isinstance(name, str):
        raise BadRequest("operationName: a string or null")
    extensions = parameters.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest("extensions: a JSON object or null")
    asked = extensions or {}
    document_id = _document_id(parameters, asked)
    if query is None and document_id is None:
        raise BadRequest("query: a string is required, or the hash or id of a trusted document")
    debug, cost = asked.get("debug") is True, asked.get("cost") is True
    return GraphQLRequest(query or "", variables or {}, name or None, debug, cost, document_id)


def _document_id(parameters: dict[str, Any], extensions: dict[str, Any]) -> str | None:
    """The hash or id of a trusted document, as Apollo's clients, Relay's, and the specification's appendix send it."""
    found: dict[str, str] = {}
    for name in ("documentId", "doc_id"):
        value = parameters.get(name)
        if value is not None:
            found[name] = _named(value, name)
    persisted = extensions.get("persistedQuery")
    if persisted is not None:
        name = "extensions.persistedQuery"
        if not isinstance(persisted, dict) or persisted.get("version") != 1:
            raise BadRequest(f"{name}: an object with version 1 and sha256Hash")
        found[name] = _named(persisted.get("sha256Hash"), f"{name}.sha256Hash")
    if len(set(found.values())) > 1:
        raise BadRequest(f"{' and '.join(found)} name different documents: send one")
    return next(iter(found.values()), None)


def _named(value: Any, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise BadRequest(f"{name}: a string of 1 to {LONGEST_ID} characters")
    return value.removeprefix("sha256:")
