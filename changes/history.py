"""What can be told to the history: life events, with what an agent hears on the same occasion, and what other systems
report.
"""

import re
from typing import Any
from uuid import UUID

from changes.commands import Command, Made, ObjectCommand, given
from changes.contact_details import AddressDetails, EmailDetails, PhoneDetails, add_all, promote
from changes.errors import Impossible
from changes.follow_up_details import FollowUpDetails
from changes.interactions import Conversation, log_contact, past
from changes.work import Work
from core.errors import BadInput
from models.base import datetime
from models.contact_points import Address
from models.customers import Customer, EmploymentStatus
from models.event_types import EVENT_TYPES
from models.history import Event, EventCategory, EventSource, LifeEventKind

_TYPE = re.compile("[A-Z][A-Za-z0-9]{2,79}")
_CODE = re.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")


class LogLifeEvent(ObjectCommand):
    """Log a turn in a customer's life and, in the same transaction, the contact in which it was heard, what that leaves
    to be done, and the contact details that come with it: an agent on the phone hears that the customer is moving, and
    writes down all of it.
    """

    permission = "history:write"

    customer_id: UUID = given("The customer.", of=Customer)
    kind: LifeEventKind = given("What happened.")
    occurred_at: datetime | None = given("When it happened; now unless given.", default=None)
    source: EventSource = given("Who found out.", default=EventSource.AGENT)
    conversation: Conversation | None = given("The contact in which it was heard, to be logged.", default=None)
    follow_ups: tuple[FollowUpDetails, ...] = given(
        "What remains to be done after the contact.", default=(), longest=10
    )
    employment_status: EmploymentStatus | None = given("How the customer earns a living from now on.", default=None)
    ended_address_ids: tuple[UUID, ...] = given(
        "Addresses that do not hold any more.", default=(), of=Address, longest=10
    )
    addresses: tuple[AddressDetails, ...] = given("New postal addresses.", default=(), longest=10)
    phones: tuple[PhoneDetails, ...] = given("New phone numbers.", default=(), longest=10)
    emails: tuple[EmailDetails, ...] = given("New e-mail addresses.", default=(), longest=10)

    async def perform(self, work: Work) -> Made:
        """Write all of it; each event is the cause of the next, and all share their correlation id."""
        if self.source is EventSource.IMPORT:
            raise BadInput("an import logs its events itself", argument="input.source")
        occurred_at = past(self.occurred_at, work.now)
        if self.follow_ups and self.conversation is None:
            raise BadInput("a task comes of a contact: tell of the conversation, too", argument="input.followUps")
        if self.conversation is not None:
            work.require("interactions:write")
        if self.addresses or self.phones or self.emails or self.ended_address_ids or self.employment_status:
            work.require("customers:write")
        customer = await work.fetch(Customer, self.customer_id, self.expected_version, argument="customerId")
        interaction, cause = await self._conversation(work, customer)
        facts: dict[str, Any] = {"kind": self.kind}
        if self.employment_status is not None:
            facts["employment"] = self.employment_status
        if self.kind is LifeEventKind.MOVE and (city := next((a.city for a in self.addresses if a.city), None)):
            facts["city"] = city
        event = await work.happened(
            "LifeEventDetected",
            customer,
            f"{customer.display_name}: {self.kind.lower().replace('_', ' ')}",
            occurred_at=occurred_at,
            cause=cause,
            source=self.source,
            **facts,
        )
        await self._contact_details(work, customer, event)
        await self._employment(work, customer, event)
        return {"customer": customer.id, "event": event, "interaction": interaction}

    async def _conversation(self, work: Work, customer: Customer) -> tuple[UUID | None, UUID | None]:
        """The interaction and its event, where there was one."""
        if self.conversation is None:
            return None, None
        return await log_contact(work, self.conversation, customer_id=customer.id, follow_ups=self.follow_ups)

    async def _contact_details(self, work: Work, customer: Customer, cause: UUID) -> None:
        kinds = set()
        for index, address_id in enumerate(self.ended_address_ids):
            address = await work.fetch(Address, address_id, argument=f"endedAddressIds.{index}")
            if address.customer_id != customer.id or address.valid_to is not None:
                message = "no current address of the customer"
                raise Impossible("ADDRESS_ENDED", message, f"endedAddressIds.{index}")
            await work.change(address, valid_to=work.today, is_primary=False)
            kinds.add(address.kind)
        changed = await add_all(work, customer.id, self.addresses, self.phones, self.emails)
        for kind in sorted(kinds):
            await promote(work, await work.rows_of(Address, customer_id=customer.id, kind=kind, valid_to=None))
        if self.ended_address_ids and "address" not in changed:
            changed.insert(0, "address")
        if changed:
            await work.touch(customer)
            await work.happened(
                "ContactInformationChanged",
                customer,
                f"New contact details of {customer.display_name}",
                cause=cause,
                changed=changed,
            )

    async def _employment(self, work: Work, customer: Customer, cause: UUID) -> None:
        if self.employment_status is None or self.employment_status is customer.employment_status:
            return
        (fresh,) = await work.rows_of(Customer, id=customer.id)
        await work.change(fresh, employment_status=self.employment_status)
        await work.happened(
            "CustomerInformationUpdated",
            customer,
            f"Employment of {customer.display_name} updated",
            cause=cause,
            changed=["employmentStatus"],
        )


