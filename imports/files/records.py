"""Records: a mapping compiled for a file's header, and what it makes of a row."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from core.workflow import Workflow
from imports.files import rules, values
from imports.files.fields import Above, BadValue, Cells, Convert, Header, Limit, compile_field, constant_of
from imports.files.rules import RowCheck
from imports.files.table import Reason, Row
from imports.mapping.catalogue import Entity, Kind, entity, lookup_column
from imports.mapping.checks import attribute_target
from imports.mapping.constants import constant_text, shown
from imports.mapping.structure import Condition, FieldSpec, FileFormat, RecordSpec
from imports.mapping.structure import Mapping as MappingFile
from imports.mapping.templates import Render
from imports.mapping.templates import parse as parse_template

Test = Callable[[Cells], bool]


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that holds another row's id: a record of the same row, an imported row, or one found by its code."""

    position: int
    field: str
    column: str
    required: bool
    record: int | None = None
    imported: str | None = None
    lookup: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CompiledRecord:
    """A record of the mapping, ready to be made from rows. Values stand in the order of `columns`."""

    index: int
    name: str
    entity: Entity
    columns: tuple[str, ...]
    constants: tuple[str, ...]
    converts: tuple[tuple[int, Convert], ...]
    references: tuple[Reference, ...]
    key: Render
    key_columns: str
    tests: tuple[Test, ...]
    repeat: Callable[[Cells], int] | None
    kept: tuple[int, ...]
    attribute_names: tuple[str, ...]
    digest_start: bytes
    defaults: tuple[tuple[str, str], ...]
    customer: int | None
    is_customer: bool
    derived: tuple[tuple[int, int, Callable[[str], str]], ...]
    checks: tuple[RowCheck, ...]
    states: tuple[tuple[str, int, Workflow[Any]], ...]

    @property
    def table(self) -> str:
        """The table its rows go to."""
        return self.entity.name

    def position(self, column: str) -> int | None:
        """Where a column's value stands, or None when the mapping does not fill it."""
        return self.columns.index(column) if column in self.columns else None


@dataclass(slots=True)
class Made:
    """A record made from a row: its key in the source, its values (references still as keys) and their digest."""

    record: CompiledRecord
    key: str
    values: list[str]
    digest: str


@dataclass(slots=True)
class ConvertedRow:
    """A row of the CSV and the records made from it; `by_record` finds those that are made once, by their index."""

    row: Row
    made: list[Made]
    by_record: list[Made | None]


