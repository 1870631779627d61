"""Trusted documents: operations that clients ask for by a hash or an id in place of their text.

Nothing here is part of the graph; `c360 documents` writes it (docs/adr/0019-trusted-documents.md).
"""

from enum import auto

from sqlalchemy import CheckConstraint
from sqlmodel import SQLModel

from models.base import Choice, choice, datetime, gin_index, integer, moment, text, texts


class OperationKind(Choice):
    """What kind of operation a document holds."""

    QUERY = auto(), "It reads."
    MUTATION = auto(), "It changes."
    SUBSCRIPTION = auto(), "It is told of what happens."


class TrustedDocument(SQLModel, table=True):
    """An operation published for clients, with the budget it had then. A retired one stays, and is refused."""

    __tablename__ = "trusted_documents"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        gin_index("ids"),
    )

    sha256: str = text("SHA-256 of the text, in hexadecimal.", primary_key=True)
    ids: list[str] = texts("What else clients call it: the ids their own manifests give it.")
    body: str = text("The text of the document.")
    name: str | None = text("The operation's name.", nullable=True)
    kind: OperationKind = choice(OperationKind, "What kind of operation it is.")
    statements: int = integer("SQL statements it may send at most, as of its publication.", big=True)
    row_bound: int = integer("Rows it may fetch at most, as of its publication.", big=True)
    points: int = integer("Points it may cost at most, as of its publication.", big=True)
    published_at: datetime = moment("When it was last published.")
    retired_at: datetime | None = moment("From when on it is refused.", nullable=True)
    revision: int = integer(
        "Grows over all documents with every change of one; by it the workers find what is new.", big=True, unique=True
    )
