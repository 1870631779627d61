"""Edges to bank accounts, and from blind indexes to what they stand for (core.sealing's `Keyring.index`)."""

from loaders.base import children, one
from models.customers import Customer
from models.sealed import BankAccount

# Of two records of one person, found before they are merged, this leads to either.
by_national_id_index = one(Customer, "national_id_index")

bank_account_by_id = one(BankAccount)
bank_accounts_of = children(BankAccount, "customer_id", order="created_at")
bank_accounts_by_iban_index = children(BankAccount, "iban_index", order="created_at")
