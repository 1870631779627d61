"""What tests of orders share: applicants, products, and sending commands as one mutation each."""

from datetime import UTC, datetime, timedelta
from typing import Any

from auth.actor import Actor, Audience
from models.roles import Role
from tests.access.desk import AGENT, UNDERWRITER, Desk, actor

SENIOR = actor(Role.SENIOR_AGENT, 4)
MANAGER = actor(Role.MANAGER, 5)

_ORDER = """id number status version premium { amount currency } coverage { amount } availableTransitions
  documents { id kind status }"""
_FOR_STAFF = """submittedBy rejectionReason history { fromStatus toStatus reason }
  documents { rejectionReason availableTransitions }
  underwritingDecisions { mode outcome loadingPercent reason }"""
_MEDICAL = "medicalExams { id status result notes { masked } availableTransitions }"

TABLES = (
    "orders",
    "order_status_changes",
    "order_documents",
    "medical_exams",
    "underwriting_decisions",
    "customers",
    "events",
    "idempotency_keys",
)


def mutation(name: str, who: Actor) -> str:
    """The document of a mutation, which shows as much of the order as the actor may see."""
    order = _ORDER + (_FOR_STAFF if who.audience is Audience.STAFF else "")
    order += _MEDICAL if who.may("medical:read") else ""
    return f"""mutation ($input: {name[0].upper()}{name[1:]}Input!, $key: String) {{
      {name}(input: $input, idempotencyKey: $key) {{
        order {{ {order} }} userErrors {{ code message field currentVersion }} }} }}"""


async def sent(desk: Desk, who: Actor, name: str, /, **given: Any) -> dict[str, Any]:
    """The payload of a command."""
    return await desk.done(who, mutation(name, who), input=given)


async def did(desk: Desk, who: Actor, name: str, /, **given: Any) -> dict[str, Any]:
    """The order after a command that has to succeed."""
    payload = await sent(desk, who, name, **given)
    assert payload["userErrors"] == []
    order: dict[str, Any] = payload["order"]
    return order


async def refused(desk: Desk, who: Actor, name: str, /, **given: Any) -> dict[str, Any]:
    """The one user error of a command that has to be refused; nothing was changed by it."""
    before = everything(desk)
    (error,) = (await sent(desk, who, name, **given))["userErrors"]
    assert everything(desk) == before
    return dict(error)


def everything(desk: Desk) -> list[tuple[Any, ...]]:
    """A digest of all that commands about orders may change: equal if, and only if, nothing was changed."""
    return desk.rows(
        " union all ".join(
            f"select '{table}', count(*), md5(string_agg(t::text, '|' order by t::text)) from {table} t"
            for table in TABLES
        )
    )


def changed(desk: Desk, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows that a data-changing statement returns."""
    return desk.rows(f"with done as ({statement}) select * from done", *values)


def applicant(desk: Desk, place: int = 0, **facts: object) -> str:
    """The public id of a person who is 40, verified, active and of low risk, but for the facts given."""
    values = {
        "birth_date": datetime.now(UTC).date() - timedelta(days=40 * 366),
        "kyc_status": "VERIFIED",
        "status": "ACTIVE",
        "risk_score": 12,
        "risk_band": "LOW",
        "currency": "EUR",
    } | facts
    assignments = ", ".join(f"{name} = %s" for name in values)
    found = changed(
        desk,
        f"update customers set {assignments} where id = (select id from customers where kind = 'PERSON'"
        " and not restricted order by id offset %s limit 1) returning id::text",
        *values.values(),
        place,
    )
    return f"cus_{found[0][0]}"


def product(desk: Desk, code: str) -> str:
    """The public id of a product."""
    return f"prd_{desk.rows('select id::text from products where code = %s', code)[0][0]}"


def soon(days: int = 20) -> str:
    """A day that cover may begin on."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def terms(desk: Desk, code: str = "HOME-CONTENTS", **given: Any) -> dict[str, Any]:
    """The input of draftOrder for an applicant, with likely terms."""
    likely = {
        "productId": product(desk, code),
        "coverageLevel": "STANDARD",
        "coverageAmount": "60000.00",
        "billingFrequency": "ANNUAL",
        "requestedStartOn": soon(),
        "channel": "PHONE",
    }
    if "customerId" not in given:
        likely["customerId"] = applicant(desk)
    return likely | given


async def drafted(desk: Desk, code: str = "HOME-CONTENTS", who: Actor = AGENT, **given: Any) -> dict[str, Any]:
    """A draft."""
    return await did(desk, who, "draftOrder", **terms(desk, code, **given))


async def handed_in(desk: Desk, code: str = "HOME-CONTENTS", who: Actor = AGENT, **given: Any) -> dict[str, Any]:
    """An order that was submitted."""
    order = await drafted(desk, code, who, **given)
    return await did(desk, who, "submitOrder", orderId=order["id"])


async def verified(desk: Desk, order: dict[str, Any]) -> dict[str, Any]:
    """The order with all its documents received and verified."""
    for document in order["documents"]:
        if document["status"] == "REQUIRED":
            await did(desk, AGENT, "receiveOrderDocument", documentId=document["id"])
            order = await did(desk, UNDERWRITER, "verifyOrderDocument", documentId=document["id"])
    return order


async def examined(
    desk: Desk, order: dict[str, Any], result: str = "STANDARD", notes: str | None = None
) -> dict[str, Any]:
    """The order with its open exam made."""
    exam = next(exam for exam in order["medicalExams"] if exam["status"] in ("REQUIRED", "SCHEDULED"))
    at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    given = {"medicalExamId": exam["id"]}
    await did(desk, UNDERWRITER, "scheduleMedicalExam", **given, scheduledAt=at, provider="Medical Centre")
    return await did(desk, UNDERWRITER, "completeMedicalExam", **given, result=result, notes=notes)


async def underwritten(desk: Desk, code: str = "HOME-CONTENTS", **given: Any) -> dict[str, Any]:
    """An order that the rules have judged."""
    order = await verified(desk, await handed_in(desk, code, **given))
    if order["medicalExams"]:
        order = await examined(desk, order)
    return await did(desk, UNDERWRITER, "underwriteOrder", orderId=order["id"])
