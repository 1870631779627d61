"""The partner book: which customers, contracts, orders and claims each partner may see."""

from sqlmodel import SQLModel

from models.base import UUID, choice, index, loose_id
from models.history import SubjectKind


class PartnerBook(SQLModel, table=True):
    """An object a partner may see. Kept by the database (models/scope_functions.py); row-level security looks it up."""

    __tablename__ = "partner_book"
    __table_args__ = (index("partner_id", "kind", "object_id"), index("customer_id"))

    object_id: UUID = loose_id("The customer, contract, order or claim.", primary_key=True)
    partner_id: UUID = loose_id("The partner who may see it.", primary_key=True)
    # Part of the key, although the other two suffice: whoever looks up an object finds all it asks for in the index.
    kind: SubjectKind = choice(SubjectKind, "What kind of object it is.", primary_key=True)
    customer_id: UUID = loose_id("The customer it belongs to.")
