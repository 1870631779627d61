"""Values: the text of a CSV cell -> the text PostgreSQL reads, checked.

A converted value stays a text, in one canonical form for its type ("2011-02-24", "384.81", "true"; empty for none).
So it can be compared, hashed and written to COPY as it is, and most cells cost one look into a memo.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from imports.mapping.catalogue import NUMBERS, TIMES, Kind, Target
from imports.mapping.constants import checked_text, choice_text, constant_text, moment_text, noted, number_text, shown
from imports.mapping.structure import Constant, FieldSpec, FileFormat
from models.notation import phone_number

Parse = Callable[[str], str]
Value = TypeVar("Value")
ParseTime = Callable[[str], datetime]

# Cells that repeat (codes, dates, small numbers) are parsed once. The bound keeps memory constant.
MEMO_SIZE = 20_000


def memoized(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """`parse`, remembering what it made of the first MEMO_SIZE different texts. Errors are not remembered."""
    memo: dict[str, Value] = {}

    def remembered(text: str) -> Value:
        value = memo.get(text)
        if value is None:
            value = parse(text)
            if len(memo) < MEMO_SIZE:
                memo[text] = value
        return value

    return remembered


def parser(target: Target, spec: FieldSpec, form: FileFormat, values: dict[str, Constant] | None) -> Parse:
    """What turns a text that is not empty into a value of `target`; it raises ValueError saying what is expected."""
    if values is not None:
        parse = _mapped(target, values)
    elif target.kind in NUMBERS:
        parse = _number(target, form, spec.times if isinstance(spec.times, Decimal) else None)
    elif target.kind in TIMES:
        read = time_parser(spec, form, target.kind)
        render = time_text(target.kind)
        parse = lambda text: render(read(text))  # noqa: E731
    elif target.kind is Kind.BOOLEAN:
        parse = _boolean(form)
    elif target.kind is Kind.CHOICE:
        parse = lambda text: choice_text(target, text)  # noqa: E731
    elif target.phone:
        parse = _phone(spec.country)
    elif target.kind is Kind.REFERENCE:
        parse = str
    else:
        parse = lambda text: checked_text(target, text)  # noqa: E731
    if spec.remove:
        return _without(spec.remove, parse)
    return parse


def time_parser(spec: FieldSpec, form: FileFormat, kind: Kind) -> ParseTime:
    """What reads a date or a time in the field's own formats, else in the file's."""
    formats = _list(spec.format) or [*(_list(form.moment) if kind is Kind.MOMENT else ()), *_list(form.date)]
    zone = ZoneInfo(form.time_zone)
    wanted = " or ".join(formats)

    def parse(text: str) -> datetime:
        for pattern in formats:
            try:
                value = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is added below
            except ValueError:
                continue
            return value if value.tzinfo else value.replace(tzinfo=zone)
        what = "date" if kind is Kind.DATE else "time"
        raise ValueError(f"expected a {what} like {wanted}, got {shown(text)}")

    return parse


def time_text(kind: Kind) -> Callable[[datetime], str]:
    """How a date or a moment is written."""
    return moment_text if kind is Kind.MOMENT else lambda value: value.date().isoformat()


def shifted(value: datetime, *, months: int = 0, days: int = 0) -> datetime:
    """`value` moved by months or days; the 31st becomes the last day of a shorter month.

    Raises ValueError when that leaves the years 1 to 9999.
    """
    try:
        if days:
            return value + timedelta(days=days)
        index = value.year * 12 + value.month - 1 + months
        year, month = divmod(index, 12)
        day = min(value.day, monthrange(year, month + 1)[1])
        return value.replace(year=year, month=month + 1, day=day)
    except (OverflowError, ValueError, IndexError):
        raise ValueError(f"leaves the calendar: {months or days} {'days' if days else 'months'} from it") from None


def counted(text: str, form: FileFormat) -> int:
    """A whole number of months, days or records. Raises ValueError for another text."""
    number = decimal_of(text, form)
    if number != number.to_integral_value() or abs(number) > 1_000_000:
        raise ValueError(f"expected a whole number, got {shown(text)}")
    return int(number)


def decimal_of(text: str, form: FileFormat) -> Decimal:
    """A number written in the file's way. Raises ValueError for another text."""
    plain = text
    if form.thousands and form.thousands in plain:
        pattern = rf"[+-]?\d{{1,3}}(?:{re.escape(form.thousands)}\d{{3}})+(?:{re.escape(form.decimal)}\d*)?"
        if not re.fullmatch(pattern, plain):
            raise ValueError(f"expected a number such as {_example(form)}, got {shown(text)}")
        plain = plain.replace(form.thousands, "")
    if form.decimal == ",":
        if "." in plain:
            raise ValueError(f"expected a number such as {_example(form)}, got {shown(text)}")
        plain = plain.replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("nan")
    # Decimal also reads "1_000", full-width digits, "inf" and exponents that would fill the memory when written out.
    if not number.is_finite() or "_" in plain or not plain.isascii() or abs(number.adjusted()) > 40:
        raise ValueError(f"expected a number such as {_example(form)}, got {shown(text)}")
    return number


def later(value: str, limit: str) -> bool:
    """Whether a date or moment lies after another; a date and a moment are compared by their days."""
    if len(value) != len(limit) and 10 in (len(value), len(limit)):
        return value[:10] > limit[:10]
    return value > limit


def as_kind(value: str, kind: Kind) -> str:
    """The text of a date as that of a moment (midnight UTC), or the day of a moment."""
    if kind is Kind.DATE:
        return value[:10]
    return value if len(value) > 10 else f"{value}T00:00:00+00:00"


def _list(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _example(form: FileFormat) -> str:
    return f"1{form.thousands}234{form.decimal}50"


def _mapped(target: Target, values: dict[str, Constant]) -> Parse:
    kind = Target(target.name, Kind.TEXT) if target.kind is Kind.REFERENCE else target
    table = {key: constant_text(kind, value) for key, value in values.items()}
    rest = table.pop("*", None)
    known = ", ".join(repr(key) for key in list(table)[:20]) + (", …" if len(table) > 20 else "")

    def parse(text: str) -> str:
        value = table.get(text, rest)
        if value is None:
            raise ValueError(f"unknown value {shown(text)}; the map has {known}")
        return value

    return parse


def _number(target: Target, form: FileFormat, times: Decimal | None) -> Parse:
    def parse(text: str) -> str:
        number = decimal_of(text, form)
        return number_text(target, number if times is None else number * times)

    return parse


def _boolean(form: FileFormat) -> Parse:
    table = {text.lower(): "true" for text in form.yes} | {text.lower(): "false" for text in form.no}

    def parse(text: str) -> str:
        value = table.get(text.lower())
        if value is None:
            raise ValueError(f"expected one of {', '.join(table)}, got {shown(text)}")
        return value

    return parse


def _phone(country: str | None) -> Parse:
    notation = partial(phone_number, country=country)
    return lambda text: noted(notation, text)


def _without(parts: Sequence[str], parse: Parse) -> Parse:
    def stripped(text: str) -> str:
        for part in parts:
            text = text.replace(part, "")
        text = text.strip()
        return parse(text) if text else ""

    return stripped


__all__ = [
    "as_kind",
    "counted",
    "decimal_of",
    "later",
    "memoized",
    "parser",
    "shifted",
    "time_parser",
    "time_text",
]
