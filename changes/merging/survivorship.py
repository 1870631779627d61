"""Survivorship: of which of two customers each value is kept. By choice, and where nothing was chosen by a rule."""

from collections.abc import Iterable
from typing import Any

from changes.commands import Part, given
from changes.errors import Forbidden, Impossible
from core.errors import BadInput
from models.customers import Customer, CustomerStatus, KycStatus
from models.merges import MergeField, MergeSide

COLUMNS: dict[MergeField, tuple[str, ...]] = {
    MergeField.NAME: ("title", "first_name", "last_name", "organisation_name", "display_name", "sort_name"),
    MergeField.BIRTH_DATE: ("birth_date",),
    MergeField.GENDER: ("gender",),
    MergeField.MARITAL_STATUS: ("marital_status",),
    MergeField.EDUCATION: ("education",),
    MergeField.EMPLOYMENT_STATUS: ("employment_status",),
    MergeField.OCCUPATION: ("occupation",),
    MergeField.INCOME: ("income_amount",),
    MergeField.LANGUAGE: ("language",),
    MergeField.NATIONALITY: ("nationality",),
    MergeField.NATIONAL_ID: ("national_id_sealed", "national_id_index", "national_id_masked"),
    MergeField.STATUS: ("status",),
    MergeField.KYC: ("kyc_status", "kyc_verified_at"),
    MergeField.RISK: ("risk_score", "risk_band"),
    MergeField.SEGMENT: ("segment",),
    MergeField.CUSTOMER_SINCE: ("customer_since",),
    MergeField.ATTRIBUTES: ("attributes",),
}

RESTRICTION = ("restricted", "restricted_at", "restriction_reason")
"""Nobody chooses these: who was restricted stays so."""

APART: dict[str, str] = {
    "currency": "of the survivor: its sums are in it",
    "lifetime_value_amount": "computed of what the survivor holds",
    "number": "the old number leads to the survivor",
    "search_name": "computed of the names",
}
"""Columns of customers that no choice is about, each with the reason."""

# What one needs to be told of, or to choose, besides the command's own permission.
_NEEDS: dict[MergeField, str] = {
    MergeField.BIRTH_DATE: "customers:read_birth_date",
    MergeField.INCOME: "customers:read_income",
}


class FieldChoice(Part):
    """Of which customer a value is kept."""

    field: MergeField = given("What it is about.")
    side: MergeSide = given("Whose value is kept.")


def chosen(choices: Iterable[FieldChoice], actor: Any) -> dict[MergeField, MergeSide]:
    """The choices by field. Raises BadInput for two about one field, Forbidden for what the actor may not see."""
    sides: dict[MergeField, MergeSide] = {}
    for position, choice in enumerate(choices):
        if choice.field in sides:
            raise BadInput("there is another choice for this field", argument=f"input.fields.{position}.field")
        if choice.field in _NEEDS and not actor.may(_NEEDS[choice.field]):
            raise Forbidden(_NEEDS[choice.field])
        sides[choice.field] = choice.side
    return sides


def sides(survivor: Customer, merged: Customer, choices: dict[MergeField, MergeSide]) -> dict[MergeField, MergeSide]:
    """Whose value is kept, for each field. Raises Impossible for an income in another currency."""
    if choices.get(MergeField.INCOME) is MergeSide.MERGED and survivor.currency != merged.currency:
        raise Impossible("CURRENCY_DIFFERS", "the two incomes are in different currencies", "fields")
    return {field: choices.get(field) or _usual(field, survivor, merged) for field in MergeField}


def may_know(field: MergeField, actor: Any) -> bool:
    """Whether the actor may learn which side has a value."""
    return field not in _NEEDS or actor.may(_NEEDS[field])


def _usual(field: MergeField, survivor: Customer, merged: Customer) -> MergeSide:
    """The survivor's value, unless it has none or the rule of the field prefers the other."""
    match field:
        case MergeField.STATUS:
            better = merged.status is CustomerStatus.ACTIVE and survivor.status in _WITHOUT_CONTRACT
        case MergeField.KYC:
            better = merged.kyc_status is KycStatus.VERIFIED and survivor.kyc_status is not KycStatus.VERIFIED
        case MergeField.RISK:
            better = (merged.risk_score or -1) > (survivor.risk_score or -1)
        case MergeField.CUSTOMER_SINCE:
            better = merged.customer_since < survivor.customer_since
        case MergeField.INCOME:
            same = survivor.currency == merged.currency
            better = same and survivor.income_amount is None and merged.income_amount is not None
        case _:
            better = not _has(field, survivor) and _has(field, merged)
    return MergeSide.MERGED if better else MergeSide.SURVIVOR


_WITHOUT_CONTRACT = (CustomerStatus.PROSPECT, CustomerStatus.INACTIVE)


def _has(field: MergeField, customer: Customer) -> bool:
    return any(getattr(customer, name) for name in COLUMNS[field] if not name.endswith("_sealed"))
