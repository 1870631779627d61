"""What every table shares: the column helpers, the id, the version and the bookkeeping times.

A column's description is written once, here at the column. It becomes the database comment, the GraphQL
description and the line in the entity reference (docs/entities.md).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Computed,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from core.ids import new_id

# Constraint and index names are deterministic, so that migrations and models can be compared name by name.
SQLModel.metadata.naming_convention = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}


class Choice(StrEnum):
    """An enumeration stored as text and checked by the database; every value carries its description.

    Written as ``ACTIVE = auto(), "Cover is in force."``: the stored value is the member's name.
    """

    description: str

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: Sequence[Any]) -> str:
        return name

    def __new__(cls, value: str, description: str) -> Self:
        """Make a member that is a plain string with a description beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member


class ChoiceText(TypeDecorator[Choice]):
    """Text in the database, a member of `kind` in Python. `models/__init__` adds the CHECK constraint."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[Choice]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Choice | str | None, dialect: Dialect) -> str | None:
        """Store the plain text."""
        return None if value is None else str.__str__(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Choice | None:
        """Read the member back."""
        return None if value is None else self.kind(value)  # type: ignore[call-arg]


def utc_now() -> datetime:
    """The current moment as an aware UTC datetime."""
    return datetime.now(UTC)


def _field(description: str, sa_type: Any, *, nullable: bool, index: bool, unique: bool, **options: Any) -> Any:
    kwargs: dict[str, Any] = {"comment": description, **options.pop("sa_column_kwargs", {})}
    if "default" not in options and "default_factory" not in options and nullable:
        options["default"] = None
    return Field(
        description=description,
        sa_type=sa_type,
        nullable=nullable,
        index=index,
        unique=unique,
        sa_column_kwargs=kwargs,
        **options,
    )


def text(description: str, *, nullable: bool = False, index: bool = False, unique: bool = False, **options: Any) -> Any:
    """A text column."""
    return _field(description, Text, nullable=nullable, index=index, unique=unique, **options)


def texts(description: str, **options: Any) -> Any:
    """A column that holds a short list of texts (text[]); never null."""
    return _field(description, ARRAY(Text), nullable=False, index=False, unique=False, **options)


def binary(description: str, *, nullable: bool = False, **options: Any) -> Any:
    """A column of bytes."""
    return _field(description, LargeBinary, nullable=nullable, index=False, unique=False, **options)


# Marks the columns of a sealed value: nobody fills one without the others (core/sealing, models/sealed.py).
_SEALED = {"info": {"sealed": True}}


def sealed(description: str, *, nullable: bool = False) -> Any:
    """A value encrypted under its customer's key; the column's name ends with `_sealed`."""
    return binary(description, nullable=nullable, sa_column_kwargs=_SEALED)


def blind_index(description: str) -> Any:
    """The blind index of a sealed identifier, by which it is found; null once its customer is erased."""
    return text(description, nullable=True, sa_column_kwargs=_SEALED)


def masked(description: str, *, nullable: bool = False) -> Any:
    """What is shown in a sealed identifier's place, such as •••• 4711."""
    return text(description, nullable=nullable, sa_column_kwargs=_SEALED)


def loose_ids(description: str, **options: Any) -> Any:
    """A column that holds a list of ids without foreign keys (uuid[]); never null."""
    return _field(description, ARRAY(Uuid), nullable=False, index=False, unique=False, **options)


def digest(description: str) -> Any:
    """A column that holds a SHA-256 digest, 32 bytes."""
    return _field(description, LargeBinary, nullable=False, index=False, unique=False)


def choice(kind: type[Choice], description: str, *, nullable: bool = False, index: bool = False, **options: Any) -> Any:
    """A text column that holds one value of `kind`, which the database enforces."""
    return _field(description, ChoiceText(kind), nullable=nullable, index=index, unique=False, **options)


def business_number(prefix: str, table: str, description: str) -> Any:
    """The number people say, such as C-0004711: given by the database from a sequence of the table's own."""
    default = sql(f"c360_number('{prefix}', '{table}_number_seq'::regclass)")
    return _field(
        description,
        Text,
        nullable=False,
        index=False,
        unique=True,
        default="",
        sa_column_kwargs={"server_default": default},
    )


def index(*columns: str, where: str | None = None, unique: bool = False) -> Index:
    """An index over `columns`, named by the naming convention; `where` makes it partial."""
    return Index(None, *columns, postgresql_where=sql(where) if where else None, unique=unique)


def trigram_index(name: str, expression: str) -> Index:
    """An index that finds text by similarity or by part (pg_trgm)."""
    return Index(name, sql(f"({expression}) gin_trgm_ops"), postgresql_using="gin")


def suffix_index(name: str, column: str) -> Index:
    """An index that finds text by its end: a phone number by its last digits."""
    return Index(name, sql(f"reverse({column}) text_pattern_ops"))


