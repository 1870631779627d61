"""Constants of a mapping file, as the text PostgreSQL reads for the column they go to."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from imports.mapping.catalogue import Kind, Target
from imports.mapping.structure import Constant


def constant_text(target: Target, value: Constant) -> str:
    """`value` as the text of a value of `target`.

    Raises ValueError saying what is expected when it is of another type or not one of the column's values.
    """
    match target.kind:
        case Kind.CHOICE:
            return choice_text(target, value)
        case Kind.BOOLEAN:
            if isinstance(value, bool):
                return "true" if value else "false"
            raise ValueError(f"expected true or false, got {value!r}")
        case Kind.INTEGER | Kind.DECIMAL:
            if isinstance(value, bool) or not isinstance(value, int | Decimal):
                raise ValueError(f"expected a number, got {value!r}")
            return number_text(target, Decimal(value))
        case Kind.DATE | Kind.MOMENT:
            return _time_text(target, value)
        case _:
            if isinstance(value, str) and value:
                return checked_text(target, value)
            raise ValueError(f"expected a text, got {value!r}")


def choice_text(target: Target, value: object) -> str:
    """One of the values of an enumerated column. Raises ValueError naming them for another."""
    if isinstance(value, str) and value in target.choices:
        return value
    raise ValueError(f"expected one of {', '.join(target.choices)}, got {shown(value)}")


def checked_text(target: Target, value: str) -> str:
    """A text in the column's notation that fits its length. Raises ValueError when it does not."""
    value = noted(target.notation, value)
    if target.max_length is not None and len(value) > target.max_length:
        raise ValueError(f"expected at most {target.max_length} characters, got {shown(value)}")
    return value


def noted(notation: Callable[[str], str], value: str) -> str:
    """A text in a notation of models/notation.py. Raises ValueError with the reason and, for the rejects, the text."""
    try:
        return notation(value)
    except ValueError as error:
        raise ValueError(f"{error}, got {shown(value)}") from None


def number_text(target: Target, number: Decimal) -> str:
    """A number with the column's digits, rounded half up. Raises ValueError when it is out of the column's range."""
    if not number.is_finite():
        raise ValueError(f"expected a number, got {number}")
    if target.kind is Kind.INTEGER:
        if number != number.to_integral_value():
            raise ValueError(f"expected a whole number, got {shown(format(number, 'f'))}")
        low = -(2**31) if target.minimum is None else target.minimum
        high = 2**31 - 1 if target.maximum is None else target.maximum
        if not low <= number <= high:
            raise ValueError(f"expected a number from {low} to {high}, got {shown(format(number, 'f'))}")
        return str(int(number))
    limit = Decimal(10) ** (target.precision - target.scale)
    if not -limit < number < limit:
        raise ValueError(f"expected a number below {limit:f}, got {shown(str(number))}")
    rounded = number.quantize(Decimal(1).scaleb(-target.scale), ROUND_HALF_UP)
    if abs(rounded) >= limit:
        raise ValueError(f"expected a number below {limit:f}, got {shown(str(number))}")
    return format(rounded, "f")


def moment_text(value: datetime) -> str:
    """A moment in UTC, in the one form in which moments can be compared as texts."""
    return value.astimezone(UTC).isoformat()


def shown(value: object) -> str:
    """A value as it is shown in a message: quoted, and cut when long."""
    text = str(value)
    return repr(text if len(text) <= 60 else text[:57] + "…")


def _time_text(target: Target, value: Constant) -> str:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"expected a date such as 2024-12-31, got {shown(value)}") from None
    if target.kind is Kind.DATE:
        if isinstance(value, date) and (not isinstance(value, datetime) or value.time() == datetime.min.time()):
            return (value.date() if isinstance(value, datetime) else value).isoformat()
        raise ValueError(f"expected a date such as 2024-12-31, got {value!r}")
    if isinstance(value, datetime):
        return moment_text(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return moment_text(datetime(value.year, value.month, value.day, tzinfo=UTC))
    raise ValueError(f"expected a time such as 2024-12-31T08:30:00Z, got {value!r}")
