"""What commands about contracts do besides stepping: terms taken over, premiums billed, differences settled."""

from decimal import Decimal
from typing import Any

import pytest

from tests.access.desk import Desk
from tests.changes.contracts.asking import approved, contract, day, do, owner, payment, payments, refused
from tests.changes.customers.asking import events, position, run
from tests.changes.digests import everything


def _persons(desk: Desk, besides: str) -> list[str]:
    found = desk.rows(
        "select id::text from customers where kind = 'PERSON' and not restricted and id <> %s order by number limit 2",
        besides,
    )
    return [f"cus_{row_id}" for (row_id,) in found]


async def test_a_contract_takes_over_what_the_order_says(desk: Desk) -> None:
    order = approved(desk, "LIFE", start=-5)
    holder = owner(desk, "orders", order)
    run(desk, "update customers set status = 'PROSPECT' where id = %s", holder)
    insured, heir = _persons(desk, holder)
    since = position(desk)
    payload = await do(
        desk,
        "issueContract",
        {
            "orderId": f"ord_{order}",
            "insured": [{"customerId": insured, "relationship": "spouse"}],
            "payerId": heir,
            "beneficiaries": [
                {"customerId": heir, "rank": "PRIMARY", "sharePercent": "66.67"},
                {"name": "Younger Sister", "rank": "PRIMARY", "sharePercent": "33.33", "relationship": "sister"},
            ],
        },
    )
    # The day asked for is past: cover begins today.
    assert (payload["order"]["status"], payload["contract"]["status"]) == ("ISSUED", "ACTIVE")
    row_id = payload["contract"]["id"].removeprefix("con_")
    assert desk.rows(
        "select c.customer_id = o.customer_id, c.product_id = o.product_id, c.agent_id = o.agent_id,"
        " c.partner_id is not distinct from o.partner_id, c.coverage_level = o.coverage_level, c.currency = o.currency,"
        " c.premium_amount::text, c.annual_premium_amount::text, c.started_on, c.order_id = o.id"
        " from contracts c join orders o on o.id = %s where c.id = %s",
        order,
        row_id,
    ) == [(True, True, True, True, True, True, "10.00", "120.00", day(0), True)]
    parties = desk.rows(
        "select role, coalesce('cus_' || party_customer_id, name), rank, share_percent::text from contract_parties"
        " where contract_id = %s order by role, share_percent",
        row_id,
    )
    assert parties == [
        ("BENEFICIARY", "Younger Sister", "PRIMARY", "33.33"),
        ("BENEFICIARY", heir, "PRIMARY", "66.67"),
        ("INSURED", insured, None, None),
        ("PAYER", heir, None, None),
        ("POLICYHOLDER", f"cus_{holder}", None, None),
    ]
    billed = payments(desk, row_id)
    assert billed == [("PREMIUM", "DUE", "10.00"), *[("PREMIUM", "SCHEDULED", "10.00")] * 11]
    told = events(desk, holder, since)
    assert [name for name, _ in told] == ["OrderStatusChanged", "ContractIssued", "CustomerStatusChanged"]
    assert told[1][1]["premium"] == "10.00"
    assert desk.rows(
        "select to_status from order_status_changes where order_id = %s order by changed_at desc limit 1", order
    ) == [("ISSUED",)]
    # A second contract from the same order there is not.
    assert (await refused(desk, "issueContract", {"orderId": f"ord_{order}"}))["code"] == "TRANSITION_IMPOSSIBLE"


_NAMED = {"name": "Younger Sister", "rank": "PRIMARY", "sharePercent": "100"}


@pytest.mark.parametrize(
    ("beneficiaries", "code", "field"),
    [
        ([_NAMED | {"sharePercent": "99.99"}], "SHARES_NOT_WHOLE", "beneficiaries"),
        ([_NAMED, _NAMED | {"rank": "CONTINGENT", "sharePercent": "50"}], "SHARES_NOT_WHOLE", "beneficiaries"),
        ([_NAMED | {"rank": "CONTINGENT"}], "NO_PRIMARY_BENEFICIARY", "beneficiaries"),
        ([{"rank": "PRIMARY", "sharePercent": "100"}], "BAD_USER_INPUT", "beneficiaries.0"),
        ([_NAMED | {"sharePercent": "0"}], "BAD_USER_INPUT", "beneficiaries.0.sharePercent"),
        ([_NAMED | {"sharePercent": "33.333"}], "BAD_USER_INPUT", "beneficiaries.0.sharePercent"),
        ([_NAMED | {"birthDate": "2199-01-01"}], "BAD_USER_INPUT", "beneficiaries.0.birthDate"),
        ([_NAMED | {"name": " "}], "BAD_USER_INPUT", "beneficiaries.0.name"),
    ],
)
async def test_shares_of_each_rank_are_a_whole(desk: Desk, beneficiaries: list[Any], code: str, field: str) -> None:
    row_id = contract(desk, "LIFE", renews=False)
    before = everything(desk)
    error = await refused(desk, "changeBeneficiaries", {"contractId": f"con_{row_id}", "beneficiaries": beneficiaries})
    assert (error["code"], error["field"]) == (code, ["input", *field.split(".")])
    assert "Younger" not in error["message"]
    assert everything(desk) == before


async def test_only_what_has_a_benefit_has_beneficiaries(desk: Desk) -> None:
    given = {"contractId": f"con_{contract(desk)}", "beneficiaries": [_NAMED]}
    assert (await refused(desk, "changeBeneficiaries", given))["code"] == "NO_BENEFIT"


