"""What a mapping may name: the importable tables and their columns, read off the models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any

from annotated_types import Ge, Le, MaxLen
from sqlalchemy import Boolean, Column, Date, DateTime, Integer, Numeric, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

import models
from models.base import ChoiceText
from models.notation import country_code, currency_code, email_address, language_tag, plain_text

# A list, not "every table": what the service alone may write (events, users, audit entries) must not become
# importable by being added to the models.
IMPORTABLE = (
    "customers",
    "customer_identifiers",
    "addresses",
    "phones",
    "emails",
    "relationships",
    "households",
    "household_members",
    "product_categories",
    "products",
    "teams",
    "agents",
    "partners",
    "contracts",
    "contract_parties",
    "payments",
    "orders",
    "claims",
    "claim_notes",
    "claim_documents",
    "claim_payments",
    "interactions",
    "complaints",
)

# Kept by the service or given by the database; never taken from a file.
_MANAGED = {"id", "version", "updated_at", "number", "restricted", "restricted_at", "restriction_reason"}

# Columns whose texts have one notation, the same in every table; else any text is taken as it is.
_NOTATIONS: Mapping[str, Callable[[str], str]] = {
    "currency": currency_code,
    "country": country_code,
    "nationality": country_code,
    "language": language_tag,
}
_ADDRESS = ("emails", "address")


class Kind(Enum):
    """What kind of value a column takes."""

    TEXT = auto()
    CHOICE = auto()
    INTEGER = auto()
    DECIMAL = auto()
    BOOLEAN = auto()
    DATE = auto()
    MOMENT = auto()
    REFERENCE = auto()


NUMBERS = (Kind.INTEGER, Kind.DECIMAL)
TIMES = (Kind.DATE, Kind.MOMENT)


@dataclass(frozen=True, slots=True)
class Target:
    """A column that can be filled: what it takes and whether it must be given."""

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    precision: int = 14
    scale: int = 2
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    notation: Callable[[str], str] = plain_text
    phone: bool = False
    target: str | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """An importable table."""

    name: str
    targets: dict[str, Target]
    has_attributes: bool
    versioned: bool
    owned: bool
    numbered: bool
    bookkeeping: tuple[str, ...]
    defaults: dict[str, Any]


def _bounds(table: str, column: str) -> dict[str, int]:
    found: dict[str, int] = {}
    info = _class_of(table).model_fields.get(column)
    for rule in info.metadata if info is not None else ():
        if isinstance(rule, MaxLen):
            found["max_length"] = rule.max_length
        elif isinstance(rule, Ge):
            found["minimum"] = int(str(rule.ge))
        elif isinstance(rule, Le):
            found["maximum"] = int(str(rule.le))
    return found


@cache
def _classes() -> dict[str, type[SQLModel]]:
    return {mapper.local_table.name: mapper.class_ for mapper in SQLModel._sa_registry.mappers}  # type: ignore[attr-defined]


def _class_of(table: str) -> type[SQLModel]:
    return _classes()[table]


def _kind(column: Column[Any]) -> Kind:
    if column.foreign_keys:
        return Kind.REFERENCE
    kinds: tuple[tuple[type, Kind], ...] = (
        (ChoiceText, Kind.CHOICE),
        (Boolean, Kind.BOOLEAN),
        (DateTime, Kind.MOMENT),
        (Date, Kind.DATE),
        (Integer, Kind.INTEGER),
        (Numeric, Kind.DECIMAL),
    )
    return next((kind for type_, kind in kinds if isinstance(column.type, type_)), Kind.TEXT)


def _target(table: Table, column: Column[Any]) -> Target:
    kind = _kind(column)
    details: dict[str, Any] = _bounds(table.name, column.name)
    if isinstance(column.type, ChoiceText):
        details["choices"] = tuple(member.value for member in column.type.kind)
    if isinstance(column.type, Numeric):
        details.update(precision=column.type.precision or 14, scale=column.type.scale or 0)
    if kind is Kind.REFERENCE:
        details["target"] = next(iter(column.foreign_keys)).column.table.name
    return Target(
        name=column.name,
        kind=kind,
        required=not column.nullable and column.default is None and column.server_default is None,
        notation=email_address if (table.name, column.name) == _ADDRESS else _NOTATIONS.get(column.name, plain_text),
        phone=(table.name, column.name) == ("phones", "e164"),
        unique=bool(column.unique),
        **details,
    )


def _is_bookkeeping(column: Column[Any]) -> bool:
    # `created_at` of a note is when it was written, a fact of the file; elsewhere it is when the record was made here.
    return column.name in ("created_at", "updated_at") and column.default is not None


@cache
def entity(name: str) -> Entity:
    """An importable table by its name.

    Raises KeyError when there is none, or it cannot be imported into.
    """
    if name not in IMPORTABLE:
        raise KeyError(name)
    table = models.metadata.tables[name]
    plain = [
        column
        for column in table.columns
        if column.computed is None and not isinstance(column.type, JSONB) and "sealed" not in column.info
    ]
    bookkeeping = tuple(column.name for column in plain if _is_bookkeeping(column))
    targets = {
        column.name: _target(table, column)
        for column in plain
        if column.name not in _MANAGED and column.name not in bookkeeping
    }
    defaults = {
        column.name: column.default.arg  # type: ignore[attr-defined]
        for column in plain
        if column.name in targets and column.default is not None and column.default.is_scalar
    }
    return Entity(
        name=name,
        targets=targets,
        has_attributes="attributes" in table.columns,
        versioned="version" in table.columns,
        owned="customer_id" in table.columns,
        numbered="number" in table.columns,
        bookkeeping=bookkeeping,
        defaults=defaults,
    )


def lookup_column(path: str) -> tuple[str, str]:
    """The table and the unique column a lookup such as `products.code` names.

    Raises ValueError when it is not a unique text column of an importable table.
    """
    name, _, column = path.partition(".")
    if name not in IMPORTABLE:
        raise ValueError(f"unknown table {name!r}; expected table.column, such as products.code")
    unique = [c.name for c in models.metadata.tables[name].columns if c.unique and not c.foreign_keys]
    if column not in unique:
        raise ValueError(f"expected a unique column of {name} ({', '.join(unique) or 'it has none'}), got {column!r}")
    return name, column
