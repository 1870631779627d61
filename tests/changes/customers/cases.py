"""A case for each command about a customer: input with which it does its work, and the event that tells of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from auth.actor import Actor
from models.roles import Role
from tests.access.desk import AGENT, Desk, actor
from tests.changes.customers.asking import FREE, IN_FORCE, MANAGER, SENIOR, customer, run

# May read everything and change nothing here.
READER = actor(Role.UNDERWRITER, 6)
# Lacks customers:assess and customers:restrict.
JUNIOR = AGENT

Input = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """`make` gives the input for a customer it also gives (its row id); `who` may, `lacks` may not."""

    name: str
    event: str | None
    make: Callable[[Desk], tuple[str, Input]]
    who: Actor = AGENT
    lacks: Actor = READER


def _of(**given: Any) -> Callable[[Desk], tuple[str, Input]]:
    def make(desk: Desk) -> tuple[str, Input]:
        public, row_id, _ = customer(desk)
        return row_id, {"customerId": public, **given}

    return make


def _in(column: str, state: str, condition: str = "true", **given: Any) -> Callable[[Desk], tuple[str, Input]]:
    """A customer whom the world is changed for to be in a state."""

    def make(desk: Desk) -> tuple[str, Input]:
        public, row_id, _ = customer(desk, condition)
        run(desk, f"update customers set {column} = %s where id = %s", state, row_id)
        return row_id, {"customerId": public, **given}

    return make


def _part(table: str, prefix: str, argument: str, extra: str = "true", **given: Any) -> Callable[[Desk], Any]:
    """Something that belongs to a customer."""

    def make(desk: Desk) -> tuple[str, Input]:
        ((row_id, part),) = desk.rows(
            f"select t.customer_id::text, t.id::text from {table} t join customers u on u.id = t.customer_id"
            f" where not u.restricted and {extra} order by t.id limit 1"
        )
        return row_id, {argument: f"{prefix}_{part}", **given}

    return make


def _household(desk: Desk) -> tuple[str, Input]:
    public, row_id, _ = customer(desk, _ALONE)
    ((household,),) = desk.rows("select id::text from households where dissolved_on is null order by number limit 1")
    return row_id, {"householdId": f"hhd_{household}", "customerId": public, "role": "OTHER"}


def _leaving(desk: Desk) -> tuple[str, Input]:
    ((household, row_id),) = desk.rows(
        "select household_id::text, customer_id::text from household_members m"
        " where left_on is null and role <> 'HEAD' order by id limit 1"
    )
    return row_id, {"householdId": f"hhd_{household}", "customerId": f"cus_{row_id}"}


_ALONE = "not exists (select from household_members m where m.customer_id = u.id and m.left_on is null)"


def _founding(desk: Desk) -> tuple[str, Input]:
    public, row_id, _ = customer(desk, _ALONE)
    other, _, _ = customer(desk, f"{_ALONE} and u.id <> '{row_id}'")
    members = [{"customerId": public, "role": "HEAD"}, {"customerId": other, "role": "OTHER"}]
    return row_id, {"name": "Lindenweg 4", "members": members}


def _relating(desk: Desk) -> tuple[str, Input]:
    public, row_id, _ = customer(desk)
    other, _, _ = customer(desk, f"u.id <> '{row_id}'")
    return row_id, {"customerId": public, "relatedCustomerId": other, "kind": "REPRESENTATIVE"}


def _related(desk: Desk) -> tuple[str, Input]:
    ((row_id, relationship),) = desk.rows(
        "select customer_id::text, id::text from relationships where ended_on is null and not restricted"
        " order by id limit 1"
    )
    return row_id, {"relationshipId": f"rel_{relationship}"}


def _second_account(desk: Desk) -> tuple[str, Input]:
    ((row_id, account),) = desk.rows(
        "select b.customer_id::text, b.id::text from bank_accounts b join customers u on u.id = b.customer_id"
        " where not u.restricted order by b.id limit 1"
    )
    run(desk, "update bank_accounts set is_primary = false where id = %s", account)
    return row_id, {"bankAccountId": f"bac_{account}"}


def _restricted(desk: Desk) -> tuple[str, Input]:
    public, row_id, _ = customer(desk)
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        row_id,
    )
    return row_id, {"customerId": public}


_ADDRESS = {"kind": "MAILING", "street": "Lindenweg 4", "postalCode": "79098", "city": "Freiburg", "country": "DE"}
_CURRENT = "t.valid_to is null and t.is_primary"

CASES: tuple[Case, ...] = (
    Case("updateCustomer", "CustomerInformationUpdated", _of(occupation="Glazier")),
    Case("activateCustomer", "CustomerStatusChanged", _in("status", "INACTIVE", IN_FORCE)),
    Case("deactivateCustomer", "CustomerStatusChanged", _in("status", "ACTIVE", FREE)),
    Case("courtCustomer", "CustomerStatusChanged", _in("status", "INACTIVE", FREE)),
    Case("suspendCustomer", "CustomerStatusChanged", _in("status", "ACTIVE"), SENIOR, JUNIOR),
    Case("recordCustomerDeath", "CustomerStatusChanged", _in("status", "ACTIVE")),
    Case("correctCustomerDeath", "CustomerStatusChanged", _in("status", "DECEASED"), SENIOR, JUNIOR),
    Case("closeCustomer", "CustomerStatusChanged", _in("status", "INACTIVE", FREE)),
    Case("startKyc", "KycStatusChanged", _in("kyc_status", "NOT_STARTED")),
    Case("verifyKyc", "KycStatusChanged", _in("kyc_status", "IN_PROGRESS"), SENIOR, JUNIOR),
    Case("rejectKyc", "KycStatusChanged", _in("kyc_status", "IN_PROGRESS"), SENIOR, JUNIOR),
    Case("expireKyc", "KycStatusChanged", _in("kyc_status", "VERIFIED"), SENIOR, JUNIOR),
    Case("assessRisk", "RiskAssessed", _of(score=61), SENIOR, JUNIOR),
    Case("restrictCustomer", None, _of(reason="Court order"), MANAGER, SENIOR),
    Case("unrestrictCustomer", None, _restricted, MANAGER, SENIOR),
    Case("addAddress", "ContactInformationChanged", _of(address=_ADDRESS)),
    Case(
        "changeAddress", "ContactInformationChanged", _part("addresses", "adr", "addressId", _CURRENT, region="Baden")
    ),
    Case("endAddress", "ContactInformationChanged", _part("addresses", "adr", "addressId", _CURRENT)),
    Case("addPhone", "ContactInformationChanged", _of(phone={"kind": "WORK", "number": "+49 761 7044123"})),
    Case(
        "changePhone", "ContactInformationChanged", _part("phones", "phn", "phoneId", "t.kind <> 'WORK'", kind="WORK")
    ),
    Case("endPhone", "ContactInformationChanged", _part("phones", "phn", "phoneId")),
    Case("addEmail", "ContactInformationChanged", _of(email={"kind": "WORK", "address": "desk@Example.com"})),
    Case(
        "changeEmail", "ContactInformationChanged", _part("emails", "eml", "emailId", "t.kind <> 'WORK'", kind="WORK")
    ),
    Case("endEmail", "ContactInformationChanged", _part("emails", "eml", "emailId")),
    Case("addBankAccount", "CustomerInformationUpdated", _of(iban="DE89 3704 0044 0532 0130 00")),
    Case("useBankAccountFirst", "CustomerInformationUpdated", _second_account),
    Case("endBankAccount", "CustomerInformationUpdated", _part("bank_accounts", "bac", "bankAccountId")),
    Case("grantConsent", "ConsentGranted", _of(purpose="SURVEYS", channel="PHONE")),
    Case("withdrawConsent", "ConsentWithdrawn", _of(purpose="SURVEYS", channel="PHONE")),
    Case("establishRelationship", "CustomerRelationshipEstablished", _relating),
    Case("endRelationship", "CustomerRelationshipEnded", _related),
    Case("foundHousehold", "HouseholdJoined", _founding),
    Case("joinHousehold", "HouseholdJoined", _household),
    Case("leaveHousehold", "HouseholdLeft", _leaving),
    Case("logLifeEvent", "LifeEventDetected", _of(kind="GRADUATION")),
    Case(
        "logCustomerEvent",
        "SessionEnded",
        _of(type="SessionEnded", summary="Left the app", occurredAt="2026-01-05T10:00:00Z", system="mobile-app"),
    ),
)
