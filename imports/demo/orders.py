"""Orders: the way from a draft to a decision, with documents, medical exams and underwriting."""

from typing import Any
from uuid import UUID

from imports.demo.dice import shares
from imports.demo.moments import DAY, HOUR, MINUTE, Day, Moment
from imports.demo.pricing import Terms
from imports.demo.records import Order
from imports.demo.world import Customer, World
from models.history import EventSource, SubjectKind
from models.interactions import Channel
from models.orders import (
    DocumentStatus,
    MedicalExamResult,
    MedicalExamStatus,
    OrderDocumentKind,
    UnderwritingMode,
    UnderwritingOutcome,
)
from models.orders import OrderStatus as Status
from models.sealed import MEDICAL_NOTES
from models.staff import TeamKind

_CHANNELS = shares(
    {Channel.WEB_PORTAL: 34, Channel.IN_PERSON: 30, Channel.PHONE: 16, Channel.MOBILE_APP: 12, Channel.EMAIL: 8}
)
_SELF_SERVICE = (Channel.WEB_PORTAL, Channel.MOBILE_APP)
_CLINICS = ("Medical Centre {}", "Praxis am Markt, {}", "Occupational Health {}", "Clinic {}")
_REJECTIONS = ("Risk outside the underwriting guidelines", "Too many earlier claims", "Incomplete health declaration",
               "Requested sum exceeds the limit")  # fmt: skip
_WITHDRAWALS = ("Found a better offer", "No longer needed", "Takes too long", "Changed mind")
_SYSTOLIC = {
    MedicalExamResult.STANDARD: (108, 134),
    MedicalExamResult.RATED: (136, 158),
    MedicalExamResult.DECLINE: (150, 190),
}
_FINDINGS = {
    MedicalExamResult.STANDARD: ("No findings.", "Fit, no medication.", "Wears glasses; no other findings."),
    MedicalExamResult.RATED: ("Raised blood pressure, under treatment.", "Asthma since childhood, well controlled.",
                              "Type 2 diabetes, adjusted by diet."),
    MedicalExamResult.DECLINE: ("Cardiac findings; referred to a specialist.", "Kidney values far out of range."),
}  # fmt: skip
# How long an order stays in a status, in seconds: from, to.
_STAYS: dict[Status, tuple[int, int]] = {
    Status.DRAFT: (10 * MINUTE, 3 * DAY),
    Status.SUBMITTED: (5 * MINUTE, 20 * HOUR),
    Status.DOCUMENTS_PENDING: (1 * DAY, 10 * DAY),
    Status.MEDICAL_EXAM_PENDING: (5 * DAY, 24 * DAY),
    Status.UNDERWRITING: (2 * MINUTE, 1 * DAY),
    Status.REFERRED: (5 * HOUR, 5 * DAY),
    Status.APPROVED: (30 * MINUTE, 1 * DAY),
}
_DECIDED = (Status.APPROVED, Status.REJECTED, Status.WITHDRAWN)