def gin_index(column: str) -> Index:
    """An index that finds rows by a member of their array column."""
    return Index(None, column, postgresql_using="gin")


def computed(expression: str, description: str) -> Any:
    """A text column that the database computes from others in the row and stores."""
    return Field(
        description=description,
        sa_type=Text,
        default="",
        sa_column_args=[Computed(expression, persisted=True)],
        sa_column_kwargs={"comment": description},
    )


def integer(
    description: str,
    *,
    nullable: bool = False,
    index: bool = False,
    unique: bool = False,
    big: bool = False,
    **options: Any,
) -> Any:
    """An integer column (`big` for 64 bits)."""
    kind = BigInteger if big else Integer
    return _field(description, kind, nullable=nullable, index=index, unique=unique, **options)


def decimal(description: str, precision: int, scale: int, *, nullable: bool = False, **options: Any) -> Any:
    """An exact decimal column with `scale` digits after the point."""
    return _field(description, Numeric(precision, scale), nullable=nullable, index=False, unique=False, **options)


def money(description: str, *, nullable: bool = False, **options: Any) -> Any:
    """The amount of a sum of money, numeric(14,2); its currency stands in a column beside it (ISO 4217)."""
    return decimal(description, 14, 2, nullable=nullable, **options)


def flag(description: str, default: bool, **options: Any) -> Any:
    """A boolean column with a default."""
    return _field(description, Boolean, nullable=False, index=False, unique=False, default=default, **options)


def day(description: str, *, nullable: bool = False, index: bool = False, **options: Any) -> Any:
    """A calendar date column."""
    return _field(description, Date, nullable=nullable, index=index, unique=False, **options)


def moment(description: str, *, nullable: bool = False, index: bool = False, **options: Any) -> Any:
    """A point in time, stored with time zone and always read as UTC."""
    return _field(description, DateTime(timezone=True), nullable=nullable, index=index, unique=False, **options)


def loose_id(description: str, *, nullable: bool = False, **options: Any) -> Any:
    """An id without a foreign key: of a row whose table varies, or one that may be gone."""
    return _field(description, Uuid, nullable=nullable, index=False, unique=False, **options)


def document(description: str, **options: Any) -> Any:
    """A JSON object column for what has no column of its own; never null, empty by default."""
    return _field(
        description,
        JSONB,
        nullable=False,
        index=False,
        unique=False,
        default_factory=dict,
        sa_column_kwargs={"server_default": "{}"},
        **options,
    )


def ref(
    target: str,
    description: str,
    *,
    nullable: bool = False,
    index: bool = False,
    unique: bool = False,
    primary_key: bool = False,
) -> Any:
    """A foreign key to `target` ("customers.id")."""
    return _field(
        description,
        Uuid,
        nullable=nullable,
        index=index,
        unique=unique,
        foreign_key=target,
        primary_key=primary_key,
    )


class Identified(SQLModel):
    """A row with a time-ordered UUIDv7 of its own."""

    id: UUID = Field(
        default_factory=new_id,
        primary_key=True,
        description="The row's UUIDv7; the public id is this with the type's prefix.",
        sa_column_kwargs={"comment": "The row's UUIDv7; the public id is this with the type's prefix."},
    )


class Versioned(Identified):
    """A row that changes over time: counts its changes and keeps when it was made and last changed."""

    version: int = integer(
        "Number of the row's current state; grows by one with each change.",
        default=1,
        sa_column_kwargs={"server_default": "1"},
    )
    created_at: datetime = moment("When the record was made.", default_factory=utc_now)
    updated_at: datetime = moment("When the record was last changed.", default_factory=utc_now)


class Restrictable(SQLModel):
    """A row with data of customers, which is out of sight for most of the staff while one of them is restricted.

    A table with a list of all its rows needs `index("restricted")`: it is what the staff's count of them reads.
    """

    restricted: bool = flag(
        "Whether a customer the record belongs to is restricted; kept by the database.",
        False,
        sa_column_kwargs={"server_default": sql("false")},
    )


class CustomerOwned(Restrictable, Identified):
    """A row that belongs to one customer: the unit of scope, erasure and export."""

    customer_id: UUID = ref("customers.id", "The customer the record belongs to.")


__all__ = [
    "UUID",
    "Choice",
    "CustomerOwned",
    "Decimal",
    "Identified",
    "Restrictable",
    "Versioned",
    "binary",
    "blind_index",
    "business_number",
    "choice",
    "computed",
    "date",
    "datetime",
    "day",
    "decimal",
    "digest",
    "document",
    "flag",
    "gin_index",
    "index",
    "integer",
    "loose_id",
    "loose_ids",
    "masked",
    "moment",
    "money",
    "ref",
    "sealed",
    "suffix_index",
    "text",
    "texts",
    "trigram_index",
    "utc_now",
]
