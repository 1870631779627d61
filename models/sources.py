"""Where imported rows came from: the natural keys by which a file's rows are known again."""

from sqlmodel import SQLModel

from models.base import UUID, datetime, loose_id, moment, ref, text, utc_now


class SourceKey(SQLModel, table=True):
    """The row a source system's key stands for here, and a digest of what was last imported for it.

    Importing a file again finds its rows by (source, entity, key); an equal digest means nothing to do.
    """

    __tablename__ = "source_keys"

    source: str = text("Name of the source, as the mapping gives it.", primary_key=True)
    entity: str = text("Table the row lies in.", primary_key=True)
    key: str = text("Natural key in the source.", primary_key=True)
    row_id: UUID = loose_id("Id of the row here.")
    customer_id: UUID | None = ref("customers.id", "The customer the row belongs to.", nullable=True, index=True)
    digest: str = text("SHA-256 of the mapped values, in hexadecimal.")
    imported_at: datetime = moment("When it was last imported.", default_factory=utc_now)
