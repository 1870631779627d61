"""Edges to relationships, households and their members, and the family's view over its members."""

from loaders.base import children, derived, one, page
from loaders.claims import OPEN_CLAIMS
from loaders.customers import TOTALS_CLAIMS, TOTALS_COLUMNS, TOTALS_OPTIONAL, TOTALS_SELECT
from models.claims import Claim
from models.contracts import Contract
from models.households import Household, HouseholdMember, Relationship

by_id = one(Household)
by_number = one(Household, "number")
all_households = page(Household, order="name")
current_of = one(
    Household,
    found="select m.household_id from household_members m where m.customer_id = k.key and m.left_on is null",
)

member_by_id = one(HouseholdMember)
members_of = children(HouseholdMember, "household_id", order="role")
memberships_of = children(HouseholdMember, "customer_id", order="-joined_on")

relationship_by_id = one(Relationship)
relationships_of = page(Relationship, "customer_id", order="kind")
inverse_relationships_of = page(Relationship, "related_customer_id", order="kind")

# As a condition beside the row, counting would read the members of all households.
_MEMBERS = "array(select m.customer_id from household_members m where m.household_id = k.key and m.left_on is null)"
_OF_MEMBER = "t.customer_id = any(k.found)"
contracts_of = page(Contract, order="-started_on", match=_OF_MEMBER, found=_MEMBERS)
claims_of = page(Claim, order="-reported_at", match=_OF_MEMBER, found=_MEMBERS)
open_claims_of = page(
    Claim, order="-reported_at", match=f"{_OF_MEMBER} and t.status in ({OPEN_CLAIMS})", found=_MEMBERS
)

totals_of = derived(
    "household_totals",
    f"""select m.household_id, {TOTALS_SELECT}
    from household_members m join contracts c on c.customer_id = m.customer_id {TOTALS_CLAIMS}
    where m.left_on is null and c.status in ('ACTIVE', 'GRACE_PERIOD')
    group by m.household_id, c.currency""",
    key="household_id",
    columns={"household_id": "uuid", **TOTALS_COLUMNS},
    order="currency",
    optional=TOTALS_OPTIONAL,
)
