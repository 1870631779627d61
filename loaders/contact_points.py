"""Edges to contact points."""

from loaders.base import children, one
from models.contact_points import Address, Email, Phone

address_by_id = one(Address)
phone_by_id = one(Phone)
email_by_id = one(Email)

addresses_of = children(Address, "customer_id", order="kind")
phones_of = children(Phone, "customer_id", order="kind")
emails_of = children(Email, "customer_id", order="kind")
