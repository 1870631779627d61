"""The demo world's sensitive values look right, and belong to nobody."""

import re
from collections.abc import Callable
from typing import Any, LiteralString

import psycopg
import pytest

from imports import demo
from imports.demo.bank_accounts import new_iban
from imports.demo.check_digits import ean, italian, mod_11_10, weighted
from imports.demo.countries import MARKETS
from imports.demo.dice import Dice
from tests.keys import keyring_in
from tests.sealing.stored import opened

COUNTRIES = sorted({market.country for market in MARKETS.values()})

# The account number's form, from the IBAN registry, with the bank codes that no bank has.
_ACCOUNTS = {
    "AT": r"99999\d{11}",
    "CH": r"99999\d{12}",
    "DE": r"99999999\d{10}",
    "ES": r"9999\d{4}\d{2}\d{10}",
    "FR": r"99999\d{5}\d{11}\d{2}",
    "GB": r"DEMO999999\d{8}",
    "IE": r"DEMO999999\d{8}",
    "IT": r"[A-Z]99999\d{5}\d{12}",
    "NL": r"DEMO\d{10}",
}


@pytest.mark.parametrize("country", COUNTRIES)
def test_ibans_have_their_countrys_form_and_right_check_digits(country: str) -> None:
    dice = Dice(f"ibans of {country}")
    numbers = {new_iban(dice, country) for _ in range(500)}
    assert len(numbers) > 490
    for number in numbers:
        assert re.fullmatch(rf"{country}\d\d{_ACCOUNTS[country]}", number), number
        rearranged = number[4:] + number[:4]
        assert int("".join(str(int(c, 36)) for c in rearranged)) % 97 == 1, number
        if country == "FR":
            assert (
                89 * int(number[4:9]) + 15 * int(number[9:14]) + 3 * int(number[14:25]) + int(number[25:])
            ) % 97 == 0


def test_check_digits_are_those_of_published_examples() -> None:
    assert mod_11_10("1234567899") == "5"
    assert ean("756921707698") == 5
    assert weighted("123010180", (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11 == 7
    assert italian("X0542811101000000123456"[1:]) == "X"
    assert new_iban(Dice("x"), "ES")[4:12] == "99999999"


def _austrian_check(number: str) -> bool:
    digits = number.replace(" ", "")
    return weighted(digits[:3] + digits[4:], (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11 == int(digits[3])


def _french_check(number: str) -> bool:
    digits = number.replace(" ", "")
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def _swiss_is_wrong(number: str) -> bool:
    digits = number.replace(".", "")
    return ean(digits[:12]) != int(digits[12])


def _dutch_is_wrong(number: str) -> bool:
    return (weighted(number[:8], (9, 8, 7, 6, 5, 4, 3, 2)) - int(number[8])) % 11 != 0


# For each country the form with what makes it nobody's, and what its check digits must say.
_NATIONAL_IDS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "AT": (r"0\d\d\d \d{6}", _austrian_check),
    "CH": (r"756\.\d{4}\.\d{4}\.\d\d", _swiss_is_wrong),
    "DE": (r"0\d \d{3} \d{3} \d{3}", lambda n: mod_11_10(n.replace(" ", "")[:10]) == n[-1]),
    "ES": (r"\d{8}[IOU]", bool),
    "FR": (r"[12] \d\d \d\d \d\d \d{3} 000 \d\d", _french_check),
    "GB": (r"QQ \d\d \d\d \d\d [A-D]", bool),
    "IE": (r"\d{7}[XYZ]A", bool),
    "IT": (r"[A-Z]{6}\d\d[A-EHLMPRST]\d\dZ000[A-Z]", lambda n: italian(n[:15]) == n[15]),
    "NL": (r"\d{9}", _dutch_is_wrong),
}


def _pairs(connection: psycopg.Connection[Any], query: LiteralString) -> dict[Any, Any]:
    return {row[0]: row[1] for row in connection.execute(query)}


@pytest.fixture(scope="module")
def values(demo_database: str) -> list[tuple[str, str, str, str]]:
    """Table, country, text and what stands beside it, of all sealed values."""
    texts = opened(demo_database, keyring_in(demo_database))
    with psycopg.connect(demo_database) as connection:
        countries = _pairs(connection, "select customer_id, country from addresses where kind = 'PHYSICAL'")
        owners = _pairs(connection, "select id, customer_id from bank_accounts")
        owners |= _pairs(connection, "select id, customer_id from medical_exams")
        results = _pairs(connection, "select id, result from medical_exams")
    return [
        (table, countries[owners.get(row_id, row_id)], text, results.get(row_id, ""))
        for (table, _, row_id), text in texts.items()
    ]


def test_national_ids_have_their_countrys_form_and_belong_to_nobody(values: list[tuple[str, str, str, str]]) -> None:
    found = [(country, text) for table, country, text, _ in values if table == "customers"]
    assert {country for country, _ in found} >= set(COUNTRIES) - {"IE"}
    for country, text in found:
        form, check = _NATIONAL_IDS[country]
        assert re.fullmatch(form, text), f"{country}: {text}"
        assert check(text), f"{country}: {text}"
    assert len({text for _, text in found}) == len(found)


def test_accounts_lie_in_the_customers_country(values: list[tuple[str, str, str, str]]) -> None:
    accounts = [(country, text) for table, country, text, _ in values if table == "bank_accounts"]
    assert len(accounts) > 50
    assert all(text.startswith(country) for country, text in accounts)


def test_notes_fit_the_result_of_the_exam(values: list[tuple[str, str, str, str]]) -> None:
    notes = [(text, result) for table, _, text, result in values if table == "medical_exams"]
    assert {result for _, result in notes} >= {"STANDARD"}
    assert all(text.startswith("Blood pressure ") for text, _ in notes)
    assert not any("referred to a specialist" in text for text, result in notes if result == "STANDARD")


def test_who_has_a_number_is_a_person_who_was_verified_or_told_it(demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        wrong = connection.execute(
            "select count(*) from customers where (kind = 'ORGANISATION' and national_id_sealed is not null)"
            " or (kind = 'PERSON' and kyc_status in ('VERIFIED', 'EXPIRED') and national_id_sealed is null)"
        ).fetchone()
        keys = connection.execute(
            "select count(*) from data_keys k where not exists (select from customers c where c.id = k.customer_id"
            " and c.national_id_sealed is not null) and not exists (select from bank_accounts b"
            " where b.customer_id = k.customer_id) and not exists (select from medical_exams m"
            " where m.customer_id = k.customer_id and m.notes_sealed is not null)"
        ).fetchone()
        primary = connection.execute(
            "select count(*) from bank_accounts group by customer_id having count(*) filter (where is_primary) <> 1"
        ).fetchall()
    assert (wrong, keys, primary) == ((0,), (0,), [])


def test_the_seed_decides_the_values_though_not_their_keys(empty_database: str, demo_database: str) -> None:
    first = opened(demo_database, keyring_in(demo_database))
    with psycopg.connect(demo_database) as connection:
        (customers,) = connection.execute("select count(*) from customers").fetchone() or (0,)
    demo.generate(empty_database, customers, keyring=keyring_in(empty_database))
    assert opened(empty_database, keyring_in(empty_database)) == first
    sealed = []
    for url in (demo_database, empty_database):
        with psycopg.connect(url) as connection:
            sealed.append(
                connection.execute("select iban_sealed, iban_index from bank_accounts order by id").fetchall()
            )
    assert not {row[0] for row in sealed[0]} & {row[0] for row in sealed[1]}
    assert not {row[1] for row in sealed[0]} & {row[1] for row in sealed[1]}
