"""What a receipt is likely meant for: by the number, the sum, the name, with reasons, and only what one may see."""

from typing import Any

import pytest

from tests.access.desk import AGENT, Desk
from tests.changes.contracts.asking import contract, payment
from tests.changes.customers.asking import run
from tests.changes.receipts.asking import asked_for, matched, of_another_customer, receipt, row

ONE = "query ($id: ID!) { receipt(id: $id) { candidates { score reasons payment { id status } } } }"
MANY = """query { receipts(first: 50, where: { status: { in: [UNMATCHED, PARTLY_MATCHED] } }) {
  nodes { candidates { score reasons payment { id contract { id } } } } } }"""
# A sum that nothing in the demo world asks for.
SUM = "173.11"


async def _candidates(desk: Desk, receipt_id: str) -> list[tuple[str, list[str], float]]:
    """(payment, reasons, score), the likeliest first."""
    answer = await desk.ask(AGENT, ONE, id=receipt_id)
    # The receipt, the candidates, and what they are.
    assert answer.statements <= 3
    return [(one["payment"]["id"], one["reasons"], one["score"]) for one in answer.data["receipt"]["candidates"]]


def _number(desk: Desk, payment_id: str) -> str:
    ((number,),) = desk.rows(
        "select c.number from contracts c join payments p on p.contract_id = c.id where p.id = %s", row(payment_id)
    )
    return str(number)


def _called(desk: Desk, payment_id: str, first: str, last: str) -> None:
    """Give the customer of a payment a name."""
    run(
        desk,
        "update customers set first_name = %s, last_name = %s, display_name = %s, sort_name = %s"
        " where id = (select customer_id from payments where id = %s)",
        *(first, last, f"{first} {last}", f"{last}, {first}", row(payment_id)),
    )


@pytest.mark.parametrize("written", ["{}", "car {} thanks", "K{digits}", "k {short}", "Nr. {digits}", "K-{short}/2026"])
async def test_the_number_is_found_however_it_is_written(desk: Desk, written: str) -> None:
    payment_id = asked_for(desk)
    number = _number(desk, payment_id)
    reference = written.format(number, digits=number[2:], short=number[2:].lstrip("0"))
    (best, *_) = await _candidates(desk, await receipt(desk, SUM, reference=reference))
    assert best == (payment_id, ["CONTRACT_NUMBER"], 0.5)


@pytest.mark.parametrize("written", ["BOOK-{short}", "{short}", "K-{short}999", "premium"])
async def test_what_is_no_number_finds_nothing(desk: Desk, written: str) -> None:
    short = _number(desk, asked_for(desk))[2:].lstrip("0")
    assert await _candidates(desk, await receipt(desk, SUM, reference=written.format(short=short))) == []


async def test_all_reasons_add_up_the_strongest_first(desk: Desk) -> None:
    payment_id = asked_for(desk, amount=SUM)
    _called(desk, payment_id, "Roswitha", "Sommerfeld")
    given = {"reference": _number(desk, payment_id), "payerName": "SOMMERFELD ROSWITHA"}
    (best, *_) = await _candidates(desk, await receipt(desk, SUM, **given))
    assert best[0] == payment_id
    assert sorted(best[1]) == ["AMOUNT", "CONTRACT_NUMBER", "PAYER_NAME"]
    assert best[1][0] == "CONTRACT_NUMBER"
    assert best[2] == 1.0


async def test_the_sum_alone_finds_what_is_due_around_that_day(desk: Desk) -> None:
    contract_id = contract(desk)
    payments = {due: f"pay_{payment(desk, contract_id, 'SCHEDULED', due=due, amount=SUM)}" for due in range(-20, 21, 2)}
    found = await _candidates(desk, await receipt(desk, SUM))
    assert {one for one, _, _ in found} == {payments[due] for due in (*range(-8, 1, 2), *range(2, 11, 2))}
    assert all(reasons == ["AMOUNT"] and score == 0.25 for _, reasons, score in found)


async def test_the_payer_of_somebody_elses_contract_is_known(desk: Desk) -> None:
    payment_id = asked_for(desk)
    other = of_another_customer(desk, payment_id)
    _called(desk, other, "Roswitha", "Sommerfeld")
    run(
        desk,
        "insert into contract_parties (id, customer_id, contract_id, party_customer_id, name, role, created_at)"
        " select gen_random_uuid(), p.customer_id, p.contract_id, o.customer_id, 'Roswitha Sommerfeld', 'PAYER', now()"
        " from payments p, payments o where p.id = %s and o.id = %s",
        row(payment_id),
        row(other),
    )
    found = {
        one: reasons for one, reasons, _ in await _candidates(desk, await receipt(desk, SUM, payerName="R Sommerfeld"))
    }
    assert found[payment_id] == ["PAYER_NAME"]


async def test_what_is_left_is_for_the_same_customer(desk: Desk) -> None:
    contract_id = contract(desk)
    first, second = (f"pay_{payment(desk, contract_id, due=due)}" for due in (-2, 0))
    other = of_another_customer(desk, first)
    receipt_id = await receipt(desk, "20.00", reference=_number(desk, other))
    assert (await _candidates(desk, receipt_id))[0][0] == other
    await matched(desk, receipt_id, first)
    (best, *others) = await _candidates(desk, receipt_id)
    assert best == (second, ["AMOUNT", "CUSTOMER"], 0.5)
    assert all(reasons == ["CUSTOMER"] for _, reasons, _ in others)
    await matched(desk, receipt_id, second)
    assert await _candidates(desk, receipt_id) == []


async def test_what_is_paid_or_goes_out_or_is_in_another_currency_is_no_candidate(desk: Desk) -> None:
    contract_id = contract(desk)
    for status in ("PAID", "WAIVED", "FAILED", "REFUNDED"):
        payment(desk, contract_id, status, amount=SUM)
    payment(desk, contract_id, amount=f"-{SUM}", kind="REFUND")
    francs = payment(desk, contract_id, amount=SUM)
    run(desk, "update payments set currency = 'CHF' where id = %s", francs)
    ((number,),) = desk.rows("select number from contracts where id = %s", contract_id)
    assert await _candidates(desk, await receipt(desk, SUM, reference=number)) == []


async def test_a_restricted_customer_is_no_candidate(desk: Desk) -> None:
    payment_id = asked_for(desk, amount=SUM)
    _called(desk, payment_id, "Roswitha", "Sommerfeld")
    receipt_id = await receipt(desk, SUM, reference=_number(desk, payment_id), payerName="Roswitha Sommerfeld")
    assert (await _candidates(desk, receipt_id))[0][0] == payment_id
    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x'"
        " where id = (select customer_id from payments where id = %s)",
        row(payment_id),
    )
    assert payment_id not in [one for one, _, _ in await _candidates(desk, receipt_id)]


async def test_statements_do_not_grow_with_receipts(desk: Desk) -> None:
    numbers = desk.rows("select number from contracts order by number limit 30")
    for (number,) in numbers:
        await receipt(desk, "10.00", reference=f"{number} and {numbers[0][0]}", payerName="Anna")
    answer = await desk.ask(AGENT, MANY)
    nodes: list[Any] = answer.data["receipts"]["nodes"]
    assert len(nodes) >= 30
    assert all(len(node["candidates"]) <= 10 for node in nodes)
    # Receipts, candidates, payments, contracts.
    assert answer.statements == 4
