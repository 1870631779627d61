"""What mutations about customers answer: the customer as it is now, and what was made or changed besides."""

from typing import TYPE_CHECKING

import loaders
from schema.commands import result_of
from schema.mutations import payload

if TYPE_CHECKING:
    from schema.consents import Consent
    from schema.contact_points import Address, EmailAddress, Phone
    from schema.customers import Customer
    from schema.history import Event
    from schema.households import Household, HouseholdMember, Relationship
    from schema.interactions import Interaction
    from schema.sealed import BankAccount

_CUSTOMER = "The customer as it is now."


@payload("A customer that was changed.")
class CustomerPayload:
    """Of commands about customers."""

    customer: "Customer | None" = result_of(loaders.customers.by_id, "customer", _CUSTOMER)


@payload("A customer whose postal addresses were changed.")
class AddressPayload:
    """Of commands about addresses."""

    customer: "Customer | None" = result_of(loaders.customers.by_id, "customer", _CUSTOMER)
    address: "Address | None" = result_of(loaders.contact_points.address_by_id, "object", "The address as it is now.")


@payload("A customer whose phone numbers were changed.")
class PhonePayload:
    """Of commands about phone numbers."""

    customer: "Customer | None" = result_of(loaders.customers.by_id, "customer", _CUSTOMER)
    phone: "Phone | None" = result_of(
        loaders.contact_points.phone_by_id, "object", "The phone number; none where it was removed."
    )


@payload("A customer whose e-mail addresses were changed.")
class EmailPayload:
    """Of commands about e-mail addresses."""

    customer: "Customer | None" = result_of(loaders.customers.by_id, "customer", _CUSTOMER)
    email: "EmailAddress | None" = result_of(
        loaders.contact_points.email_by_id, "object", "The e-mail address; none where it was removed."
    )


@payload("A customer whose bank accounts were changed.")
class BankAccountPayload:
    """Of commands about bank accounts."""

    customer: "Customer | None" = result_of(loaders.customers.by_id, "customer", _CUSTOMER)
    bank_account: "BankAccount | None" = result_of(
        loaders.sealed.bank_account_by_id, "object", "The bank account; none where it was removed."
    )


@payload("A customer who gave or took back a consent.")
class ConsentPayload:
    """Of commands about consents."""

    customer: "Customer | None" = result_of(loaders.customers.by_id, "customer", _CUSTOMER)
    consent: "Consent | None" = result_of(loaders.consents.by_id, "consent", "What the customer said.")


@payload("A relationship that was established or ended.")
class RelationshipPayload:
    """Of commands about relationships."""

    customer: "Customer | None" = result_of(loaders.customers.by_id, "customer", _CUSTOMER)
    relationship: "Relationship | None" = result_of(
        loaders.households.relationship_by_id, "relationship", "The relationship, as the customer has it."
    )


@payload("A household that was founded, joined or left.")
class HouseholdPayload:
    """Of commands about households."""

    household: "Household | None" = result_of(loaders.households.by_id, "household", "The household as it is now.")
    member: "HouseholdMember | None" = result_of(
        loaders.households.member_by_id, "member", "Who joined or left; none where the household was founded."
    )


@payload("What was told to the history of a customer.")
class CustomerEventPayload:
    """Of commands about the history."""

    customer: "Customer | None" = result_of(loaders.customers.by_id, "customer", _CUSTOMER)
    event: "Event | None" = result_of(loaders.history.by_id, "event", "The event, with its cause and effects.")
    interaction: "Interaction | None" = result_of(
        loaders.interactions.by_id, "interaction", "The contact in which it was heard, if there was one."
    )
