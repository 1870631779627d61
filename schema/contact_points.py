"""Contact points as the graph shows them."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import loaders
from models import contact_points as models
from schema.entity import Node, entity
from schema.fields import column, one
from schema.scalars import CountryCode, Email, PhoneNumber

if TYPE_CHECKING:
    from schema.customers import Customer


@entity(models.Address, "adr", loaders.contact_points.address_by_id, "customers:read")
class Address(Node):
    """A postal address of a customer, with its use and the dates it was valid."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    kind: models.AddressKind = column()
    street: str | None = column()
    postal_code: str | None = column()
    city: str | None = column()
    region: str | None = column()
    country: CountryCode = column()
    area: models.AreaKind | None = column()
    is_primary: bool = column()
    valid_from: date | None = column()
    valid_to: date | None = column()
    created_at: datetime = column()


@entity(models.Phone, "phn", loaders.contact_points.phone_by_id, "customers:read")
class Phone(Node):
    """A phone number of a customer."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    kind: models.PhoneKind = column()
    number: PhoneNumber = column("e164")
    is_primary: bool = column()
    verified_at: datetime | None = column()
    created_at: datetime = column()


@entity(models.Email, "eml", loaders.contact_points.email_by_id, "customers:read")
class EmailAddress(Node):
    """An e-mail address of a customer."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    kind: models.EmailKind = column()
    address: Email = column()
    is_primary: bool = column()
    verified_at: datetime | None = column()
    created_at: datetime = column()
