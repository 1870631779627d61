"""Contact points: the addresses, phones and e-mail addresses at which a customer can be reached."""

from enum import auto

from sqlalchemy import Index
from sqlalchemy import text as sql

from models.base import (
    Choice,
    CustomerOwned,
    choice,
    date,
    datetime,
    day,
    flag,
    index,
    moment,
    suffix_index,
    text,
    trigram_index,
    utc_now,
)


class AddressKind(Choice):
    """What an address is used for."""

    MAILING = auto(), "Where post is sent."
    PHYSICAL = auto(), "Where the customer lives or has its seat."
    BILLING = auto(), "Where invoices are sent."


class AreaKind(Choice):
    """The kind of area an address lies in: a pricing factor."""

    URBAN = auto(), "City."
    SUBURBAN = auto(), "Outskirts of a city."
    RURAL = auto(), "Countryside."


class PhoneKind(Choice):
    """What kind of line a phone number is."""

    MOBILE = auto(), "Mobile phone."
    HOME = auto(), "Land line at home."
    WORK = auto(), "Phone at work or switchboard."


class EmailKind(Choice):
    """What kind of mailbox an e-mail address is."""

    PERSONAL = auto(), "Private mailbox."
    WORK = auto(), "Mailbox at work."


class Address(CustomerOwned, table=True):
    """A postal address of a customer, with its use and the dates it was valid."""

    __tablename__ = "addresses"
    __table_args__ = (index("customer_id", "kind", "id"), index("country", "region"), index("postal_code"))

    kind: AddressKind = choice(AddressKind, "What the address is used for.")
    street: str | None = text("Street and house number.", nullable=True)
    postal_code: str | None = text("Postal code as written in the country.", nullable=True)
    city: str | None = text("City, town or village.", nullable=True)
    region: str | None = text("State, province or canton.", nullable=True)
    country: str = text("Country (ISO 3166-1 alpha-2).", max_length=2)
    area: AreaKind | None = choice(AreaKind, "Urban, suburban or rural: a pricing factor.", nullable=True)
    is_primary: bool = flag("Whether this is the customer's first address for the use.", True)
    valid_from: date | None = day("First day the address was valid, if known.", nullable=True)
    valid_to: date | None = day("Last day the address was valid; none while it is current.", nullable=True)
    created_at: datetime = moment("When it was recorded.", default_factory=utc_now)


class Phone(CustomerOwned, table=True):
    """A phone number of a customer."""

    __tablename__ = "phones"
    __table_args__ = (index("customer_id", "kind", "id"), index("e164"), suffix_index("phones_e164_suffix_idx", "e164"))

    kind: PhoneKind = choice(PhoneKind, "What kind of line it is.")
    e164: str = text("The number in E.164 notation, such as +4915123456789.")
    is_primary: bool = flag("Whether to try this number first.", True)
    verified_at: datetime | None = moment("When the customer confirmed the number.", nullable=True)
    created_at: datetime = moment("When it was recorded.", default_factory=utc_now)


class Email(CustomerOwned, table=True):
    """An e-mail address of a customer."""

    __tablename__ = "emails"
    __table_args__ = (
        index("customer_id", "kind", "id"),
        trigram_index("emails_address_trgm_idx", "lower(address)"),
        Index("emails_address_lower_idx", sql("lower(address)")),
    )

    kind: EmailKind = choice(EmailKind, "What kind of mailbox it is.")
    address: str = text("The e-mail address, as the customer writes it.")
    is_primary: bool = flag("Whether to write to this address first.", True)
    verified_at: datetime | None = moment("When the customer confirmed the address.", nullable=True)
    created_at: datetime = moment("When it was recorded.", default_factory=utc_now)
