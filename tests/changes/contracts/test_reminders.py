"""Customers are reminded of a renewal once, in time, and partners hear of it."""

from datetime import UTC, datetime, timedelta

import pytest

from auth.actor import SYSTEM, user
from changes import perform
from changes.contracts.reminding import RemindOfRenewal
from changes.due import due_to_remind
from models.roles import Role
from tests.access.desk import AGENT, Desk
from tests.changes.contracts.asking import contract, day, do, owner, payment, refused
from tests.changes.customers.asking import events, position, run
from tests.changes.digests import everything

_SHOWN = "query ($id: ID!) { contract(id: $id) { renewalOn renewalRemindedOn events(first: 50) { nodes { type } } } }"


def _renews_in(desk: Desk, days: int, **state: object) -> str:
    """The row id of a contract that renews in so many days."""
    row_id = contract(desk, started=-300, **state)  # type: ignore[arg-type]
    run(
        desk,
        "update contracts set ends_on = %s, renewal_on = %s, renewal_reminded_on = null where id = %s",
        day(days - 1),
        day(days),
        row_id,
    )
    return row_id


async def _listed(desk: Desk, row_id: str, ahead: int = 0) -> bool:
    async with desk.services.pool.connection() as connection:
        now = datetime.now(UTC) + timedelta(days=ahead)
        return row_id in {str(one) for one in await due_to_remind(connection, now, 100_000)}


async def test_an_agent_reminds_once_and_again_of_the_next_renewal(desk: Desk) -> None:
    row_id = _renews_in(desk, 30)
    holder, since = owner(desk, "contracts", row_id), position(desk)
    given = {"contractId": f"con_{row_id}"}
    assert await _listed(desk, row_id)
    await do(desk, "remindOfRenewal", given, AGENT)
    ((kind, facts),) = events(desk, holder, since)
    assert kind == "RenewalReminderSent"
    assert facts == {"renewalOn": str(day(30)), "premium": "10.00", "currency": "EUR"}
    shown = (await desk.ask(AGENT, _SHOWN, id=given["contractId"])).data["contract"]
    assert shown["renewalRemindedOn"] == str(day(0))
    # The same day, and until it renews, once is enough.
    before = everything(desk)
    assert (await refused(desk, "remindOfRenewal", given))["code"] == "ALREADY_REMINDED"
    assert everything(desk) == before
    assert not await _listed(desk, row_id)
    assert not await _listed(desk, row_id, 20)
    await do(desk, "renewContract", given)
    ((renewal,),) = desk.rows("select renewal_on from contracts where id = %s", row_id)
    ahead = (renewal - timedelta(days=30) - day(0)).days
    assert not await _listed(desk, row_id, ahead - 1)
    assert await _listed(desk, row_id, ahead)


@pytest.mark.parametrize("case", ["early", "past", "never", "paused", "arrears", "dead"])
async def test_it_is_refused_and_not_listed(desk: Desk, case: str) -> None:
    row_id = _renews_in(desk, {"early": 31, "past": 0}.get(case, 20))
    wanted = {
        "early": "REMINDER_TOO_EARLY",
        "past": "RENEWAL_DAY_PAST",
        "never": "NOT_RENEWABLE",
        "paused": "TRANSITION_IMPOSSIBLE",
        "arrears": "ARREARS",
        "dead": "CUSTOMER_DECEASED",
    }[case]
    if case == "never":
        run(desk, "update contracts set renewal_on = null where id = %s", row_id)
    elif case == "paused":
        run(desk, "update contracts set status = 'GRACE_PERIOD' where id = %s", row_id)
    elif case == "arrears":
        payment(desk, row_id, "OVERDUE", due=-20)
    elif case == "dead":
        run(desk, "update customers set status = 'DECEASED' where id = %s", owner(desk, "contracts", row_id))
    assert not await _listed(desk, row_id)
    before = everything(desk)
    error = await refused(desk, "remindOfRenewal", {"contractId": f"con_{row_id}"})
    # The workflow itself names no argument.
    assert (error["code"], error["field"]) == (wanted, ["input"] if case == "paused" else ["input", "contractId"])
    assert everything(desk) == before


async def test_the_partner_who_sold_it_hears_of_it(desk: Desk) -> None:
    row_id = _renews_in(desk, 20)
    ((partner, other),) = desk.rows("select min(id::text), max(id::text) from partners")
    run(desk, "update contracts set partner_id = %s where id = %s", partner, row_id)
    await perform(desk.services.door, SYSTEM, RemindOfRenewal(contract_id=row_id))  # type: ignore[arg-type]
    who, stranger = (
        user(f"0192f0c1-7c3e-7b11-a0b1-00000000000{number}", frozenset({Role.PARTNER}), partner_id=one)
        for number, one in enumerate((partner, other))
    )
    shown = (await desk.ask(who, _SHOWN, id=f"con_{row_id}")).data["contract"]
    assert shown["renewalRemindedOn"] == str(day(0))
    assert {"type": "RenewalReminderSent"} in shown["events"]["nodes"]
    assert (await desk.ask(stranger, _SHOWN, id=f"con_{row_id}")).data == {"contract": None}
