"""Merges of duplicate customers: which record went into which, and what moved, so that it can be taken back."""

from enum import auto
from typing import Any

from models.base import (
    UUID,
    Choice,
    CustomerOwned,
    choice,
    datetime,
    document,
    index,
    loose_id,
    moment,
    ref,
    text,
    utc_now,
)


class MergeSide(Choice):
    """Of which of two customers that are merged a value is kept."""

    SURVIVOR = auto(), "Of the customer that stays."
    MERGED = auto(), "Of the customer that is merged into it."


class MergeField(Choice):
    """What of a customer can be taken from either side of a merge."""

    NAME = auto(), "Title, first and last name; of an organisation its name."
    BIRTH_DATE = auto(), "Date of birth."
    GENDER = auto(), "Stated gender."
    MARITAL_STATUS = auto(), "Civil status."
    EDUCATION = auto(), "Highest completed education."
    EMPLOYMENT_STATUS = auto(), "How the person earns a living."
    OCCUPATION = auto(), "Occupation."
    INCOME = auto(), "Yearly gross income."
    LANGUAGE = auto(), "Preferred language."
    NATIONALITY = auto(), "Nationality."
    NATIONAL_ID = auto(), "National identification number."
    STATUS = auto(), "Where the relationship stands."
    KYC = auto(), "How far the identity is verified."
    RISK = auto(), "Risk score and band."
    SEGMENT = auto(), "Market segment."
    CUSTOMER_SINCE = auto(), "Since when the customer is known."
    ATTRIBUTES = auto(), "Facts from source systems."


class MergeEffect(Choice):
    """What a merge did to a row."""

    MOVED = auto(), "It belongs to the survivor now."
    CHANGED = auto(), "Some of its values are others now."
    REMOVED = auto(), "It was removed: the survivor has the same, or it is the merged customer itself."


class CustomerMerge(CustomerOwned, table=True):
    """A duplicate customer that was merged into another. By it the old id and the old number lead to the survivor."""

    __tablename__ = "customer_merges"
    __table_args__ = (
        index("customer_id", "merged_at", "id"),
        index("merged_id", where="undone_at is null", unique=True),
        index("merged_number", where="undone_at is null", unique=True),
    )

    merged_id: UUID = loose_id("Id of the customer that was merged.")
    merged_number: str = text("Number of the customer that was merged.")
    reason: str | None = text("Why the two are held to be one, in the words of whoever merged them.", nullable=True)
    merged_at: datetime = moment("When they were merged.", default_factory=utc_now)
    merged_by: str = text("Who merged them: the id of a user or API key, or system.")
    undone_at: datetime | None = moment("When the merge was taken back; none while it holds.", nullable=True)
    undone_by: str | None = text("Who took it back.", nullable=True)


class CustomerMergeMove(CustomerOwned, table=True):
    """A row that a merge moved, changed or took away, with what is needed to put it back."""

    __tablename__ = "customer_merge_moves"
    __table_args__ = (index("merge_id", "place"), index("customer_id"))

    merge_id: UUID = ref("customer_merges.id", "The merge.")
    effect: MergeEffect = choice(MergeEffect, "What was done to the row.")
    place: str = text("Table of the row.")
    owner: str | None = text(
        "Column that led to the merged customer and leads to the survivor now; none unless it was moved.", nullable=True
    )
    row_key: dict[str, Any] = document("Primary key of the row.")
    kept: dict[str, Any] = document(
        "Of a row that was removed the whole of it; else the values that were changed, as they were before."
    )
