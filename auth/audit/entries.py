"""Entries of the audit log as they are made.

One function for each kind of entry, so that what must be said of it cannot be forgotten, and so that there is no place
where a sensitive value could be put: fields are named, values are left out, texts people typed are digested.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from auth.actor import Actor
from core.ids import new_id
from models.audit import ActorKind, AuditKind
from models.base import utc_now

# Facts of an entry: names, numbers and digests.
Details = Mapping[str, str | int | bool | Sequence[str] | Sequence[Mapping[str, str | None]] | None]


@dataclass(slots=True)
class Entry:
    """An entry of the audit log before it is written; `models.audit.AuditEntry` tells what the fields mean.

    Ids are UUID text. Make one with the functions below.
    """

    kind: AuditKind
    actor_kind: ActorKind = ActorKind.SYSTEM
    actor_id: str | None = None
    session_id: str | None = None
    operation: str | None = None
    document_hash: str | None = None
    customer_ids: Sequence[str] = ()
    sensitive_fields: Sequence[str] = ()
    purpose: str | None = None
    details: Details = field(default_factory=dict)
    request_id: str | None = None
    id: UUID = field(default_factory=new_id)
    recorded_at: datetime = field(default_factory=utc_now)


# Enumerations are looked up by name once, not for each entry.
_ACTOR_KINDS = {kind.name: kind for kind in ActorKind}


def _by(actor: Actor, kind: AuditKind, **facts: Any) -> Entry:
    return Entry(kind, _ACTOR_KINDS[actor.kind.name], actor.id, actor.session_id, **facts)


def digest(value: str, key: bytes) -> str:
    """What stands in the log for a text that must not: equal texts are seen to be equal, and no more.

    Keyed (HMAC-SHA256), because names, birth dates and numbers can be guessed and compared otherwise.
    """
    return hmac.new(key, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def signed_in(actor: Actor, method: str, *, second_factor: bool, request_id: str | None = None) -> Entry:
    """`actor` signed in by `method`, such as "password" or "oidc"."""
    details = {"method": method, "secondFactor": second_factor}
    return _by(actor, AuditKind.SIGN_IN, operation="login", details=details, request_id=request_id)


def sign_in_refused(
    reason: str,
    *,
    user_id: str | None = None,
    login_digest: str | None = None,
    actor_kind: ActorKind = ActorKind.ANONYMOUS,
    request_id: str | None = None,
) -> Entry:
    """A sign-in was refused: of a known user, or under a login name nobody has, of which only the digest is kept."""
    details = {"reason": reason} if login_digest is None else {"reason": reason, "loginDigest": login_digest}
    known = ActorKind.USER if user_id is not None else actor_kind
    return Entry(AuditKind.SIGN_IN_REFUSED, known, user_id, operation="login", details=details, request_id=request_id)


def signed_out(actor: Actor, operation: str, *, sessions: int = 1, request_id: str | None = None) -> Entry:
    """`actor` ended sessions: its own one, or by `operation` all of them."""
    return _by(actor, AuditKind.SIGN_OUT, operation=operation, details={"sessions": sessions}, request_id=request_id)


def refused(
    actor: Actor,
    operation: str | None,
    permissions: Iterable[str],
    fields: Iterable[str] = (),
    *,
    document_hash: str | None = None,
    request_id: str | None = None,
) -> Entry:
    """`actor` lacked `permissions` for an action, or for the named fields (Customer.birthDate)."""
    return _by(
        actor,
        AuditKind.REFUSAL,
        operation=operation,
        document_hash=document_hash,
        sensitive_fields=tuple(dict.fromkeys(fields)),
        details={"permissions": sorted(set(permissions))},
        request_id=request_id,
    )


def revealed(
    actor: Actor,
    customer_id: str,
    field_name: str,
    purpose: str,
    *,
    operation: str | None = "reveal",
    request_id: str | None = None,
) -> Entry:
    """`actor` was shown a sensitive field of a customer in full, for the purpose it stated."""
    return _by(
        actor,
        AuditKind.REVEAL,
        operation=operation,
        customer_ids=(customer_id,),
        sensitive_fields=(field_name,),
        purpose=purpose,
        request_id=request_id,
    )


def profiles_opened(
    actor: Actor,
    customer_ids: Iterable[str],
    *,
    operation: str | None,
    document_hash: str | None,
    sensitive_fields: Sequence[str] = (),
    purpose: str | None = None,
    request_id: str | None = None,
) -> Entry:
    """`actor` looked at customers, and at these sensitive fields of theirs. Ids given more than once count once."""
    return _by(
        actor,
        AuditKind.PROFILE_OPENED,
        operation=operation,
        document_hash=document_hash,
        customer_ids=tuple(dict.fromkeys(customer_ids)),
        sensitive_fields=sensitive_fields,
        purpose=purpose,
        request_id=request_id,
    )


def changed(
    actor: Actor,
    operation: str,
    *,
    customer_ids: Iterable[str] = (),
    objects: Sequence[str] = (),
    fields: Sequence[str] = (),
    changes: Sequence[Mapping[str, str | None]] = (),
    sensitive_fields: Sequence[str] = (),
    purpose: str | None = None,
    document_hash: str | None = None,
    request_id: str | None = None,
) -> Entry:
    """`actor` changed business data by a mutation: which `objects` (table/id), names of the `fields` it set.

    `changes` are values before and after, by object and field; what tells of a person stands in them as a digest.
    """
    return _by(
        actor,
        AuditKind.MUTATION,
        operation=operation,
        document_hash=document_hash,
        customer_ids=tuple(dict.fromkeys(customer_ids)),
        sensitive_fields=sensitive_fields,
        purpose=purpose,
        details={"objects": list(objects), "fields": list(fields), **({"changes": list(changes)} if changes else {})},
        request_id=request_id,
    )


def administered(
    operation: str, details: Details | None = None, *, actor: Actor | None = None, request_id: str | None = None
) -> Entry:
    """Users, access, settings or bulk data were changed: by `actor`, or without one by an operator's command."""
    facts = {"operation": operation, "details": details or {}, "request_id": request_id}
    if actor is None:
        return Entry(AuditKind.ADMINISTRATION, **facts)  # type: ignore[arg-type]
    return _by(actor, AuditKind.ADMINISTRATION, **facts)


def entries_lost(number: int, since: datetime, until: datetime) -> Entry:
    """So many entries could not be kept while the log could not be written."""
    span: Details = {"entries": number, "since": since.isoformat(), "until": until.isoformat()}
    return Entry(AuditKind.ENTRIES_LOST, details=span)
