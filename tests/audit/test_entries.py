"""Entries say who, what, whose and what for, and have no place for a sensitive value."""

from typing import Any

import pytest

from auth.actor import ANONYMOUS, user
from auth.audit import (
    Entry,
    administered,
    append,
    changed,
    digest,
    profiles_opened,
    refused,
    revealed,
    sign_in_refused,
    signed_in,
    signed_out,
)
from auth.audit.connection import connect
from auth.audit.entries import entries_lost
from models.audit import ActorKind, AuditKind
from models.base import utc_now
from models.roles import Role
from tests.audit.logs import rows

USER, SESSION, CUSTOMER, REQUEST = (f"0192f0c1-7c3e-7b11-a0b1-00000000000{n}" for n in range(4))
ACTOR = user(USER, frozenset({Role.MANAGER}), session_id=SESSION)

MADE: dict[AuditKind, Entry] = {
    AuditKind.SIGN_IN: signed_in(ACTOR, "password", second_factor=True, request_id=REQUEST),
    AuditKind.SIGN_IN_REFUSED: sign_in_refused("wrong password", user_id=USER, request_id=REQUEST),
    AuditKind.SIGN_OUT: signed_out(ACTOR, "logoutEverywhere", sessions=3, request_id=REQUEST),
    AuditKind.REFUSAL: refused(
        ACTOR, "Profile", ["customers:read_income"], ["Customer.income"], document_hash="ab", request_id=REQUEST
    ),
    AuditKind.REVEAL: revealed(ACTOR, CUSTOMER, "Customer.nationalId", "identity check", request_id=REQUEST),
    AuditKind.PROFILE_OPENED: profiles_opened(
        ACTOR, [CUSTOMER, CUSTOMER], operation="Profile", document_hash="ab", request_id=REQUEST
    ),
    AuditKind.MUTATION: changed(
        ACTOR,
        "changeIncome",
        customer_ids=[CUSTOMER],
        objects=[f"cus_{CUSTOMER}"],
        fields=["income"],
        sensitive_fields=["Customer.income"],
        request_id=REQUEST,
    ),
    AuditKind.ADMINISTRATION: administered("user add", {"roles": ["AGENT"]}, actor=ACTOR, request_id=REQUEST),
    AuditKind.ENTRIES_LOST: entries_lost(3, utc_now(), utc_now()),
}


def test_there_is_a_way_to_make_each_kind() -> None:
    assert set(MADE) == set(AuditKind)
    assert {kind: entry.kind for kind, entry in MADE.items()} == {kind: kind for kind in AuditKind}


@pytest.mark.parametrize("kind", sorted(set(AuditKind) - {AuditKind.ENTRIES_LOST}))
def test_each_says_who_and_in_which_request(kind: AuditKind) -> None:
    entry = MADE[kind]
    assert (entry.actor_kind, entry.actor_id, entry.request_id) == (ActorKind.USER, USER, REQUEST)
    assert entry.session_id == (None if kind is AuditKind.SIGN_IN_REFUSED else SESSION)


async def test_all_of_them_are_written(empty_database: str) -> None:
    async with await connect(empty_database) as connection:
        await append(connection, *MADE.values())
    assert {row[0] for row in rows(empty_database, "select kind from audit_entries")} == set(AuditKind)
    [opened] = rows(
        empty_database,
        "select customer_ids::text[], operation, document_hash from audit_entries where kind = 'PROFILE_OPENED'",
    )
    assert opened == ([CUSTOMER], "Profile", "ab")
    [reveal] = rows(
        empty_database,
        "select customer_ids::text[], sensitive_fields, purpose from audit_entries where kind = 'REVEAL'",
    )
    assert reveal == ([CUSTOMER], ["Customer.nationalId"], "identity check")


def test_who_is_not_known() -> None:
    entry = sign_in_refused("no such user", login_digest="ab" * 32)
    assert (entry.actor_kind, entry.actor_id) == (ActorKind.ANONYMOUS, None)
    assert refused(ANONYMOUS, None, ["customers:read"]).actor_kind is ActorKind.ANONYMOUS
    assert administered("demo").actor_kind is ActorKind.SYSTEM


async def test_what_people_type_is_digested(empty_database: str) -> None:
    """A password typed into the field of the name is in no log; that it was the same twice, one sees."""
    key = b"k" * 32
    typed = ["correct horse battery", "correct horse battery", "another"]
    async with await connect(empty_database) as connection:
        for text in typed:
            await append(connection, sign_in_refused("no such user", login_digest=digest(text, key)))
    text = str(rows(empty_database, "select a::text from audit_entries a"))
    assert not any(value in text for value in typed)
    digests: list[Any] = rows(empty_database, "select details->>'loginDigest' from audit_entries order by position")
    assert digests[0] == digests[1] != digests[2]
    assert digest(typed[0], key) != digest(typed[0], b"l" * 32), "guessing takes the key"


def test_no_entry_takes_a_value() -> None:
    """Each way to make an entry names fields; what stands in them is told by `changes` alone, which the write door
    fills with states, sums and days, and with digests of all that tells of a person (changes/work.py)."""
    allowed = {
        "actor", "method", "second_factor", "request_id", "reason", "user_id", "login_digest", "actor_kind",
        "changes", "operation", "sessions", "permissions", "fields", "document_hash", "customer_id", "field_name",
        "purpose", "customer_ids", "sensitive_fields", "objects", "details", "number", "since", "until",
    }  # fmt: skip
    makers = (
        signed_in, sign_in_refused, signed_out, refused, revealed, profiles_opened, changed, administered, entries_lost,
    )  # fmt: skip
    taken = {name for maker in makers for name in maker.__code__.co_varnames[: _parameters(maker)]}
    assert taken == allowed


def _parameters(function: Any) -> int:
    return int(function.__code__.co_argcount + function.__code__.co_kwonlyargcount)