class LogCustomerEvent(Command):
    """Record what another system reports of a customer. It stands in the timeline when it happened, and in the feed
    when it was recorded, however late.
    """

    permission = "history:write"

    customer_id: UUID = given("The customer.", of=Customer)
    type: str = given(
        "What happened, in the past tense: one of the external event types, or a name of the system's own.", longest=80
    )
    category: EventCategory | None = given("Class of the event; needed for a name of the system's own.", default=None)
    summary: str = given("What happened, in a line a person reads. No sensitive values.", longest=200)
    occurred_at: datetime = given("When it happened; not in the future.")
    system: str = given("The system that reports it, such as crm-legacy.", longest=100)
    reference: str | None = given("How the event is called over there.", default=None, longest=100)
    cause_id: UUID | None = given("The event that led to it, of the same customer.", default=None, of=Event)

    def checked(self, path: str = "input") -> Any:
        """The same, with a type and references that are codes."""
        command: LogCustomerEvent = super().checked(path)
        if not _TYPE.fullmatch(command.type):
            raise BadInput("a name such as ParcelDelivered: letters and digits", argument=f"{path}.type")
        for name in ("system", "reference"):
            value = getattr(command, name)
            if value is not None and not _CODE.fullmatch(value):
                raise BadInput("a code: letters, digits and ._:/-", argument=f"{path}.{name}")
        known = EVENT_TYPES.get(command.type)
        if known is not None and not known.external:
            raise BadInput("this type is written by the service alone", argument=f"{path}.type")
        if known is None and command.category is None:
            raise BadInput("a type of the system's own needs its class", argument=f"{path}.category")
        if known is not None and command.category not in (None, known.category):
            raise BadInput(f"events of this type are {known.category}", argument=f"{path}.category")
        return command

    async def perform(self, work: Work) -> Made:
        """Write the event; what has a cause belongs to the same business operation."""
        occurred_at = past(self.occurred_at, work.now)
        customer = await work.fetch(Customer, self.customer_id, argument="customerId", lock=False)
        if self.cause_id is not None:
            cause = await work.fetch(Event, self.cause_id, argument="causeId", lock=False)
            if cause.customer_id != customer.id:
                raise Impossible("OTHER_CUSTOMER", "the cause is an event of another customer", "causeId")
            work.correlation_id = cause.correlation_id or cause.id
        facts: dict[str, Any] = {"system": self.system} | ({"reference": self.reference} if self.reference else {})
        event = await work.happened(
            self.type,
            customer,
            self.summary,
            occurred_at=occurred_at,
            cause=self.cause_id,
            source=EventSource.EXTERNAL,
            external=self.category,
            **facts,
        )
        return {"customer": customer.id, "event": event}
