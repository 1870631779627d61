"""Claims of the demo world, brought into the state that a test begins with."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from auth.actor import Actor, user
from core.ids import new_id
from models.roles import Role
from tests.access.desk import Desk, actor
from tests.changes.contracts.asking import contract
from tests.changes.customers import asking
from tests.changes.customers.asking import run
from tests.changes.digests import everything

SENIOR = actor(Role.SENIOR_AGENT, 4)
MANAGER = actor(Role.MANAGER, 5)
OTHER_MANAGER = actor(Role.MANAGER, 6)
SOMEBODY = "usr_0192f0c1-7c3e-7b11-a0b1-0000000000aa"

_CLAIM = """claim { id number status version approved { amount } paid { amount } closedAt availableTransitions"""
_FOR_STAFF = """ reserve { amount } proposed { amount } proposedBy rejectionReason decisionNote handler { id }
  approvals { level amount { amount } approvedBy } notes { body }"""
_DOCUMENT = "document { id kind status name availableTransitions }"
_PAYMENT = "payment { id status amount { amount currency } payee paidAt }"


def today(offset: int = 0) -> date:
    """So many days from today."""
    return datetime.now(UTC).date() + timedelta(days=offset)


def mutation(name: str, who: Actor = SENIOR) -> str:
    """The text of a mutation that asks for what it changed, as far as the actor may see it."""
    part = _DOCUMENT if "Document" in name else _PAYMENT if "Payment" in name else ""
    return asking.mutation(name, f"{part} {_CLAIM} {_FOR_STAFF if who.may('internal:read') else ''} }}")


async def sent(desk: Desk, who: Actor, name: str, /, **given: Any) -> dict[str, Any]:
    """The payload of a command."""
    return await desk.done(who, mutation(name, who), input=given)


async def did(desk: Desk, who: Actor, name: str, /, **given: Any) -> dict[str, Any]:
    """The claim after a command that has to succeed; with the document or payment that it was about."""
    payload = await sent(desk, who, name, **given)
    assert payload["userErrors"] == []
    claim: dict[str, Any] = payload["claim"]
    return claim | {part: payload[part] for part in ("document", "payment") if part in payload}


async def refused(desk: Desk, who: Actor, name: str, /, **given: Any) -> dict[str, Any]:
    """The one user error of a command that has to be refused; nothing was changed by it."""
    before = everything(desk)
    payload = await sent(desk, who, name, **given)
    (error,) = payload["userErrors"]
    assert payload["claim"] is None
    assert everything(desk) == before
    return dict(error)


def claim(desk: Desk, status: str = "INVESTIGATING", amount: str = "1000.00", **facts: object) -> str:
    """The row id of a claim of `amount` in euros without notes, documents and payments; `facts` are columns. What is
    proposed, and what is approved, is all of it.
    """
    proposed = status in ("PENDING_APPROVAL", "APPROVED", "SETTLED")
    values: dict[str, object] = {
        "status": status,
        "currency": "EUR",
        "claimed_amount": amount,
        "reserve_amount": amount,
        "proposed_amount": amount if proposed else None,
        "proposed_at": datetime.now(UTC) if proposed else None,
        "proposed_by": SOMEBODY if proposed else None,
        "approved_amount": amount if status in ("APPROVED", "SETTLED") else None,
        "paid_amount": amount if status == "SETTLED" else 0,
        "closed_at": datetime.now(UTC) if status in ("SETTLED", "REJECTED", "WITHDRAWN", "CLOSED") else None,
    } | facts
    ((row_id,),) = desk.rows(
        "select c.id::text from claims c join customers u on u.id = c.customer_id"
        " where not u.restricted and c.handler_id is not null order by c.number limit 1"
    )
    for part in ("claim_notes", "claim_documents", "claim_payments", "claim_approvals"):
        run(desk, f"delete from {part} where claim_id = %s", row_id)
    run(
        desk,
        f"update claims set {', '.join(f'{name} = %s' for name in values)} where id = %s",
        *values.values(),
        row_id,
    )
    run(
        desk,
        "update contracts set coverage_amount = 40000, currency = 'EUR'"
        " where id = (select contract_id from claims where id = %s)",
        row_id,
    )
    return str(row_id)


def document(desk: Desk, claim_id: str, status: str = "RECEIVED", kind: str = "INVOICE") -> str:
    """The row id of a new document of a claim."""
    row_id = str(new_id())
    run(
        desk,
        "insert into claim_documents (id, customer_id, claim_id, kind, status, name, requested_at)"
        " select %s, customer_id, id, %s, %s, 'Invoice', now() from claims where id = %s",
        row_id,
        kind,
        status,
        claim_id,
    )
    return row_id


def payment(desk: Desk, claim_id: str, status: str = "APPROVED", amount: str = "400.00") -> str:
    """The row id of a new payment on a claim; what was paid counts."""
    row_id = str(new_id())
    run(
        desk,
        "insert into claim_payments (id, customer_id, claim_id, status, amount, currency, method, payee, approved_at)"
        " select %s, customer_id, id, %s, %s, currency, 'BANK_TRANSFER', 'Garage', now() from claims where id = %s",
        row_id,
        status,
        amount,
        claim_id,
    )
    if status == "PAID":
        run(desk, "update claims set paid_amount = paid_amount + %s where id = %s", amount, claim_id)
    return row_id


def report(desk: Desk, **given: Any) -> dict[str, Any]:
    """The input of submitClaim for a car insured up to 20,000 euros since 100 days ago."""
    row_id = contract(desk, "MOTOR")
    run(desk, "update contracts set coverage_amount = 20000 where id = %s", row_id)
    return {
        "contractId": f"con_{row_id}",
        "cause": "COLLISION",
        "incidentOn": today(-5).isoformat(),
        "claimedAmount": "1800.00",
        "incidentPlace": "Lindau",
        "description": "Backed into a bollard.",
    } | given


def handler(desk: Desk, status: str = "ACTIVE") -> str:
    """The public id of an agent, put into this status."""
    ((row_id,),) = desk.rows("select id::text from agents order by number limit 1")
    run(desk, "update agents set status = %s where id = %s", status, row_id)
    return f"agt_{row_id}"


def partner(desk: Desk) -> tuple[Actor, str, str]:
    """A partner's user, a claim of its book that is being examined, and one that is not its."""
    ((row_id, own, other),) = desk.rows(
        "select p.id::text, own.id::text, other.id::text from partners p"
        " cross join lateral (select c.id from claims c join partner_book b on b.object_id = c.id and b.kind = 'CLAIM'"
        "   where b.partner_id = p.id order by c.id limit 1) own"
        " cross join lateral (select c.id from claims c where not exists (select from partner_book b"
        "   where b.object_id = c.id and b.partner_id = p.id) order by c.id limit 1) other order by p.id limit 1"
    )
    for claim_id in (own, other):
        run(desk, "delete from claim_payments where claim_id = %s", claim_id)
        run(
            desk,
            "update claims set status = 'INVESTIGATING', approved_amount = null, paid_amount = 0, closed_at = null"
            " where id = %s",
            claim_id,
        )
    who = user("0192f0c1-7c3e-7b11-a0b1-000000000009", frozenset({Role.PARTNER}), partner_id=row_id)
    return who, own, other


def events_of(desk: Desk, claim_id: str, since: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """Types and payloads of the claim's events after a position, in order."""
    return [
        (row[0], row[1])
        for row in desk.rows(
            "select type, payload from events where subject_id = %s and position > %s order by position",
            claim_id,
            since,
        )
    ]
