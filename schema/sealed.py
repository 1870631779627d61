"""Bank accounts as the graph shows them: their numbers masked."""

from datetime import datetime
from typing import TYPE_CHECKING

import loaders
from models import sealed as models
from schema.entity import Node, entity
from schema.fields import column, one
from schema.masking import MaskedValue, masked
from schema.scalars import CountryCode

if TYPE_CHECKING:
    from schema.customers import Customer


@entity(
    models.BankAccount, "bac", loaders.sealed.bank_account_by_id, "customers:read", hidden=("iban_sealed", "iban_index")
)
class BankAccount(Node):
    """A bank account of a customer, for premiums and for payments to them."""

    customer: "Customer" = one(loaders.customers.by_id, "customer_id")
    holder: str = column()
    iban: MaskedValue = masked()
    bank_country: CountryCode = column()
    is_primary: bool = column()
    created_at: datetime = column()
