"""Files to publish: plain GraphQL, a manifest of Apollo's persisted queries, or Relay's file of persisted queries."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from core.errors import StartError

APOLLO_FORMAT = "apollo-persisted-query-manifest"
APOLLO_VERSION = 1
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document to be published: its text, the id its manifest gives it, and where it stands, for messages."""

    body: str
    own_id: str | None
    place: str


def read(file: Path) -> list[Candidate]:
    """The documents of a file. A file that ends with .json is a manifest, any other is one document.

    Raises StartError when the file cannot be read or has another form.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise StartError(f"{file}: {error.strerror or error}") from None
    if file.suffix.lower() == ".json":
        return _manifest(file, data)
    try:
        return [Candidate(data.decode(), None, str(file))]
    except UnicodeDecodeError:
        raise StartError(f"{file}: a document is text in UTF-8") from None


def _manifest(file: Path, data: bytes) -> list[Candidate]:
    try:
        content = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise StartError(f"{file}: no JSON in UTF-8: {error.msg}") from None
    if not isinstance(content, dict) or not content:
        raise StartError(f"{file}: neither Apollo's manifest nor Relay's file of persisted queries")
    if isinstance(content.get("operations"), list):
        return _apollo(file, content)
    return [_candidate(own_id, body, f"{file}: {own_id}") for own_id, body in content.items()]


def _apollo(file: Path, manifest: dict[str, Any]) -> list[Candidate]:
    form, version = manifest.get("format"), manifest.get("version")
    if form != APOLLO_FORMAT or version != APOLLO_VERSION:
        raise StartError(f"{file}: expected {APOLLO_FORMAT} of version {APOLLO_VERSION}, got {form} of {version}")
    found = []
    for number, operation in enumerate(manifest["operations"], 1):
        place = f"{file}: operation {number}"
        if not isinstance(operation, dict):
            raise StartError(f"{place}: expected an object with id and body")
        if isinstance(operation.get("name"), str):
            place += f" ({operation['name']})"
        found.append(_candidate(operation.get("id"), operation.get("body"), place))
    return found


def _candidate(own_id: Any, body: Any, place: str) -> Candidate:
    if not isinstance(own_id, str) or not 0 < len(own_id) <= LONGEST_ID or not own_id.isprintable():
        raise StartError(f"{place}: an id has 1 to {LONGEST_ID} printable characters")
    if not isinstance(body, str):
        raise StartError(f"{place}: the text of the operation is missing")
    return Candidate(body, own_id, place)