async def test_beneficiaries_that_stay_are_left_alone(desk: Desk) -> None:
    row_id = contract(desk, "LIFE", renews=False)
    given = {"contractId": f"con_{row_id}", "beneficiaries": [_NAMED]}
    version = (await do(desk, "changeBeneficiaries", given))["contract"]["version"]
    query = "select id from contract_parties where contract_id = %s and role = 'BENEFICIARY'"
    before, since = desk.rows(query, row_id), position(desk)
    assert (await do(desk, "changeBeneficiaries", given))["contract"]["version"] == version
    assert (desk.rows(query, row_id), position(desk)) == (before, since)


async def test_a_premium_changed_within_a_period_is_settled_by_days(desk: Desk) -> None:
    # Twenty of the thirty days of the period are left, today included.
    row_id = contract(desk, started=-10)
    paid = payment(desk, row_id, "PAID", due=-10)
    payment(desk, row_id, "SCHEDULED", due=20)
    given = {"contractId": f"con_{row_id}", "annualPremium": "156"}
    await do(desk, "amendContract", given)
    shown = payments(desk, row_id)
    # Three more a month, two thirds of it for the days left; what is scheduled costs what the contract costs now.
    assert ("ADJUSTMENT", "DUE", "2.00") in shown
    assert [one for one in shown if one[:2] == ("PREMIUM", "PAID")] == [("PREMIUM", "PAID", "10.00")]
    scheduled = {amount for kind, status, amount in shown if (kind, status) == ("PREMIUM", "SCHEDULED")}
    assert scheduled == {"13.00"}
    await do(desk, "amendContract", given | {"annualPremium": "120"})
    assert ("REFUND", "PAID", "-2.00") in payments(desk, row_id)
    # A premium that is still open is itself changed.
    run(desk, "update payments set status = 'DUE', paid_at = null where id = %s", paid)
    await do(desk, "amendContract", given)
    assert ("PREMIUM", "DUE", "12.00") in payments(desk, row_id)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"effectiveOn": str(day(1)), "renews": False}, "BAD_USER_INPUT", "effectiveOn"),
        ({"effectiveOn": str(day(-101)), "renews": False}, "BAD_USER_INPUT", "effectiveOn"),
        ({"annualPremium": "0.50"}, "BAD_USER_INPUT", "annualPremium"),
        ({"coverageAmount": "5"}, "NO_SUM_INSURED", "coverageAmount"),
        ({"agentId": "agt_0192f0c1-7c3e-7b11-a0b1-00000000dead"}, "NOT_FOUND", "agentId"),
    ],
)
async def test_an_amendment_that_makes_no_sense_names_its_argument(
    desk: Desk, given: dict[str, Any], code: str, field: str
) -> None:
    row_id = contract(desk)
    run(
        desk,
        "update products set minimum_coverage_amount = null, maximum_coverage_amount = null"
        " where id = (select product_id from contracts where id = %s)",
        row_id,
    )
    before = everything(desk)
    error = await refused(desk, "amendContract", {"contractId": f"con_{row_id}", **given})
    assert (error["code"], error["field"]) == (code, ["input", field])
    assert everything(desk) == before


async def test_a_renewal_bills_the_new_term_to_the_cent(desk: Desk) -> None:
    row_id = contract(desk, started=-350, frequency="QUARTERLY")
    given = {"contractId": f"con_{row_id}", "annualPremium": "100.10", "billingFrequency": "SEMI_ANNUAL"}
    ((renewal,),) = desk.rows("select renewal_on from contracts where id = %s", row_id)
    payload = await do(desk, "renewContract", given)
    assert payload["contract"]["premium"] == {"amount": "50.05"}
    new = desk.rows(
        "select amount from payments where contract_id = %s and period_from >= %s order by period_from", row_id, renewal
    )
    assert [amount for (amount,) in new] == [Decimal("50.05"), Decimal("50.05")]


async def test_what_was_paid_once_does_not_renew(desk: Desk) -> None:
    row_id = contract(desk, started=-350)
    run(desk, "update contracts set billing_frequency = 'SINGLE' where id = %s", row_id)
    before = everything(desk)
    error = await refused(desk, "renewContract", {"contractId": f"con_{row_id}"})
    assert (error["code"], error["field"]) == ("PAID_ONCE", ["input", "contractId"])
    assert everything(desk) == before


async def test_a_cancelled_contract_costs_what_it_covered(desk: Desk) -> None:
    row_id = contract(desk, started=-9)
    payment(desk, row_id, "PAID", due=-9)
    payment(desk, row_id, "SCHEDULED", due=21)
    since = position(desk)
    await do(
        desk,
        "cancelContract",
        {"contractId": f"con_{row_id}", "reason": "CUSTOMER_REQUEST", "effectiveOn": str(day(0))},
    )
    # Ten of thirty days are used, today included; what is paid back is the rest, to the cent.
    assert payments(desk, row_id) == [
        ("PREMIUM", "PAID", "10.00"),
        ("REFUND", "PAID", "-6.67"),
        ("PREMIUM", "WAIVED", "10.00"),
    ]
    told = events(desk, owner(desk, "contracts", row_id), since)
    assert [name for name, _ in told] == ["ContractCancelled", "PaymentRefunded"]
    assert told[0][1] == {"status": "CANCELLED", "reason": "CUSTOMER_REQUEST", "effectiveOn": str(day(0))}
