"""Receipts are reached from customer, contract and payment, listed by state and day, and seen by the staff alone."""

from auth.actor import user
from models.roles import Role
from tests.access.desk import AGENT, Desk
from tests.changes.contracts.asking import MANAGER, contract, owner, payment
from tests.changes.customers.asking import run
from tests.changes.receipts.asking import matched, receipt, row

AROUND = """query ($receipt: ID!, $payment: ID!, $contract: ID!, $customer: ID!) {
  receipt(id: $receipt) {
    customer { id } matches { totalCount nodes { amount { amount } payment { id } receipt { id } customer { id } } }
    events { nodes { type subject { __typename ... on Receipt { id } } } }
  }
  payment(id: $payment) { receiptMatches { receipt { id } statusBefore } refunds { id } refundOf { id } }
  contract(id: $contract) { receipts { totalCount nodes { id } } }
  customer(id: $customer) { receipts(where: { status: { eq: PARTLY_MATCHED } }) { nodes { id } } }
  node(id: $receipt) { ... on Receipt { status } }
}"""
LIST = """query ($status: ReceiptStatus!) {
  receipts(first: 100, where: { status: { eq: $status } }, orderBy: { field: RECEIVED_ON, direction: ASC }) {
    totalCount nodes { id status receivedOn } } }"""


async def test_it_is_reached_from_all_sides(desk: Desk) -> None:
    contract_id = contract(desk)
    payment_id, customer = f"pay_{payment(desk, contract_id)}", f"cus_{owner(desk, 'contracts', contract_id)}"
    receipt_id = await receipt(desk, "15.00")
    await matched(desk, receipt_id, payment_id)
    given = {"receipt": receipt_id, "payment": payment_id, "contract": f"con_{contract_id}", "customer": customer}
    shown = (await desk.ask(AGENT, AROUND, **given)).data
    assert shown["receipt"]["customer"] == {"id": customer}
    (match,) = shown["receipt"]["matches"]["nodes"]
    assert match == {
        "amount": {"amount": "10.00"},
        "payment": {"id": payment_id},
        "receipt": {"id": receipt_id},
        "customer": {"id": customer},
    }
    (event,) = shown["receipt"]["events"]["nodes"]
    assert event == {"type": "ReceiptMatched", "subject": {"__typename": "Receipt", "id": receipt_id}}
    assert shown["payment"] == {
        "receiptMatches": [{"receipt": {"id": receipt_id}, "statusBefore": "DUE"}],
        "refunds": [],
        "refundOf": None,
    }
    assert shown["contract"]["receipts"] == {"totalCount": 1, "nodes": [{"id": receipt_id}]}
    assert {"id": receipt_id} in shown["customer"]["receipts"]["nodes"]
    assert shown["node"] == {"status": "PARTLY_MATCHED"}


async def test_the_list_of_what_is_open_is_in_order(desk: Desk) -> None:
    made = await receipt(desk)
    ((open_ones,),) = desk.rows("select count(*) from receipts where status = 'UNMATCHED'")
    found = (await desk.ask(AGENT, LIST, status="UNMATCHED")).data["receipts"]
    assert found["totalCount"] == open_ones
    days = [one["receivedOn"] for one in found["nodes"]]
    assert days == sorted(days)
    assert made in {one["id"] for one in found["nodes"]}
    assert {one["status"] for one in found["nodes"]} == {"UNMATCHED"}


async def test_partners_see_none_and_the_restricted_is_out_of_sight(desk: Desk) -> None:
    contract_id = contract(desk)
    payment_id = f"pay_{payment(desk, contract_id)}"
    receipt_id, unknown = await receipt(desk, "15.00"), await receipt(desk)
    await matched(desk, receipt_id, payment_id)
    ((partner,),) = desk.rows("select id::text from partners order by number limit 1")
    run(desk, "update contracts set partner_id = %s where id = %s", partner, contract_id)
    seller = user("0192f0c1-7c3e-7b11-a0b1-000000000009", frozenset({Role.PARTNER}), partner_id=partner)
    for asked in (receipt_id, unknown):
        query = "query ($id: ID!) { receipt(id: $id) { id } }"
        answer = await desk.ask(seller, query, id=asked)
        assert (answer.outcome.data, answer.codes) == ({"receipt": None}, ["FORBIDDEN"])
    answer = await desk.ask(seller, "query ($id: ID!) { payment(id: $id) { id receiptMatches { id } } }", id=payment_id)
    assert answer.outcome.data == {"payment": {"id": payment_id, "receiptMatches": None}}
    assert answer.codes == ["FORBIDDEN"]

    run(
        desk,
        "update customers set restricted = true, restricted_at = now(), restriction_reason = 'x' where id = %s",
        owner(desk, "contracts", contract_id),
    )
    flags = "select restricted from receipts where id = %s union all select restricted from receipt_matches"
    assert desk.rows(f"{flags} where receipt_id = %s", row(receipt_id), row(receipt_id)) == [(True,), (True,)]
    node = "query ($id: ID!) { receipt(id: $id) { id } }"
    assert (await desk.ask(AGENT, node, id=receipt_id)).data == {"receipt": None}
    assert (await desk.ask(AGENT, node, id=unknown)).data == {"receipt": {"id": unknown}}
    assert (await desk.ask(MANAGER, node, id=receipt_id)).data == {"receipt": {"id": receipt_id}}
