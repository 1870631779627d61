"""Values nobody should send, made to trip a service: each of the right JSON or GraphQL kind, or nearly."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)
from hypothesis import strategies as st

Values = st.SearchStrategy[Any]

# fmt: off
TEXTS = (
    "", " ", "\0", "cus_\0", "%", "_", "\\", "'; drop table customers; --", "null", "*:", "a & | b", "(", "!",
    "\n", "\x7f", "\x80", "\u202e", "\ufeff", "\ud7ff", "\uffff", "\U0010ffff", "İ", "ß", "ａ", "👩‍👩‍👧",
    "é" * 300, "a" * 5000,
)
IDS = (
    "cus", "cus_", "_", "cus_0", "xyz_0192f0c1-0000-7000-8000-000000000000", "CUS_0192f0c1-0000-7000-8000-000000000000",
    "cus_00000000-0000-0000-0000-000000000000", "cus_ffffffff-ffff-ffff-ffff-ffffffffffff",
    "cus_{0192f0c1-0000-7000-8000-000000000000}", "cus_urn:uuid:0192f0c1-0000-7000-8000-000000000000",
    "cus_٠192f0c1-0000-7000-8000-000000000000", "cus_0192f0c1-0000-7000-8000-000000000000\n",
)
NUMBERS = (-1, 0, 101, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63, 2**64, 10**40)
DECIMALS = (
    "1e30", "1e31", "-1e30", "1e-400", "1e9999999999", "NaN", "sNaN", "Infinity", "-0", "0x10", "1_000", "٣", "9" * 31,
    "1." + "1" * 5000,
)
DATES = ("0000-00-00", "0001-01-01", "9999-12-31", "2026-02-30", "2026-W01-1", "20260101", "2026-01-0١", "-001-01-01")
MOMENTS = (
    "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T24:00:00Z", "2026-02-30T00:00:00Z", "2026-W01-1T00:00:00Z",
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00",
    "2026-01-01T00:00:00+23:59:59.999999", "2026-01-01T00:00:00.0000000001Z",
)
# fmt: on

_JSON: Values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _token(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _damaged(text: str) -> st.SearchStrategy[str]:
    """The text cut short, with one character changed, doubled, or in capitals."""
    places = st.integers(0, max(len(text) - 1, 0))
    changed = st.tuples(places, st.characters(exclude_categories=["Cs"])).map(
        lambda change: text[: change[0]] + change[1] + text[change[0] + 1 :]
    )
    return places.map(lambda end: text[:end]) | changed | st.sampled_from([text, text * 2, text + "=", text.upper()])


def scalars(ids: Sequence[str], cursors: Sequence[str]) -> dict[str, Values]:
    """Bad values for each scalar, some of them made of good ids and cursors."""
    texts = st.text(max_size=60) | st.sampled_from(TEXTS)
    some_ids = st.sampled_from(IDS) | st.sampled_from(ids).flatmap(_damaged)
    some_cursors = (
        st.sampled_from(cursors).flatmap(_damaged)
        | _JSON.map(lambda value: _token(json.dumps(value).encode()))
        | st.binary(max_size=30).map(_token)
    )
    return {
        "ID": some_ids | texts,
        "Int": st.sampled_from(NUMBERS) | st.integers(),
        "String": texts | some_cursors | some_ids,
        "Decimal": st.sampled_from(DECIMALS) | texts,
        "Date": st.sampled_from(DATES) | st.dates().map(str) | texts,
        "DateTime": st.sampled_from(MOMENTS) | st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | texts,
    }


def variable(kind: GraphQLInputType, scalars: dict[str, Values]) -> Values:
    """Bad JSON values for a variable of the type: mostly of its shape, sometimes of none."""
    if isinstance(kind, GraphQLNonNull):
        return variable(kind.of_type, scalars)
    if isinstance(kind, GraphQLList):
        one = variable(kind.of_type, scalars)
        return st.lists(one, max_size=3) | one
    if isinstance(kind, GraphQLInputObjectType):
        fields = {name: variable(field.type, scalars) for name, field in kind.fields.items()}
        required = {name for name, field in kind.fields.items() if is_required_input_field(field)}
        return st.fixed_dictionaries(
            {name: fields[name] for name in required},
            optional={name: values for name, values in fields.items() if name not in required},
        )
    if isinstance(kind, GraphQLEnumType):
        return st.sampled_from([*kind.values, "NOPE", 3])
    values = scalars.get(kind.name, st.nothing())
    return st.one_of(values, values, values, _JSON)
