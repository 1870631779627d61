"""Consents: what a customer allows to be done with personal data, and took back."""

from enum import auto

from sqlalchemy import CheckConstraint

from models.base import UUID, Choice, CustomerOwned, choice, datetime, index, moment, ref
from models.interactions import Channel


class ConsentPurpose(Choice):
    """What a consent is about."""

    MARKETING = auto(), "Advertising and offers."
    PROFILING = auto(), "Automated evaluation of behaviour and preferences."
    PARTNER_SHARING = auto(), "Showing the customer's data to the partner that sold a contract."
    SURVEYS = auto(), "Questions about satisfaction."
    CREDIT_CHECK = auto(), "Inquiries at credit bureaus."
    HEALTH_DATA = auto(), "Use of health data to assess applications and claims."


class ConsentStatus(Choice):
    """What the customer said."""

    GRANTED = auto(), "The customer agreed."
    WITHDRAWN = auto(), "The customer took the consent back, or refused it."


class Consent(CustomerOwned, table=True):
    """What a customer said about a purpose. Rows are only added; for each purpose the newest counts."""

    __tablename__ = "consents"
    __table_args__ = (
        index("customer_id", "recorded_at", "id"),
        index("customer_id", "purpose", "recorded_at", "id"),
        index("customer_id", "status"),
        index("partner_id", "recorded_at", "id"),
        CheckConstraint("partner_id is null or purpose = 'PARTNER_SHARING'", name="partner_of_sharing"),
    )

    purpose: ConsentPurpose = choice(ConsentPurpose, "What it is about.")
    status: ConsentStatus = choice(ConsentStatus, "What the customer said.")
    channel: Channel = choice(Channel, "How the customer said it.")
    recorded_at: datetime = moment("When the customer said it.")
    partner_id: UUID | None = ref(
        "partners.id", "The one partner a consent to sharing is about; none for all partners.", nullable=True
    )