class Plan:
    """A mapping compiled for a file's header: `convert` makes records of a row."""

    def __init__(self, mapping: MappingFile, header: Sequence[str]) -> None:
        self.mapping = mapping
        self._header = Header({name: position for position, name in enumerate(header)}, mapping)
        self.records: list[CompiledRecord] = []
        for spec in mapping.records:
            self.records.append(self._compile(spec))
        self._empty = frozenset(mapping.file.empty)
        self._trim = mapping.file.trim

    def convert(self, row: Row) -> ConvertedRow:
        """Make the row's records. What is wrong with a cell is added to the row's reasons; nothing is raised."""
        by_record: list[Made | None] = [None] * len(self.records)
        made: list[Made] = []
        converted = ConvertedRow(row, made, by_record)
        if row.reasons:
            return converted
        cells = [cell.strip() for cell in row.cells] if self._trim else row.cells
        if self._empty:
            cells = ["" if cell in self._empty else cell for cell in cells]
        above: list[Sequence[str] | None] = [None] * len(self.records)
        for record in self.records:
            try:
                if not all(test(cells) for test in record.tests):
                    continue
                times = record.repeat(cells) if record.repeat is not None else 1
            except BadValue as error:
                row.reasons.append(Reason(error.column, str(error)))
                continue
            for number in range(1, times + 1):
                one = self._make(record, row, cells, number, above, by_record)
                made.append(one)
                if record.repeat is None:
                    above[record.index] = one.values
                    by_record[record.index] = one
        return converted

    def _make(
        self,
        record: CompiledRecord,
        row: Row,
        cells: Cells,
        number: int,
        above: Above,
        by_record: Sequence[Made | None],
    ) -> Made:
        made = list(record.constants)
        for position, convert in record.converts:
            try:
                made[position] = convert(cells, number, above)
            except BadValue as error:
                row.reasons.append(Reason(error.column, str(error)))
        for position, source, make in record.derived:
            made[position] = make(made[source])
        if not row.reasons:
            for check in record.checks:
                if (problem := check(made)) is not None:
                    row.reasons.append(Reason("", f"{record.name}.{problem[0]}: {problem[1]}"))
        key = record.key(cells, number)
        if not key:
            row.reasons.append(Reason(record.key_columns, f"is empty, and it is the key of {record.name}"))
        for reference in record.references:
            if reference.record is not None:
                other = by_record[reference.record]
                made[reference.position] = other.key if other is not None else ""
                if other is None and reference.required and not row.reasons:
                    name = self.records[reference.record].name
                    row.reasons.append(Reason("", f"{record.name} needs {name}, which is not made from this row"))
        return Made(record, key, made, _digest(record, made))

    def _compile(self, spec: RecordSpec) -> CompiledRecord:
        kind = entity(spec.table)
        derived = rules.derived(spec.table, tuple(spec.fields))
        columns = (*spec.fields, *(one.column for one in derived), *(("attributes",) if spec.attributes else ()))
        constants = [""] * len(columns)
        converts: list[tuple[int, Convert]] = []
        references: list[Reference] = []
        limits = self._limits()
        for position, (name, field) in enumerate(spec.fields.items()):
            target = kind.targets[name]
            if target.kind is Kind.REFERENCE:
                references.append(self._reference(position, field, target.required, name))
            constant = constant_of(field, target)
            if constant is not None:
                constants[position] = constant
            elif field.record is None:
                converts.append((position, compile_field(field, target, self._header, limits)))
        if spec.attributes:
            converts.append((len(columns) - 1, self._attributes(spec.attributes, limits)))
        once = {name for name, field in spec.fields.items() if field.once}
        # What follows from a column that is left alone is left alone, too.
        once |= {one.column for one in derived if one.source in once}
        kept = tuple(position for position, name in enumerate(columns) if name in once)
        changing = [name for position, name in enumerate(columns) if position not in kept]
        return CompiledRecord(
            index=len(self.records),
            name=spec.name,
            entity=kind,
            columns=columns,
            constants=tuple(constants),
            converts=tuple(converts),
            references=tuple(references),
            key=parse_template(spec.key).renderer(self._header.positions),
            key_columns=", ".join(parse_template(spec.key).columns()),
            tests=tuple(self._test(condition) for condition in spec.when),
            repeat=self._repeat(spec),
            kept=kept,
            attribute_names=tuple(spec.attributes),
            digest_start="\0".join((spec.table, *changing, "")).encode(),
            defaults=tuple(
                (name, constant_text(kind.targets[name], value))
                for name, value in kind.defaults.items()
                if name not in spec.fields
            ),
            customer=columns.index("customer_id") if "customer_id" in columns else None,
            is_customer=spec.table == "customers",
            derived=tuple((columns.index(one.column), columns.index(one.source), one.make) for one in derived),
            checks=rules.row_checks(spec.table, columns),
            states=tuple(
                (name, columns.index(name), workflow)
                for name, workflow in rules.workflows_of(spec.table).items()
                if name in columns and name not in once
            ),
        )

    def _limits(self) -> dict[str, Limit]:
        return {
            f"{record.name}.{column}": Limit(record.index, position)
            for record in self.records
            for position, column in enumerate(record.columns)
        }

    def _reference(self, position: int, field: FieldSpec, required: bool, name: str) -> Reference:
        names = {record.name: record.index for record in self.records}
        return Reference(
            position=position,
            field=name,
            column=", ".join(field.columns()),
            required=required,
            record=names[field.record] if field.record is not None else None,
            imported=field.imported,
            lookup=lookup_column(field.lookup) if field.lookup is not None else None,
        )

    def _attributes(self, specs: Mapping[str, FieldSpec], limits: Mapping[str, Limit]) -> Convert:
        """A function that makes the JSON object of the attributes; an attribute without a value is left out."""
        parts: list[tuple[str, Convert]] = []
        for name, spec in specs.items():
            target = attribute_target(name, spec)
            constant = constant_of(spec, target)
            start = f"{orjson.dumps(name).decode()}:"
            convert = _constantly(constant) if constant is not None else None
            convert = convert or compile_field(spec, target, self._header, limits)
            parts.append((start, _as_json(convert, target.kind)))

        def attributes(cells: Cells, number: int, above: Above) -> str:
            texts = [start + text for start, convert in parts if (text := convert(cells, number, above))]
            return "{" + ",".join(texts) + "}"

        return attributes

    def _test(self, condition: Condition) -> Test:
        position = self._header.positions[condition.column]
        if condition.filled is not None:
            wanted = condition.filled
            return lambda cells: bool(cells[position]) is wanted
        if condition.equals is not None:
            return lambda cells: cells[position] == condition.equals
        if condition.differs is not None:
            return lambda cells: cells[position] != condition.differs
        if condition.one_of is not None:
            members = frozenset(condition.one_of)
            return lambda cells: cells[position] in members
        number = _number_in(condition.column, position, self._header.form)
        if condition.greater_than is not None:
            low = condition.greater_than
            return lambda cells: (value := number(cells)) is not None and value > low
        high = condition.less_than
        return lambda cells: (value := number(cells)) is not None and high is not None and value < high

    def _repeat(self, spec: RecordSpec) -> Callable[[Cells], int] | None:
        repeat = spec.repeat
        if repeat is None:
            return None
        position = self._header.positions[repeat.column]

        def times(cells: Cells) -> int:
            text = cells[position]
            if not text:
                if repeat.default is None:
                    raise BadValue(repeat.column, f"is empty, and it says how many {spec.name} there are")
                return repeat.default
            try:
                count = values.counted(text, self._header.form)
            except ValueError as error:
                raise BadValue(repeat.column, str(error)) from None
            if not 0 <= count <= repeat.at_most:
                raise BadValue(repeat.column, f"expected a number from 0 to {repeat.at_most}, got {shown(text)}")
            return count

        return times


