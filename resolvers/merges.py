"""What one can do about duplicate customers."""

import strawberry

import loaders
from changes import merging
from schema.commands import does
from schema.connections import Connection
from schema.duplicates import DuplicatePair, pairs
from schema.merges import MergePayload, UnmergePayload


@strawberry.type
class Query:
    """Where to look for duplicates."""

    duplicate_candidates: Connection[DuplicatePair] | None = pairs(
        loaders.duplicates.all_pairs, "Pairs of customers that may be one and the same, the likeliest first, and why."
    )


@strawberry.type
class Mutation:
    """Merging duplicates, and taking it back."""

    merge_customers = does(merging.MergeCustomers, MergePayload)
    unmerge_customers = does(merging.UnmergeCustomers, UnmergePayload)
