"""What can be done with consents: record that a customer gave one, or took it back."""

from typing import ClassVar
from uuid import UUID

from changes.commands import Made, ObjectCommand, given
from changes.work import Work
from core.errors import BadInput
from models.base import datetime
from models.consents import Consent, ConsentPurpose, ConsentStatus
from models.customers import Customer
from models.interactions import Channel
from models.staff import Partner


class _Consent(ObjectCommand):
    """What a customer says about a purpose. Consents are only added; for each purpose the newest counts."""

    said: ClassVar[ConsentStatus]
    event: ClassVar[str]
    verb: ClassVar[str]

    customer_id: UUID = given("The customer.", of=Customer)
    purpose: ConsentPurpose = given("What it is about.")
    channel: Channel = given("How the customer said it.")
    partner_id: UUID | None = given(
        "The one partner a consent to sharing is about; none for all partners.", default=None, of=Partner
    )
    said_at: datetime | None = given("When the customer said it; now unless given.", default=None)

    async def perform(self, work: Work) -> Made:
        """Write it, and tell. The database then sees to the books of partners, in the same transaction."""
        if self.partner_id is not None and self.purpose is not ConsentPurpose.PARTNER_SHARING:
            raise BadInput("only a consent to sharing is about a partner", argument="input.partnerId")
        said_at = self.said_at or work.now
        if said_at > work.now:
            raise BadInput("nobody has said it yet: this lies ahead", argument="input.saidAt")
        customer = await work.fetch(Customer, self.customer_id, self.expected_version, argument="customerId")
        if self.partner_id is not None:
            await work.fetch(Partner, self.partner_id, argument="partnerId", lock=False)
        consent = await work.create(
            Consent(
                customer_id=customer.id,
                purpose=self.purpose,
                status=self.said,
                channel=self.channel,
                recorded_at=said_at,
                partner_id=self.partner_id,
            )
        )
        await work.touch(customer)
        words = self.purpose.value.lower().replace("_", " ")
        await work.happened(
            self.event,
            customer,
            f"{customer.display_name} {self.verb} consent to {words}",
            occurred_at=said_at,
            purpose=self.purpose,
        )
        return {"customer": customer.id, "consent": consent.id}


class GrantConsent(_Consent):
    """Record that a customer agreed to a use of personal data."""

    permission = "consents:write"
    said, event, verb = ConsentStatus.GRANTED, "ConsentGranted", "gave"


class WithdrawConsent(_Consent):
    """Record that a customer took a consent back, or refused it. Without consent to sharing the customer, and all that
    belongs to them, leaves the partner's book at once.
    """

    permission = "consents:write"
    said, event, verb = ConsentStatus.WITHDRAWN, "ConsentWithdrawn", "withdrew"
