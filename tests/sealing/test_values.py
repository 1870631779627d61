"""A sealed value opens in its own place under its own key, and nowhere else; nothing of it or of a key is shown."""

import base64
import pickle
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from core.sealing import DataKey, SealedField, SealError
from models.sealed import IBAN, MEDICAL_NOTES, NATIONAL_ID, SEALED_FIELDS

CUSTOMER = UUID("0192f0c1-7c3e-7b11-a0b1-c2d3e4f5a6b7")
OTHER_CUSTOMER = UUID("0192f0c1-7c3e-7b11-a0b1-c2d3e4f5a6b8")
ROW = UUID("0192f0c2-0000-7000-8000-000000000001")
OTHER_ROW = UUID("0192f0c2-0000-7000-8000-000000000002")
KEY = bytes(range(32))
TEXT = "DE89 3704 0044 0532 0130 00"

_fields = st.sampled_from(list(SEALED_FIELDS.values()))
_text = st.text(st.characters(exclude_categories=["Cs"]))


@given(_text, _fields, st.uuids(), st.uuids(), st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens_again(text: str, field: SealedField, row: UUID, customer: UUID, key: bytes) -> None:
    sealed = DataKey(customer, key).seal(field, row, text)
    assert DataKey(customer, key).open(field, row, sealed) == text
    if len(text.encode()) > 3:
        assert text.encode() not in sealed


def test_the_same_text_is_sealed_differently_each_time() -> None:
    key = DataKey(CUSTOMER, KEY)
    assert len({key.seal(IBAN, ROW, TEXT) for _ in range(100)}) == 100


def test_a_change_of_any_byte_is_noticed() -> None:
    key = DataKey(CUSTOMER, KEY)
    sealed = key.seal(IBAN, ROW, TEXT)
    assert len(sealed) == 1 + 12 + len(TEXT) + 16
    for place in range(len(sealed)):
        for change in (0x01, 0x80, 0xFF):
            tampered = bytearray(sealed)
            tampered[place] ^= change
            with pytest.raises(SealError):
                key.open(IBAN, ROW, bytes(tampered))


def test_what_is_cut_or_longer_does_not_open() -> None:
    key = DataKey(CUSTOMER, KEY)
    sealed = key.seal(IBAN, ROW, TEXT)
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            key.open(IBAN, ROW, sealed[:length])
    with pytest.raises(SealError):
        key.open(IBAN, ROW, sealed + b"\0")


def test_even_an_empty_text_is_bound_to_its_place() -> None:
    key = DataKey(CUSTOMER, KEY)
    sealed = key.seal(IBAN, ROW, "")
    assert key.open(IBAN, ROW, sealed) == ""
    with pytest.raises(SealError):
        key.open(IBAN, OTHER_ROW, sealed)


def test_it_opens_in_no_other_row_column_table_or_customer_and_by_no_other_key() -> None:
    sealed = DataKey(CUSTOMER, KEY).seal(IBAN, ROW, TEXT)
    elsewhere = [
        (DataKey(CUSTOMER, KEY), IBAN, OTHER_ROW),
        (DataKey(CUSTOMER, KEY), NATIONAL_ID, ROW),
        (DataKey(CUSTOMER, KEY), SealedField("bank_accounts", "holder", identifier=True), ROW),
        (DataKey(CUSTOMER, KEY), SealedField("accounts", "iban", identifier=True), ROW),
        (DataKey(OTHER_CUSTOMER, KEY), IBAN, ROW),
        (DataKey(CUSTOMER, bytes(32)), IBAN, ROW),
        # Not even where the two ids, written one after the other, would read the same.
        (DataKey(ROW, KEY), IBAN, CUSTOMER),
    ]
    for key, field, row in elsewhere:
        with pytest.raises(SealError):
            key.open(field, row, sealed)
    assert DataKey(CUSTOMER, KEY).open(IBAN, ROW, sealed) == TEXT


def test_no_two_fields_have_the_same_label() -> None:
    fields = [*SEALED_FIELDS.values(), SealedField("bank", "accounts\0iban", identifier=True)]
    assert len({field.label for field in fields}) == len(fields)


def test_what_earlier_versions_sealed_opens() -> None:
    """The stored format: a change of it needs a new version byte, and this one must go on opening."""
    stored = base64.b64decode("AbbHRW6Yb21vitx/gsWP+X99arlSBH8UAu1qsHcO/jucnl1YFdMzG+Nxiu3notdeC5JVDo5tlmU=")
    assert DataKey(CUSTOMER, KEY).open(IBAN, ROW, stored) == TEXT


def test_an_error_tells_the_field_and_nothing_of_the_value() -> None:
    key = DataKey(CUSTOMER, KEY)
    with pytest.raises(SealError) as caught:
        key.open(MEDICAL_NOTES, OTHER_ROW, key.seal(MEDICAL_NOTES, ROW, "Asthma"))
    assert str(caught.value) == "a sealed value of medical_exams.notes does not open"
    assert caught.value.__context__ is None


def test_a_text_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="lone surrogates") as caught:
        DataKey(CUSTOMER, KEY).seal(MEDICAL_NOTES, ROW, "Asthma \ud800")
    # The error of the codec would carry the whole text.
    assert not isinstance(caught.value, UnicodeError)
    assert caught.value.__context__ is None


def test_a_key_shows_nothing_of_itself() -> None:
    key = DataKey(new_id(), KEY)
    assert repr(key) == str(key) == "<DataKey>"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert not hasattr(key, "__dict__")
