"""Where a customer stands: restriction, verification and risk, and what others see of it."""

import asyncio

import pytest

from auth.actor import user
from auth.permissions import ROLES
from models.customers import risk_band
from models.roles import Role
from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import MANAGER, SENIOR, customer, do, events, mutation, position, refused
from tests.changes.digests import everything

_SEEN = "query ($id: ID!) { customer(id: $id) { number } }"
_TOLD = "query ($id: ID!) { feedCursor customer(id: $id) { timeline(first: 100) { nodes { id type } } } }"
_LOG = """query ($id: ID!) { customer(id: $id) { accessLog(first: 10, kinds: [MUTATION]) {
  nodes { operation actorId } } } }"""
_WAYS = "query ($id: ID!) { customer(id: $id) { number availableTransitions availableKycTransitions } }"


async def _sees(desk: Desk, public: str) -> bool:
    answer = await desk.ask(AGENT, _SEEN, id=public)
    assert answer.outcome.data
    return answer.outcome.data["customer"] is not None


async def test_a_restricted_customer_is_out_of_sight_until_the_restriction_is_lifted(desk: Desk) -> None:
    public, row_id, version = customer(desk)
    since = position(desk)
    answer = "customer { restricted restrictionReason version }"
    shown = await do(desk, MANAGER, "restrictCustomer", {"customerId": public, "reason": "Court order"}, answer)
    assert shown["customer"] == {"restricted": True, "restrictionReason": "Court order", "version": version + 1}
    assert not await _sees(desk, public)
    before = everything(desk)
    error = await refused(desk, MANAGER, "restrictCustomer", {"customerId": public, "reason": "Again"})
    assert error["code"] == "ALREADY_RESTRICTED"
    assert everything(desk) == before
    lifted = await do(desk, MANAGER, "unrestrictCustomer", {"customerId": public}, answer)
    assert lifted["customer"]["restrictionReason"] is None
    assert await _sees(desk, public)
    assert (await refused(desk, MANAGER, "unrestrictCustomer", {"customerId": public}))["code"] == "NOT_RESTRICTED"
    # Whoever sees the customer again does not learn of it from the history, and the reason is nowhere in the clear.
    assert events(desk, row_id, since) == []
    log = await desk.log("MUTATION")
    assert [entry["operation"] for entry in log] == ["RestrictCustomer", "UnrestrictCustomer"]
    assert "Court" not in repr(log)


async def test_who_restricted_a_customer_is_told_to_those_who_may_restrict_alone(desk: Desk) -> None:
    public, _, _ = customer(desk)
    before = (await desk.ask(AGENT, _TOLD, id=public)).outcome.data
    await do(desk, MANAGER, "restrictCustomer", {"customerId": public, "reason": "Court order"})
    await do(desk, MANAGER, "unrestrictCustomer", {"customerId": public})
    # Neither a line of the timeline nor a place in the feed tells of it afterwards.
    assert (await desk.ask(AGENT, _TOLD, id=public)).outcome.data == before
    assert (await desk.ask(AGENT, _LOG, id=public)).codes == ["FORBIDDEN"]
    await desk.services.audit.flush()
    log = (await desk.ask(MANAGER, _LOG, id=public)).data["customer"]["accessLog"]["nodes"]
    assert [(entry["operation"], entry["actorId"]) for entry in log] == [
        ("UnrestrictCustomer", f"usr_{MANAGER.id}"),
        ("RestrictCustomer", f"usr_{MANAGER.id}"),
    ]
    may_restrict = {role for role in Role if "customers:restrict" in ROLES[role]}
    assert may_restrict == {role for role in Role if "audit:read" in ROLES[role]}


async def test_only_who_may_restrict_lifts_a_restriction(desk: Desk) -> None:
    public, _, _ = customer(desk)
    await do(desk, MANAGER, "restrictCustomer", {"customerId": public, "reason": "Court order"})
    before = everything(desk)
    answer = await desk.ask(SENIOR, mutation("unrestrictCustomer"), input={"customerId": public})
    assert answer.codes == ["FORBIDDEN"]
    assert everything(desk) == before


@pytest.mark.parametrize("score", [0, 29, 30, 59, 60, 84, 85, 100])
async def test_the_band_follows_from_the_score(desk: Desk, score: int) -> None:
    public, row_id, _ = customer(desk)
    since = position(desk)
    answer = "customer { riskScore riskBand }"
    shown = (await do(desk, SENIOR, "assessRisk", {"customerId": public, "score": score}, answer))["customer"]
    assert shown == {"riskScore": score, "riskBand": risk_band(score)}
    assert events(desk, row_id, since) == [("RiskAssessed", {"riskScore": score, "riskBand": risk_band(score)})]


@pytest.mark.parametrize("score", [-1, 101])
async def test_a_score_that_is_none_is_refused(desk: Desk, score: int) -> None:
    public, _, _ = customer(desk)
    before = everything(desk)
    error = await refused(desk, SENIOR, "assessRisk", {"customerId": public, "score": score})
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", "score"])
    assert everything(desk) == before


async def test_a_verification_notes_when(desk: Desk) -> None:
    public, row_id, _ = customer(desk, "birth_date is not null and kyc_status <> 'IN_PROGRESS'")
    await do(desk, AGENT, "startKyc", {"customerId": public})
    since = position(desk)
    answer = "customer { kycStatus kycVerifiedAt availableKycTransitions }"
    shown = (await do(desk, SENIOR, "verifyKyc", {"customerId": public}, answer))["customer"]
    assert shown["kycStatus"] == "VERIFIED"
    assert shown["kycVerifiedAt"]
    assert shown["availableKycTransitions"] == ["startKyc", "expireKyc"]
    assert events(desk, row_id, since) == [("KycStatusChanged", {"from": "IN_PROGRESS", "to": "VERIFIED"})]


async def test_a_partner_is_shown_no_way_it_may_not_go(either: Desk) -> None:
    ((row_id, partner),) = either.rows(
        "select customer_id::text, partner_id::text from partner_book where kind = 'CUSTOMER' order by 1 limit 1"
    )
    who = user("0192f0c1-7c3e-7b11-a0b1-000000000039", frozenset({Role.PARTNER}), partner_id=partner)
    answer = await either.ask(who, _WAYS, id=f"cus_{row_id}")
    assert answer.outcome.data
    shown = answer.outcome.data["customer"]
    assert shown["availableTransitions"] == []
    assert not shown["availableKycTransitions"]


async def test_of_many_numbers_added_at_once_one_comes_first(desk: Desk) -> None:
    public, row_id, _ = customer(desk)
    numbers = [{"kind": "WORK", "number": f"+4976170441{index:02}", "primary": True} for index in range(6)]
    given = [{"customerId": public, "phone": number} for number in numbers]
    answers = await asyncio.gather(*(desk.done(AGENT, mutation("addPhone"), input=one) for one in given))
    assert [error for answer in answers for error in answer["userErrors"]] == []
    assert desk.rows("select count(*) from phones where customer_id = %s and is_primary", row_id) == [(1,)]
