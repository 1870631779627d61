"""Sealed values: what is stored encrypted, the keys it is encrypted with, and customers' bank accounts.

How a value is sealed stands in core/sealing, why in docs/adr/0015-sensitive-values.md.
"""

from enum import auto

from sqlmodel import SQLModel

from core.sealing import SealedField
from models.base import (
    UUID,
    Choice,
    CustomerOwned,
    binary,
    blind_index,
    datetime,
    flag,
    index,
    masked,
    moment,
    ref,
    sealed,
    text,
    utc_now,
)


class MaskedReason(Choice):
    """Why a value is shown masked."""

    SENSITIVE = auto(), "It is sensitive: stored encrypted, and shown in full only for a stated purpose."


NATIONAL_ID = SealedField("customers", "national_id", identifier=True)
IBAN = SealedField("bank_accounts", "iban", identifier=True)
MEDICAL_NOTES = SealedField("medical_exams", "notes", identifier=False)

SEALED_FIELDS: dict[tuple[str, str], SealedField] = {
    (field.table, field.name): field for field in (NATIONAL_ID, IBAN, MEDICAL_NOTES)
}
"""Every sealed value, by its table and name."""


class BankAccount(CustomerOwned, table=True):
    """A bank account of a customer, for premiums and for payments to them."""

    __tablename__ = "bank_accounts"
    __table_args__ = (
        # A customer has an account once; a couple may share one.
        index("customer_id", "iban_index", unique=True),
        index("iban_index"),
    )

    holder: str = text("Name the account is held in.")
    iban_sealed: bytes = sealed("International bank account number (IBAN), sealed.")
    iban_index: str | None = blind_index("Blind index of the IBAN.")
    iban_masked: str = masked("International bank account number (IBAN), masked but for its end.")
    bank_country: str = text("Country of the bank (ISO 3166-1 alpha-2).", max_length=2)
    is_primary: bool = flag("Whether this is the account to use first.", True)
    created_at: datetime = moment("When it was recorded.", default_factory=utc_now)


class DataKey(SQLModel, table=True):
    """The key of one customer's sealed values, encrypted by a master key. Without it they are lost for good."""

    __tablename__ = "data_keys"
    __table_args__ = (index("master_key_id", "customer_id"),)

    customer_id: UUID = ref("customers.id", "The customer whose values it seals.", primary_key=True)
    wrapped_key: bytes = binary("The key, encrypted by the master key.")
    master_key_id: str = text("Id of the master key, which is not in the database.")
    created_at: datetime = moment("When it was made.", default_factory=utc_now)


class SealingKey(SQLModel, table=True):
    """A key of the service as a whole, encrypted by a master key: of blind indexes, or of the service's own secrets."""

    __tablename__ = "sealing_keys"

    purpose: str = text("What it is for.", primary_key=True)
    wrapped_key: bytes = binary("The key, encrypted by the master key.")
    master_key_id: str = text("Id of the master key, which is not in the database.")
    created_at: datetime = moment("When it was made.", default_factory=utc_now)