def apply(world: World, holder: Customer, terms: Terms, status: Status, ended_at: Moment, start: Day) -> Order:
    """Write an order that reached its last status at `ended_at`, with all that led to it.

    An underwriter's loading raises the premium: an approved order holds the terms it was approved on.
    """
    dice = world.dice
    steps = _steps(world, terms, status, ended_at, holder.created_at + 30 * MINUTE)
    drafted = steps[0][1]
    number = world.number("orders")
    order_id = dice.new_id(drafted)
    channel = dice.pick(_CHANNELS)
    partner = world.staff.partner(dice, holder.market.country, drafted // DAY) if dice.chance(0.3) else None
    agent = None
    if partner is None and channel not in _SELF_SERVICE:
        agent = world.agent(TeamKind.SALES, drafted // DAY)
    when = dict(steps)
    reason = None
    if status is Status.REJECTED:
        reason = dice.pick(_REJECTIONS)
    elif status is Status.WITHDRAWN:
        reason = dice.pick(_WITHDRAWALS)
    order = Order(order_id, number, terms, status, ended_at, agent, partner, "", "")
    previous: Status | None = None
    for step, moment in steps:
        world.rows.order_status_changes(
            id=dice.new_id(moment),
            customer_id=holder.id,
            order_id=order_id,
            from_status=previous,
            to_status=step,
            changed_at=moment,
            agent_id=agent and agent.id if step in (Status.DRAFT, Status.SUBMITTED) else None,
            reason=reason if step is status else None,
        )
        previous = step
    _events(world, holder, order, steps, channel, reason)
    if Status.SUBMITTED in when:
        _documents(world, holder, order, when)
    if Status.MEDICAL_EXAM_PENDING in when:
        _exam(world, holder, order, when)
    if Status.UNDERWRITING in when and status is not Status.UNDERWRITING:
        _underwrite(world, holder, order, steps, when)
    world.rows.orders(
        id=order_id,
        customer_id=holder.id,
        version=len(steps),
        created_at=drafted,
        updated_at=ended_at,
        number=number,
        product_id=terms.product.id,
        status=status,
        coverage_level=terms.level,
        coverage_amount=terms.coverage,
        premium_amount=terms.premium,
        currency=terms.currency,
        billing_frequency=terms.frequency,
        requested_start_on=start,
        channel=channel,
        agent_id=agent and agent.id,
        partner_id=partner and partner.id,
        submitted_at=when.get(Status.SUBMITTED),
        decided_at=next((when[decided] for decided in _DECIDED if decided in when), None),
        rejection_reason=reason,
    )
    return order


def _steps(
    world: World, terms: Terms, status: Status, ended_at: Moment, not_before: Moment
) -> list[tuple[Status, Moment]]:
    """The statuses an order went through and when, counted back from the last."""
    dice, product = world.dice, terms.product
    path = [Status.DRAFT, Status.SUBMITTED]
    if status is Status.DOCUMENTS_PENDING or (status not in path and dice.chance(0.13)):
        path.append(Status.DOCUMENTS_PENDING)
    if status is Status.MEDICAL_EXAM_PENDING or (product.medical_exam and status not in path):
        path.append(Status.MEDICAL_EXAM_PENDING)
    path.append(Status.UNDERWRITING)
    if status is Status.REFERRED or product.medical_exam or dice.chance(0.06):
        path.append(Status.REFERRED)
    path += [Status.APPROVED, Status.ISSUED]
    if status is Status.REJECTED:
        path = [*path[:-2], status]
    elif status is Status.WITHDRAWN:
        path = [*path[: dice.between(2, len(path) - 1)], status]
    else:
        path = path[: path.index(status) + 1]
    stays = [dice.skewed(*_STAYS[step]) for step in path[:-1]]
    total, room = sum(stays), max(ended_at - not_before, len(stays))
    if total > room:
        stays = [stay * room // total for stay in stays]
    moments = [ended_at]
    for stay in reversed(stays):
        moments.append(moments[-1] - stay)
    return list(zip(path, reversed(moments), strict=True))


def _events(
    world: World,
    holder: Customer,
    order: Order,
    steps: list[tuple[Status, Moment]],
    channel: Channel,
    reason: str | None,
) -> None:
    """The events of the steps that matter to a reader of the history; each was led to by the one before."""
    product = order.terms.product
    subject = (SubjectKind.ORDER, order.id)
    source = EventSource.PORTAL if channel in _SELF_SERVICE else EventSource.AGENT
    for step, moment in steps:
        kind, what = "OrderStatusChanged", step.value.lower().replace("_", " ")
        if step is Status.DRAFT:
            if order.status is not Status.DRAFT:
                continue
            kind, what = "OrderDrafted", "begun"
        elif step is Status.SUBMITTED:
            kind, what = "OrderSubmitted", "handed in"
        elif step is Status.APPROVED:
            kind, what = "OrderApproved", "approved"
        elif step is Status.REJECTED:
            kind, what = "OrderRejected", f"rejected: {reason}"
        elif step is Status.WITHDRAWN:
            kind, what = "OrderWithdrawn", f"withdrawn: {reason}"
        elif step is not order.status or step is Status.ISSUED:
            continue  # a passing status; and the contract's own event tells of the issue
        event = world.record(
            kind,
            holder.id,
            moment,
            subject,
            f"Order {order.number} for {product.name} {what}",
            source=source if kind in ("OrderDrafted", "OrderSubmitted") else EventSource.SERVICE,
            cause=order.event or None,
            operation=order.operation or None,
            actor=order.agent.number if order.agent else None,
            payload={"status": step.value, "product": product.code, "channel": channel.value},
        )
        order.event = event
        order.operation = order.operation or event


def _documents(world: World, holder: Customer, order: Order, when: dict[Status, Moment]) -> None:
    dice, status = world.dice, order.status
    submitted = when[Status.SUBMITTED]
    checked = when.get(Status.UNDERWRITING) or when.get(Status.MEDICAL_EXAM_PENDING)
    kinds = [OrderDocumentKind.SIGNED_APPLICATION]
    if dice.chance(0.2):
        kinds.append(OrderDocumentKind.IDENTITY)
    kinds += [kind for kind in order.terms.product.category.documents if dice.chance(0.4)]
    for place, kind in enumerate(kinds):
        received: Moment | None = dice.between(submitted, checked) if checked else submitted
        verified, state = checked, DocumentStatus.VERIFIED
        if checked is None:
            state = DocumentStatus.RECEIVED
            if status is Status.DOCUMENTS_PENDING and place == 0:
                state = dice.pick((DocumentStatus.REQUIRED, DocumentStatus.REQUIRED, DocumentStatus.REJECTED))
            if state is DocumentStatus.REQUIRED:
                received = None
            elif state is DocumentStatus.REJECTED:
                verified = dice.between(submitted, order.ended_at)
        elif place and dice.chance(0.04):
            received, state = None, DocumentStatus.WAIVED
        hand = state in (DocumentStatus.VERIFIED, DocumentStatus.REJECTED)
        world.rows.order_documents(
            id=dice.new_id(submitted),
            customer_id=holder.id,
            order_id=order.id,
            kind=kind,
            status=state,
            requested_at=submitted,
            received_at=received,
            verified_at=verified if hand else None,
            verified_by_id=world.agent(TeamKind.SERVICE, submitted // DAY).id if hand else None,
        )
    if checked and Status.DOCUMENTS_PENDING in when:
        world.record(
            "DocumentVerified",
            holder.id,
            checked,
            (SubjectKind.ORDER, order.id),
            f"Documents of order {order.number} verified",
            operation=order.operation,
            payload={"documents": [kind.value for kind in kinds]},
        )


def _exam(world: World, holder: Customer, order: Order, when: dict[Status, Moment]) -> None:
    """The medical exam: done when the order went on, else with or without an appointment."""
    dice = world.dice
    required = when[Status.MEDICAL_EXAM_PENDING]
    done = when.get(Status.UNDERWRITING)
    scheduled: Moment | None = None
    completed: Moment | None = None
    result: MedicalExamResult | None = None
    if done:
        completed = scheduled = dice.between(required, done)
        status = MedicalExamStatus.COMPLETED
        result = MedicalExamResult.RATED if dice.chance(0.12) else MedicalExamResult.STANDARD
        if order.status is Status.REJECTED:
            result = MedicalExamResult.DECLINE
    elif order.status is Status.WITHDRAWN:
        status = MedicalExamStatus.CANCELLED
    else:
        status = dice.pick((MedicalExamStatus.REQUIRED, MedicalExamStatus.SCHEDULED, MedicalExamStatus.SCHEDULED))
        if status is MedicalExamStatus.SCHEDULED:
            scheduled = dice.at_work(dice.working_day(world.today + 1, world.today + 21))
    exam_id = dice.new_id(required)
    world.rows.medical_exams(
        id=exam_id,
        customer_id=holder.id,
        order_id=order.id,
        status=status,
        required_at=required,
        scheduled_at=scheduled,
        provider=dice.pick(_CLINICS).format(holder.home.city.name) if scheduled else None,
        completed_at=completed,
        result=result,
        **(_notes(world, holder, exam_id, result) if result else {}),
    )
    if scheduled:
        world.record(
            "MedicalExamCompleted" if completed else "MedicalExamScheduled",
            holder.id,
            completed or required,
            (SubjectKind.ORDER, order.id),
            f"Medical exam for order {order.number} {'made' if completed else 'scheduled'}",
            operation=order.operation,
            payload={"status": status.value},
        )


def _notes(world: World, holder: Customer, exam_id: str, result: MedicalExamResult) -> dict[str, Any]:
    """What the physician wrote, sealed."""
    dice = world.sealer.dice
    pressure = f"{dice.between(*_SYSTOLIC[result])}/{dice.between(65, 95)}"
    text = f"Blood pressure {pressure}, pulse {dice.between(55, 92)}. {dice.pick(_FINDINGS[result])}"
    return world.sealer.columns(holder, MEDICAL_NOTES, UUID(exam_id), text)


def _underwrite(
    world: World, holder: Customer, order: Order, steps: list[tuple[Status, Moment]], when: dict[Status, Moment]
) -> None:
    """The rules' decision, and an underwriter's where the rules passed the order on."""
    dice, status = world.dice, order.status
    places = [step for step, _ in steps]
    by_rules = steps[places.index(Status.UNDERWRITING) + 1][1]
    referred = Status.REFERRED in when
    score = dice.skewed(5, 90)
    decided = status not in (Status.REFERRED, Status.WITHDRAWN)
    outcome = UnderwritingOutcome.DECLINED if status is Status.REJECTED else UnderwritingOutcome.ACCEPTED
    if referred or decided:
        first = UnderwritingOutcome.REFERRED if referred else outcome
        _decision(world, holder, order, UnderwritingMode.AUTOMATIC, first, by_rules, score, None)
    if not (referred and decided):
        return
    loading = None
    if outcome is UnderwritingOutcome.ACCEPTED and dice.chance(0.2):
        outcome, loading = UnderwritingOutcome.ACCEPTED_WITH_LOADING, dice.pick((10, 15, 25, 40, 50))
        order.terms.load(loading)
    moment = steps[places.index(Status.REFERRED) + 1][1]
    _decision(world, holder, order, UnderwritingMode.MANUAL, outcome, moment, score, loading)
    world.record(
        "UnderwritingDecided",
        holder.id,
        moment,
        (SubjectKind.ORDER, order.id),
        f"Underwriter decided on order {order.number}: {outcome.value.lower().replace('_', ' ')}",
        source=EventSource.AGENT,
        operation=order.operation,
        payload={"outcome": outcome.value, "riskScore": score},
    )


def _decision(
    world: World,
    holder: Customer,
    order: Order,
    mode: UnderwritingMode,
    outcome: UnderwritingOutcome,
    moment: Moment,
    score: int,
    loading: int | None,
) -> None:
    reasons = {
        UnderwritingOutcome.DECLINED: "Outside the guidelines",
        UnderwritingOutcome.REFERRED: "Needs an underwriter's look",
        UnderwritingOutcome.ACCEPTED_WITH_LOADING: "Raised risk",
    }
    manual = mode is UnderwritingMode.MANUAL
    world.rows.underwriting_decisions(
        id=world.dice.new_id(moment),
        customer_id=holder.id,
        order_id=order.id,
        mode=mode,
        outcome=outcome,
        risk_score=score,
        loading_percent=None if loading is None else loading * 100,
        reason=reasons.get(outcome),
        underwriter_id=world.agent(TeamKind.UNDERWRITING, moment // DAY).id if manual else None,
        decided_at=moment,
    )
