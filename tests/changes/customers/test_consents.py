"""Consents, and what they do to the books of partners."""

from auth.actor import Actor, user
from models.roles import Role
from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import customer, do, events, position, refused
from tests.changes.digests import everything

_SEEN = "query ($id: ID!) { customer(id: $id) { number contracts { nodes { number } } } }"
_CONSENT = "consent { purpose status recordedAt partner { id } } customer { currentConsents { purpose status } }"


def _sold(desk: Desk) -> tuple[str, str, Actor]:
    """A customer in a partner's book, the partner, and one of its users."""
    ((row_id, partner),) = desk.rows(
        "select b.customer_id::text, b.partner_id::text from partner_book b where b.kind = 'CUSTOMER'"
        " order by b.customer_id limit 1"
    )
    who = user("0192f0c1-7c3e-7b11-a0b1-000000000019", frozenset({Role.PARTNER}), partner_id=partner)
    return f"cus_{row_id}", f"par_{partner}", who


async def _seen(desk: Desk, who: Actor, public: str) -> bool:
    answer = await desk.ask(who, _SEEN, id=public)
    assert answer.outcome.data
    return answer.outcome.data["customer"] is not None


async def test_a_withdrawn_consent_takes_the_customer_out_of_the_book_at_once(desk: Desk) -> None:
    public, partner, who = _sold(desk)
    assert await _seen(desk, who, public)
    given = {"customerId": public, "purpose": "PARTNER_SHARING", "channel": "PHONE", "partnerId": partner}
    await do(desk, AGENT, "withdrawConsent", given)
    assert not await _seen(desk, who, public)
    assert (
        desk.rows("select 1 from partner_book where customer_id = %s and partner_id = %s", public[4:], partner[4:])
        == []
    )
    await do(desk, AGENT, "grantConsent", given)
    assert await _seen(desk, who, public)
    # For all partners, whoever they are.
    await do(desk, AGENT, "withdrawConsent", {k: v for k, v in given.items() if k != "partnerId"})
    assert not await _seen(desk, who, public)


async def test_what_was_said_earlier_does_not_undo_what_was_said_since(desk: Desk) -> None:
    public, partner, who = _sold(desk)
    given = {"customerId": public, "purpose": "PARTNER_SHARING", "channel": "MAIL", "partnerId": partner}
    await do(desk, AGENT, "withdrawConsent", given)
    late = await do(desk, AGENT, "grantConsent", given | {"saidAt": "2001-02-03T04:05:06Z"}, _CONSENT)
    assert late["consent"]["recordedAt"] == "2001-02-03T04:05:06Z"
    assert not await _seen(desk, who, public)


async def test_a_consent_is_told_with_its_purpose(desk: Desk) -> None:
    public, row_id, _ = customer(desk)
    since = position(desk)
    given = {"customerId": public, "purpose": "MARKETING", "channel": "CHAT"}
    shown = await do(desk, AGENT, "grantConsent", given, _CONSENT)
    assert {"purpose": "MARKETING", "status": "GRANTED"} in shown["customer"]["currentConsents"]
    assert events(desk, row_id, since) == [("ConsentGranted", {"purpose": "MARKETING"})]


async def test_bad_consents_are_refused(desk: Desk) -> None:
    public, partner, _ = _sold(desk)
    before = everything(desk)
    given = {"customerId": public, "purpose": "MARKETING", "channel": "CHAT"}
    error = await refused(desk, AGENT, "grantConsent", given | {"partnerId": partner})
    assert error["field"] == ["input", "partnerId"]
    error = await refused(desk, AGENT, "grantConsent", given | {"saidAt": "2199-01-01T00:00:00Z"})
    assert error["field"] == ["input", "saidAt"]
    nowhere = "par_0192f0c1-7c3e-7b11-a0b1-00000000dead"
    error = await refused(desk, AGENT, "withdrawConsent", given | {"purpose": "PARTNER_SHARING", "partnerId": nowhere})
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "partnerId"])
    assert everything(desk) == before
