"""Edges to merges of customers, and the ways by which an old id or number leads to the survivor."""

from loaders.base import children, one
from models.merges import CustomerMerge

by_id = one(CustomerMerge)
merges_of = children(CustomerMerge, "customer_id", order="-merged_at")
