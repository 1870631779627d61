"""Reading a mapping file: TOML, then its structure, then whether it fits the tables."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.errors import StartError
from imports.mapping.checks import problems
from imports.mapping.structure import Condition, FieldSpec, FileFormat, Mapping, Part, RecordSpec, Repeat


def read(path: Path) -> Mapping:
    """The mapping in the file at `path`, known to be well formed and to fit the tables.

    Raises StartError with the file, the place in it and what is expected there.
    """
    try:
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        raise StartError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise StartError(f"{path}: a mapping file is written in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise StartError(f"{path}: not valid TOML: {error}") from None
    try:
        mapping = Mapping.model_validate(raw)
    except ValidationError as error:
        raise StartError(_several(path, [_line(detail, raw) for detail in error.errors(include_url=False)])) from None
    found = problems(mapping)
    if found:
        raise StartError(_several(path, found))
    return mapping


def _several(path: Path, lines: list[str]) -> str:
    distinct = list(dict.fromkeys(lines))
    more = f" (and {len(distinct) - 1} more)" if len(distinct) > 1 else ""
    return f"{path}: {distinct[0]}{more}"


def _line(detail: ErrorDetails, raw: Any) -> str:
    """One pydantic error in the words of the mapping file."""
    place = _place(detail["loc"], raw)
    if detail["type"] == "extra_forbidden":
        return f"{place}: unknown key; expected one of {', '.join(_known_keys(detail['loc']))}"
    if detail["type"] == "missing":
        return f"{place}: is missing"
    message = detail["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _place(location: tuple[int | str, ...], raw: Any) -> str:
    """A location as one would point at it: records "customer", fields.gender.column."""
    words: list[str] = []
    node = raw
    for step in location:
        known = isinstance(node, dict) and step in node
        node = node[step] if known or (isinstance(node, list) and isinstance(step, int)) else None
        if isinstance(step, int):
            name = node.get("name", node.get("code")) if isinstance(node, dict) else None
            words[-1] += f' "{name}",' if isinstance(name, str) else f"[{step + 1}],"
        elif known or (step == location[-1] and step not in _UNION_TAGS):
            words.append(step)
    text = ".".join(words)
    return text.replace(",.", ", ").rstrip(",")


# pydantic names the member of a union it tried; that is no key of the file.
_UNION_TAGS = {"str", "int", "bool", "decimal", "date", "datetime", "list[str]"}


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    part: type[Part] = Mapping
    if location[0] == "file":
        part = FileFormat
    elif location[0] == "records" and len(location) > 2:
        part = RecordSpec
        inner: dict[int | str, type[Part]] = {"when": Condition, "repeat": Repeat}
        if len(location) > 3:
            part = inner.get(location[2], FieldSpec)
    return list(part.model_fields)
