"""The structure of a mapping file, as pydantic models. What the keys mean: docs/mapping-format.md."""

import codecs
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from imports.mapping.templates import Template, parse

# A plain TOML value. pydantic keeps the type a value came with, so `1` stays a number and "1" a text.
Constant = bool | int | Decimal | str | datetime | date

AttributeType = Literal["text", "integer", "decimal", "boolean", "date"]


def _one_character(value: str) -> str:
    if len(value) != 1:
        raise ValueError("expected one character")
    return value


def _template(value: str) -> str:
    parse(value)
    return value


Character = Annotated[str, AfterValidator(_one_character)]
TemplateText = Annotated[str, AfterValidator(_template)]


class Part(BaseModel):
    """A table of the mapping file; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileFormat(Part):
    """How the CSV is written."""

    delimiter: Character = ","
    quote: Character = '"'
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    date: str | list[str] = "%Y-%m-%d"
    moment: str | list[str] = "%Y-%m-%dT%H:%M:%S"
    time_zone: str = "UTC"
    trim: bool = True
    empty: list[str] = []
    yes: list[str] = ["true", "yes", "1"]
    no: list[str] = ["false", "no", "0"]
    ignore: list[str] = []

    @field_validator("encoding")
    @classmethod
    def _encoding_exists(cls, value: str) -> str:
        try:
            codecs.lookup(value)
        except LookupError:
            raise ValueError("expected the name of an encoding, such as utf-8 or cp1252") from None
        return value

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            raise ValueError("expected a time zone such as UTC or Europe/Berlin") from None
        return value

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.delimiter == self.quote:
            raise ValueError("delimiter and quote must be different characters")
        if self.thousands == self.decimal:
            raise ValueError("decimal and thousands must be different marks")
        return self


class Factor(Part):
    """A factor that depends on another column, such as premiums per year by the way of payment."""

    column: str
    map: Annotated[dict[str, Decimal], Field(min_length=1)]


class FieldSpec(Part):
    """Where one value comes from (exactly one origin) and what is done with it on the way."""

    # Origins.
    value: Constant | None = None
    column: str | None = None
    template: TemplateText | None = None
    record: str | None = None
    # What the text becomes.
    remove: list[str] = []
    map: str | dict[str, Constant] | None = None
    default: Constant | None = None
    format: str | list[str] | None = None
    times: Decimal | Factor | None = None
    months_before: str | int | None = None
    months_after: str | int | None = None
    days_before: str | int | None = None
    days_after: str | int | None = None
    not_before: str | None = None
    not_after: str | None = None
    country: str | None = None
    # Which row the text names.
    imported: str | None = None
    lookup: str | None = None
    # How it is kept.
    once: bool = False
    type: AttributeType | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = [name for name in ("value", "column", "template", "record") if getattr(self, name) is not None]
        if len(origins) != 1:
            raise ValueError("expected exactly one of value, column, template, record")
        if self.imported is not None and self.lookup is not None:
            raise ValueError("expected imported or lookup, not both")
        if sum(getattr(self, name) is not None for name in SHIFTS) > 1:
            raise ValueError(f"expected only one of {', '.join(SHIFTS)}")
        beside = self.model_fields_set - {origins[0], "once"}
        if self.record is not None and beside:
            raise ValueError("record takes no key beside it but once")
        if self.value is not None and not beside <= {"type", "imported", "lookup"}:
            raise ValueError("value takes no key beside it but once, type, imported or lookup")
        return self

    def columns(self) -> Iterator[str]:
        """The CSV columns the value is made from."""
        if self.column is not None:
            yield self.column
        if self.template is not None:
            yield from parse(self.template).columns()
        if isinstance(self.times, Factor):
            yield self.times.column
        for name in SHIFTS:
            amount = getattr(self, name)
            if isinstance(amount, str):
                yield amount


SHIFTS = ("months_before", "months_after", "days_before", "days_after")


class Condition(Part):
    """A test of one column; a record is made only if all of its conditions hold."""

    column: str
    filled: bool | None = None
    equals: str | None = None
    differs: str | None = None
    one_of: list[str] | None = None
    greater_than: Decimal | None = None
    less_than: Decimal | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if len(self.model_fields_set - {"column"}) != 1:
            raise ValueError("expected exactly one of filled, equals, differs, one_of, greater_than, less_than")
        return self


class Repeat(Part):
    """A column that says how many of a record a row stands for."""

    column: str
    default: Annotated[int, Field(ge=0)] | None = None
    at_most: Annotated[int, Field(ge=1, le=10_000)] = 100


class RecordSpec(Part):
    """One row of one table, made from one row of the CSV (or several, with `repeat`)."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
    table: str
    key: TemplateText
    when: list[Condition] = []
    repeat: Repeat | None = None
    fields: dict[str, FieldSpec]
    attributes: dict[str, FieldSpec] = {}

    def columns(self) -> Iterator[str]:
        """The CSV columns the record uses."""
        yield from parse(self.key).columns()
        for condition in self.when:
            yield condition.column
        if self.repeat is not None:
            yield self.repeat.column
        for spec in (*self.fields.values(), *self.attributes.values()):
            yield from spec.columns()

    def templates(self) -> Iterator[Template]:
        """All templates of the record."""
        yield parse(self.key)
        for spec in (*self.fields.values(), *self.attributes.values()):
            if spec.template is not None:
                yield parse(spec.template)


class Mapping(Part):
    """A whole mapping file."""

    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
    description: str = ""
    file: FileFormat = FileFormat()
    maps: dict[str, dict[str, Constant]] = {}
    references: dict[str, list[dict[str, Constant]]] = {}
    records: Annotated[list[RecordSpec], Field(min_length=1)]

    def columns(self) -> list[str]:
        """The CSV columns the mapping uses, each once, in the order of first use."""
        return list(dict.fromkeys(name for record in self.records for name in record.columns()))

    def map_of(self, spec: FieldSpec) -> dict[str, Constant] | None:
        """The value map of a field: its own or the named one. Raises KeyError for a name that is not there."""
        return self.maps[spec.map] if isinstance(spec.map, str) else spec.map
