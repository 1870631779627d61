"""Edges to contracts and their parties."""

from loaders.base import children, one, page
from models.contracts import Contract, ContractParty

by_id = one(Contract)
by_number = one(Contract, "number")
of_order = one(Contract, "order_id")
all_contracts = page(Contract, order="-started_on")
of_customer = page(Contract, "customer_id", order="-started_on")
of_product = page(Contract, "product_id", order="-started_on")
of_partner = page(Contract, "partner_id", order="-started_on")
of_agent = page(Contract, "agent_id", order="-started_on")

party_by_id = one(ContractParty)
parties_of = children(ContractParty, "contract_id", order="role")
parts_of_customer = page(ContractParty, "party_customer_id", order="role")