def _number_in(column: str, position: int, form: FileFormat) -> Callable[[Cells], Decimal | None]:
    def number(cells: Cells) -> Decimal | None:
        text = cells[position]
        try:
            return values.decimal_of(text, form) if text else None
        except ValueError as error:
            raise BadValue(column, str(error)) from None

    return number


def _digest(record: CompiledRecord, made: Sequence[str]) -> str:
    """SHA-256 of the values a later import may change, with their columns' names.

    Values hold no NUL (such rows are refused), so joining them with NUL is unambiguous.
    """
    changing = made
    if record.kept:
        changing = list(made)
        for position in record.kept:
            changing[position] = ""
    return hashlib.sha256(record.digest_start + "\0".join(changing).encode()).hexdigest()


def _constantly(text: str) -> Convert:
    return lambda cells, number, above: text


def _as_json(convert: Convert, kind: Kind) -> Convert:
    if kind is Kind.DECIMAL:

        def plain(cells: Cells, number: int, above: Above) -> str:
            text = convert(cells, number, above)
            return text.rstrip("0").rstrip(".") if "." in text else text

        return plain
    if kind in (Kind.INTEGER, Kind.BOOLEAN):
        return convert
    quote = values.memoized(lambda text: orjson.dumps(text).decode())

    def quoted(cells: Cells, number: int, above: Above) -> str:
        text = convert(cells, number, above)
        return quote(text) if text else ""

    return quoted
