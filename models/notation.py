"""Notations: the one way in which contact points, account numbers and codes are written here.

Whatever comes in, by a mutation or from a file, goes through the same rules. Each takes a text and returns it as it is
stored, or raises ValueError saying what is expected; no message shows the text itself, for it may tell of a person.
"""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import iban
from stdnum.exceptions import ValidationError

_COUNTRY = re.compile("[A-Z]{2}")
_CURRENCY = re.compile("[A-Z]{3}")
# Language, script and region of BCP 47; variants and extensions say nothing to an insurer.
_LANGUAGE = re.compile("[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


def plain_text(text: str) -> str:
    """A text with its characters composed (NFC), and no control characters but tabs and ends of lines."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in text):
        raise ValueError("this has control characters in it")
    return unicodedata.normalize("NFC", text)


def phone_number(text: str, country: str | None = None) -> str:
    """A phone number in E.164 notation; one without a country code is taken as dialled in `country`."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        wanted = "a phone number" if country else "a phone number with its country code, such as +4915123456789"
        raise ValueError(f"expected {wanted}")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email_address(text: str) -> str:
    """An e-mail address with its domain in lower case. Nobody is asked whether the mailbox exists."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise ValueError("expected an e-mail address, such as someone@example.com") from None


def account_number(text: str) -> str:
    """An IBAN without spaces, whose check digits and length are right for its country."""
    try:
        return str(iban.validate(text))
    except ValidationError:
        raise ValueError("expected an IBAN whose check digits are right") from None


def country_code(text: str) -> str:
    """A country: ISO 3166-1 alpha-2."""
    return _matching(_COUNTRY, text, "a country as two capital letters, such as DE")


def currency_code(text: str) -> str:
    """A currency: ISO 4217."""
    return _matching(_CURRENCY, text, "a currency as three capital letters, such as EUR")


def language_tag(text: str) -> str:
    """A language: BCP 47."""
    return _matching(_LANGUAGE, text, "a language, such as de or en-GB")


def _matching(pattern: re.Pattern[str], text: str, wanted: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"expected {wanted}")
    return text
