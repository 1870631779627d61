"""Scalars: the value types of the graph, each with its notation and its source."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

Email = NewType("Email", str)
PhoneNumber = NewType("PhoneNumber", str)
CountryCode = NewType("CountryCode", str)
CurrencyCode = NewType("CurrencyCode", str)
LanguageTag = NewType("LanguageTag", str)
Json = NewType("Json", object)


def _date_time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parse_date_time(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("a DateTime is written as a string, such as 2026-11-01T09:30:00Z")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("a DateTime is written as in RFC 3339, such as 2026-11-01T09:30:00Z") from None
    if moment.tzinfo is None:
        raise ValueError("a DateTime has a time zone, such as 2026-11-01T09:30:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("this DateTime lies outside the years 1 to 9999") from None


def _parse_date(value: Any) -> date:
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("a Date is written as YYYY-MM-DD, such as 2026-11-01")


def _parse_decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('a Decimal is written as a string or a number, such as "1234.50"')
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError('a Decimal is written in digits with a point, such as "1234.50"') from None
    if not number.is_finite() or number.adjusted() > 30:
        raise ValueError("this Decimal is not a finite number of acceptable size")
    return number


def _plain_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a string")
    return value


def _text_scalar(name: str, description: str, url: str | None = None) -> ScalarDefinition:
    return strawberry.scalar(
        name=name, description=description, specified_by_url=url, serialize=str, parse_value=_plain_text
    )


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A point in time in UTC (RFC 3339), such as `2026-11-01T09:30:00Z`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_date_time,
        parse_value=_parse_date_time,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar date (ISO 8601), such as `2026-11-01`.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        serialize=date.isoformat,
        parse_value=_parse_date,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number, written as a string so that no digit is lost, such as `"1234.50"`.',
        serialize=str,
        parse_value=_parse_decimal,
    ),
    Email: _text_scalar(
        "Email",
        "An e-mail address, such as `someone@example.com`.",
        "https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1",
    ),
    PhoneNumber: _text_scalar(
        "PhoneNumber", "A phone number in E.164 notation, such as `+4930901820`.", "https://www.itu.int/rec/T-REC-E.164"
    ),
    CountryCode: _text_scalar(
        "CountryCode", "A country: ISO 3166-1 alpha-2, such as `DE`.", "https://www.iso.org/iso-3166-country-codes.html"
    ),
    CurrencyCode: _text_scalar(
        "CurrencyCode", "A currency: ISO 4217, such as `EUR`.", "https://www.iso.org/iso-4217-currency-codes.html"
    ),
    LanguageTag: _text_scalar(
        "LanguageTag", "A language: BCP 47, such as `de` or `en-GB`.", "https://www.rfc-editor.org/info/bcp47"
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="A JSON object: facts that have no field of their own.",
        specified_by_url="https://ecma-international.org/wp-content/uploads/ECMA-404_2nd_edition_december_2017.pdf",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}


@strawberry.type(description="A sum of money.")
class Money:
    """An amount with its currency."""

    __permission__ = "inherited"

    amount: Decimal = strawberry.field(description="The amount, exact, with the currency's decimals.")
    currency: CurrencyCode = strawberry.field(description="The currency of the amount.")
