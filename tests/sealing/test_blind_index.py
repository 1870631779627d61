"""An identifier is found by its exact value, however it is written, and only with the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.sealing import Keyring, LocalKeys, masked, normalised
from models.sealed import IBAN, NATIONAL_ID
from tests.keys import MASTER_KEY

KEYRING = Keyring(LocalKeys(MASTER_KEY), bytes(range(32)), bytes(32))
PLAIN = "DE89370400440532013000"


@pytest.mark.parametrize(
    "written",
    [
        PLAIN,
        "DE89 3704 0044 0532 0130 00",
        "de89 3704 0044 0532 0130 00",
        " DE89-3704-0044-0532-0130-00 ",
        "DE89\u00a03704\u202f0044\u20090532\t0130\n00",
        "\uff24\uff2589370400440532013000",
        "DE\u200b89370400440532013000",
    ],
)
def test_notations_of_one_identifier_have_one_index(written: str) -> None:
    assert normalised(written) == PLAIN
    assert KEYRING.index(IBAN, written) == KEYRING.index(IBAN, PLAIN)


@given(st.text())
def test_to_normalise_again_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(st.text(), st.text())
def test_only_equal_identifiers_have_equal_indexes(one: str, other: str) -> None:
    if normalised(one) and normalised(other):
        same = normalised(one) == normalised(other)
        assert (KEYRING.index(IBAN, one) == KEYRING.index(IBAN, other)) == same


def test_each_field_and_each_key_has_indexes_of_its_own() -> None:
    other = Keyring(LocalKeys(MASTER_KEY), bytes(32), bytes(32))
    found = [keyring.index(field, PLAIN) for keyring in (KEYRING, other) for field in (IBAN, NATIONAL_ID)]
    assert len(set(found)) == 4
    assert all(len(index) == 32 and set(index) <= set("0123456789abcdef") for index in found)


def test_indexes_stay_as_they_are_stored() -> None:
    """What is stored must be found by later versions too."""
    assert KEYRING.index(IBAN, PLAIN) == "11cca1e405e62670b1a9bb9a35d5848e"


def test_the_master_key_has_no_part_in_it() -> None:
    """So a rotation leaves all indexes as they are."""
    assert Keyring(LocalKeys(bytes(32)), bytes(range(32)), bytes(32)).index(IBAN, PLAIN) == KEYRING.index(IBAN, PLAIN)


@pytest.mark.parametrize("nothing", ["", "   ", "--", "\u00e9"])
def test_an_identifier_without_letters_or_digits_is_refused(nothing: str) -> None:
    with pytest.raises(BadInput):
        KEYRING.index(IBAN, nothing)


@pytest.mark.parametrize(
    ("identifier", "shown"),
    [
        ("DE89 3704 0044 0532 0130 00", "•••• 3000"),
        ("756.1234.5678.97", "•••• 7897"),
        ("QQ 12 34 56 C", "•••• 456C"),
        ("12345678", "•••• 5678"),
        ("1234567", "••••"),
        ("", "••••"),
    ],
)
def test_a_mask_shows_the_end_of_what_is_long_enough(identifier: str, shown: str) -> None:
    assert masked(normalised(identifier)) == shown
