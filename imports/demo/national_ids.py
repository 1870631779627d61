"""National identification numbers that look right and belong to nobody.

Each has its country's form, and one thing in it that no number given to a person has: a first digit, serial, place,
prefix or check character that is reserved or not in use.
"""

from collections.abc import Callable
from datetime import date

from imports.demo.check_digits import ean, italian, mod_11_10, weighted
from imports.demo.dice import Dice
from imports.demo.moments import to_date
from imports.demo.names import mailbox
from imports.demo.world import Person
from models.customers import Gender


def national_id(dice: Dice, person: Person) -> str:
    """A number of the person's country, as it is written there."""
    return _FORMS[person.market.country](dice, person, to_date(person.birth))


def _german(dice: Dice, person: Person, birth: date) -> str:
    """Tax identification number: its first digit is never 0."""
    digits = f"0{dice.digits(9)}"
    return f"{digits[:2]} {digits[2:5]} {digits[5:8]} {digits[8:]}{mod_11_10(digits)}"


def _austrian(dice: Dice, person: Person, birth: date) -> str:
    """Social security number: the serial before the birth date never begins with 0."""
    check = 10
    while check == 10:  # such serials are left out
        serial = f"0{dice.digits(2)}"
        check = weighted(f"{serial}{birth:%d%m%y}", (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11
    return f"{serial}{check} {birth:%d%m%y}"


def _swiss(dice: Dice, person: Person, birth: date) -> str:
    """Social security number (AHV): with a check digit that is not the right one."""
    digits = f"756{dice.digits(9)}"
    wrong = (ean(digits) + dice.between(1, 9)) % 10
    return f"{digits[:3]}.{digits[3:7]}.{digits[7:11]}.{digits[11]}{wrong}"


def _french(dice: Dice, person: Person, birth: date) -> str:
    """Social security number (NIR): serials of births begin with 001."""
    sex = 2 if person.gender is Gender.FEMALE else 1
    place = f"{dice.between(21, 95)}{dice.between(1, 600):03}"
    key = 97 - int(f"{sex}{birth:%y%m}{place}000") % 97
    return f"{sex} {birth:%y %m} {place[:2]} {place[2:]} 000 {key:02}"


def _italian(dice: Dice, person: Person, birth: date) -> str:
    """Tax code (codice fiscale): Z000 is no place of birth."""
    day = birth.day + (40 if person.gender is Gender.FEMALE else 0)
    code = (
        f"{_letters(person.last_name, given=False)}{_letters(person.first_name, given=True)}"
        f"{birth:%y}{'ABCDEHLMPRST'[birth.month - 1]}{day:02}Z000"
    )
    return code + italian(code)


def _letters(name: str, *, given: bool) -> str:
    """Three letters of a name: consonants first, of a long given name the first, third and fourth."""
    plain = [c for c in mailbox(name).upper() if c.isalpha()]
    consonants = [c for c in plain if c not in "AEIOU"]
    if given and len(consonants) > 3:
        del consonants[1]
    return "".join([*consonants, *(c for c in plain if c in "AEIOU"), *"XXX"][:3])


def _spanish(dice: Dice, person: Person, birth: date) -> str:
    """Identity number (DNI): I, O and U are never its check letter."""
    return f"{dice.digits(8)}{dice.pick('IOU')}"


def _dutch(dice: Dice, person: Person, birth: date) -> str:
    """Citizen service number (BSN): with a last digit that fails the test by eleven."""
    digits = f"{dice.between(1, 9)}{dice.digits(7)}"
    right = weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return f"{digits}{(right + dice.between(1, 9)) % 10 if right < 10 else dice.digits(1)}"


def _british(dice: Dice, person: Person, birth: date) -> str:
    """National insurance number: the prefix QQ is for examples."""
    return f"QQ {dice.digits(2)} {dice.digits(2)} {dice.digits(2)} {dice.pick('ABCD')}"


def _irish(dice: Dice, person: Person, birth: date) -> str:
    """Personal public service number (PPS): X, Y and Z are never its check letter."""
    return f"{dice.digits(7)}{dice.pick('XYZ')}A"


_FORMS: dict[str, Callable[[Dice, Person, date], str]] = {
    "DE": _german,
    "AT": _austrian,
    "CH": _swiss,
    "FR": _french,
    "IT": _italian,
    "ES": _spanish,
    "NL": _dutch,
    "GB": _british,
    "IE": _irish,
}
