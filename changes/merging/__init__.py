"""Merging duplicate customers, and taking a merge back (docs/adr/0029-merging-customers.md)."""

from changes.merging.merge import MergeCustomers
from changes.merging.survivorship import FieldChoice
from changes.merging.unmerge import UnmergeCustomers

__all__ = ["FieldChoice", "MergeCustomers", "UnmergeCustomers"]
