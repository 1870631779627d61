"""Security events in the audit log: each in the transaction of the change it tells of."""

from typing import Any

from psycopg import AsyncConnection

from auth.audit.entries import Entry
from auth.audit.insertion import append
from auth.security_events import SecurityEvent, SecurityEventKind, write_to_log
from models.audit import ActorKind, AuditKind

_KINDS = {
    SecurityEventKind.SIGNED_IN: AuditKind.SIGN_IN,
    SecurityEventKind.SIGN_IN_FAILED: AuditKind.SIGN_IN_REFUSED,
    SecurityEventKind.LOCKED_OUT: AuditKind.SIGN_IN_REFUSED,
    SecurityEventKind.REFRESH_REUSED: AuditKind.SIGN_IN_REFUSED,
    SecurityEventKind.SIGNED_OUT: AuditKind.SIGN_OUT,
    SecurityEventKind.SIGNED_OUT_EVERYWHERE: AuditKind.SIGN_OUT,
}


async def write_to_audit_log(connection: AsyncConnection[Any], event: SecurityEvent) -> None:
    """The sink of security events: an entry in the audit log, and a line in the service's log."""
    details: dict[str, Any] = {"event": event.kind.value, "subject": event.subject_id}
    details.update(
        (name, value if isinstance(value, int | bool | list) else str(value)) for name, value in event.details.items()
    )
    # Nobody is signed in when signing in fails; else it is the system, or whoever acts.
    actor_kind = ActorKind.SYSTEM if event.actor_id is None else ActorKind.USER
    if event.actor_id is None and event.kind in (SecurityEventKind.SIGN_IN_FAILED, SecurityEventKind.LOCKED_OUT):
        actor_kind = ActorKind.ANONYMOUS
    kind = _KINDS.get(event.kind, AuditKind.ADMINISTRATION)
    await append(connection, Entry(kind, actor_kind, event.actor_id, operation=event.kind.value, details=details))
    await write_to_log(connection, event)
