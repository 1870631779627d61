"""Idempotency keys: what came of a command that a client may send twice."""

from typing import Any

from sqlmodel import SQLModel

from models.base import datetime, digest, document, index, moment, text


class IdempotencyKey(SQLModel, table=True):
    """A key that a client gave a command, and what came of it. Kept for thirty days."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (index("created_at"),)

    actor: str = text("Who gave it: the id of a user or API key, or system.", primary_key=True)
    key: str = text("The key, as the client chose it.", primary_key=True)
    command: str = text("The command it was given with.")
    input_digest: bytes = digest("SHA-256 of the command's input.")
    result: dict[str, Any] = document("What the command made or changed, by the name of the payload's field.")
    created_at: datetime = moment("When it was first used.")
