"""Fields: a mapping's origin and modifiers, compiled for one file to a function from a row to a value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from imports.files import values
from imports.files.values import MEMO_SIZE
from imports.mapping.catalogue import TIMES, Kind, Target
from imports.mapping.constants import constant_text, shown
from imports.mapping.structure import SHIFTS, Factor, FieldSpec, FileFormat
from imports.mapping.structure import Mapping as MappingFile
from imports.mapping.templates import parse as parse_template

Cells = Sequence[str]

# What the records above made of the same row, by record and field position: values, or None for a record left out.
Above = Sequence[Sequence[str] | None]

# From the row's cells, the repetition's number and the records above to the value's text ("" for none).
Convert = Callable[[Cells, int, Above], str]


class BadValue(ValueError):
    """A cell that cannot become the value its field needs; `column` is the cell's."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of the file and the mapping they are read by: what compiling a field needs to know."""

    positions: Mapping[str, int]
    mapping: MappingFile

    @property
    def form(self) -> FileFormat:
        """How the file is written."""
        return self.mapping.file


@dataclass(frozen=True, slots=True)
class Limit:
    """A date of a record above that bounds another: the positions of its record and its field."""

    record: int
    field: int


def constant_of(spec: FieldSpec, target: Target) -> str | None:
    """The text of a constant field, or None when it depends on the row."""
    return None if spec.value is None else constant_text(target, spec.value)


def compile_field(spec: FieldSpec, target: Target, header: Header, limits: Mapping[str, Limit]) -> Convert:
    """The function that makes the field's value. It raises BadValue; `limits` resolves not_before and not_after."""
    columns = tuple(dict.fromkeys(spec.columns()))
    if isinstance(spec.times, Factor):
        convert = _multiplied(spec, spec.times, target, header)
    else:
        convert = _shifted(spec, target, header) if _shift_key(spec) else _plain(spec, target, header)
    if spec.default is not None:
        convert = _with_default(convert, constant_text(target, spec.default))
    if spec.not_before is not None or spec.not_after is not None:
        low = limits[spec.not_before] if spec.not_before else None
        high = limits[spec.not_after] if spec.not_after else None
        convert = _bounded(convert, target.kind, low, high)
    if target.required:
        convert = _required(convert, target, [(name, header.positions[name]) for name in columns])
    return convert


def _shift_key(spec: FieldSpec) -> str | None:
    return next((key for key in SHIFTS if getattr(spec, key) is not None), None)


def _plain(spec: FieldSpec, target: Target, header: Header) -> Convert:
    parse = values.memoized(values.parser(target, spec, header.form, header.mapping.map_of(spec)))
    if spec.column is not None:
        column = spec.column
        position = header.positions[column]

        def from_column(cells: Cells, number: int, above: Above) -> str:
            text = cells[position]
            if not text:
                return ""
            try:
                return parse(text)
            except ValueError as error:
                raise BadValue(column, str(error)) from None

        return from_column
    template = parse_template(spec.template or "")
    render = template.renderer(header.positions)
    named = ", ".join(template.columns())

    def from_template(cells: Cells, number: int, above: Above) -> str:
        text = render(cells, number)
        if not text:
            return ""
        try:
            return parse(text)
        except ValueError as error:
            raise BadValue(named, str(error)) from None

    return from_template


def _shifted(spec: FieldSpec, target: Target, header: Header) -> Convert:
    """A date counted from another: so many months or days before or after it."""
    key = _shift_key(spec) or ""
    amount = getattr(spec, key)
    sign = -1 if key.endswith("before") else 1
    months = key.startswith("months")
    base = _base(spec, header, target.kind)
    render = values.time_text(target.kind)
    names = ", ".join(spec.columns())
    count_position = header.positions[amount] if isinstance(amount, str) else -1
    memo: dict[tuple[str, str], str] = {}

    def moved(text: str, count_text: str) -> str:
        try:
            moment = base(text)
        except ValueError as error:
            raise BadValue(spec.column or names, str(error)) from None
        try:
            count = sign * (values.counted(count_text, header.form) if isinstance(amount, str) else amount)
            return render(values.shifted(moment, months=count if months else 0, days=0 if months else count))
        except ValueError as error:
            raise BadValue(amount if isinstance(amount, str) else names, str(error)) from None

    text_of = _text_of(spec, header)

    def convert(cells: Cells, number: int, above: Above) -> str:
        text = text_of(cells, number)
        count_text = cells[count_position] if count_position >= 0 else "-"
        if not text or not count_text:
            return ""
        value = memo.get((text, count_text))
        if value is None:
            value = moved(text, count_text)
            if len(memo) < MEMO_SIZE:
                memo[text, count_text] = value
        return value

    return convert


def _multiplied(spec: FieldSpec, factor: Factor, target: Target, header: Header) -> Convert:
    """A number times a factor that another column tells."""
    text_of = _text_of(spec, header)
    names = ", ".join(name for name in spec.columns() if name != factor.column)
    position = header.positions[factor.column]
    parsers = {
        key: values.memoized(values.parser(target, spec.model_copy(update={"times": number}), header.form, None))
        for key, number in factor.map.items()
    }

    def convert(cells: Cells, number: int, above: Above) -> str:
        text, key = text_of(cells, number), cells[position]
        if not text or not key:
            return ""
        parse = parsers.get(key)
        if parse is None:
            raise BadValue(factor.column, f"unknown value {shown(key)}; the map has {', '.join(map(repr, parsers))}")
        try:
            return parse(text)
        except ValueError as error:
            raise BadValue(names, str(error)) from None

    return convert


def _text_of(spec: FieldSpec, header: Header) -> Callable[[Cells, int], str]:
    if spec.column is not None:
        position = header.positions[spec.column]
        return lambda cells, number: cells[position]
    return parse_template(spec.template or "").renderer(header.positions)


def _base(spec: FieldSpec, header: Header, kind: Kind) -> values.ParseTime:
    """Reads the date that is counted from: a mapped constant or a date in the file's formats."""
    mapped = header.mapping.map_of(spec)
    if mapped is None and not spec.remove:
        return values.memoized(values.time_parser(spec, header.form, kind))
    # Mapped or cleaned texts come back in the canonical form, which reads back without loss.
    parse = values.parser(Target("date", kind), spec, header.form, mapped)
    return lambda text: datetime.fromisoformat(parse(text))


def _with_default(convert: Convert, default: str) -> Convert:
    return lambda cells, number, above: convert(cells, number, above) or default


def _bounded(convert: Convert, kind: Kind, low: Limit | None, high: Limit | None) -> Convert:
    """Keep a date within those of records above; a record left out or a date not given bounds nothing."""
    assert kind in TIMES

    def bounded(cells: Cells, number: int, above: Above) -> str:
        value = convert(cells, number, above)
        if not value:
            return value
        for limit, after in ((high, True), (low, False)):
            made = above[limit.record] if limit is not None else None
            bound = made[limit.field] if made is not None and limit is not None else ""
            if bound and (values.later(value, bound) if after else values.later(bound, value)):
                value = values.as_kind(bound, kind)
        return value

    return bounded


def _required(convert: Convert, target: Target, columns: list[tuple[str, int]]) -> Convert:
    def required(cells: Cells, number: int, above: Above) -> str:
        value = convert(cells, number, above)
        if value:
            return value
        empty = [name for name, position in columns if not cells[position]] or [name for name, _ in columns]
        raise BadValue(", ".join(empty), "is empty, but required")

    return required


__all__ = ["Above", "BadValue", "Cells", "Convert", "Header", "Limit", "compile_field", "constant_of"]
