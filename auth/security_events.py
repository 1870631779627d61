"""Security events: what happened to credentials and accounts, told to whoever keeps the audit log."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from psycopg import AsyncConnection

log = logging.getLogger("customer360.security")


class SecurityEventKind(StrEnum):
    """What happened."""

    SIGNED_IN = "SIGNED_IN"
    SIGN_IN_FAILED = "SIGN_IN_FAILED"
    LOCKED_OUT = "LOCKED_OUT"
    STEPPED_UP = "STEPPED_UP"
    SIGNED_OUT = "SIGNED_OUT"
    SIGNED_OUT_EVERYWHERE = "SIGNED_OUT_EVERYWHERE"
    REFRESH_REUSED = "REFRESH_REUSED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105
    SECOND_FACTOR_ENROLLED = "SECOND_FACTOR_ENROLLED"
    SECOND_FACTOR_REMOVED = "SECOND_FACTOR_REMOVED"
    RECOVERY_CODE_USED = "RECOVERY_CODE_USED"
    RECOVERY_CODES_RENEWED = "RECOVERY_CODES_RENEWED"
    USER_ADDED = "USER_ADDED"
    USER_DISABLED = "USER_DISABLED"
    USER_ENABLED = "USER_ENABLED"
    ROLES_CHANGED = "ROLES_CHANGED"
    API_KEY_CREATED = "API_KEY_CREATED"
    API_KEY_ROTATED = "API_KEY_ROTATED"
    API_KEY_REVOKED = "API_KEY_REVOKED"
    SIGNING_KEY_ROTATED = "SIGNING_KEY_ROTATED"


_ALARMING = {SecurityEventKind.LOCKED_OUT, SecurityEventKind.REFRESH_REUSED}


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """One event. `actor_id` is who did it (none: nobody signed in, or the command line), `subject_id` whose account
    or key it is about. `details` hold no secret and nothing typed by somebody who is not signed in.
    """

    kind: SecurityEventKind
    actor_id: str | None = None
    subject_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class SecurityEventSink(Protocol):
    """Where security events go. Called in the transaction of the change, so that neither is kept without the other."""

    async def __call__(self, connection: AsyncConnection[Any], event: SecurityEvent) -> None:
        """Keep the event. What it raises undoes the change."""
        ...


async def write_to_log(connection: AsyncConnection[Any], event: SecurityEvent) -> None:
    """The sink where there is no audit log: a line in the service's log."""
    level = logging.WARNING if event.kind in _ALARMING else logging.INFO
    log.log(level, "%s actor=%s subject=%s %s", event.kind, event.actor_id, event.subject_id, dict(event.details))
