"""What one can ask of the audit log."""

import strawberry

import loaders
from schema.audit import AuditEntry, audit_log
from schema.connections import Connection


@strawberry.type
class Query:
    """Root fields of the audit log."""

    audit_log: Connection[AuditEntry] | None = audit_log(
        loaders.audit.log, "The audit log: who did, saw or was refused what, the newest first.", local=None
    )
