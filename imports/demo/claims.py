"""Claims: incidents within the cover, how they were examined, and what was paid."""

from imports.demo.dice import shares
from imports.demo.moments import DAY, HOUR, Day, Moment
from imports.demo.records import Claim, Contract
from imports.demo.world import World
from models.billing import PaymentMethod
from models.claims import ClaimCause as Cause
from models.claims import ClaimDocumentKind, ClaimDocumentStatus, ClaimPaymentStatus, ClaimRejectionReason
from models.claims import ClaimStatus as Status
from models.contracts import ContractStatus
from models.history import EventSource, SubjectKind
from models.products import LineOfBusiness as Line
from models.staff import TeamKind

# What happened, as reported; {} is the place.
_STORIES: dict[Cause, tuple[str, ...]] = {
    Cause.COLLISION: ("Rear-end collision at a traffic light in {}", "Scraped a wall while parking in {}",
                      "Collision at a junction in {}", "Hit a deer on the road near {}"),
    Cause.THEFT: ("Stolen from the cellar in {}", "Break-in during the holidays in {}", "Stolen overnight in {}"),
    Cause.VANDALISM: ("Paint scratched on purpose in {}", "Door damaged by unknown persons in {}"),
    Cause.FIRE: ("Fire after a short circuit in {}", "Kitchen fire in {}"),
    Cause.WATER: ("Burst pipe in {}", "Washing machine hose leaked in {}", "Leak from the flat above in {}"),
    Cause.STORM: ("Roof tiles torn off by a storm in {}", "Hail damage in {}", "Flooded cellar after heavy rain in {}"),
    Cause.GLASS: ("Windscreen hit by a stone near {}", "Broken window pane in {}"),
    Cause.LIABILITY: ("Damaged another's property in {}", "Child broke a neighbour's window in {}",
                      "Spilt coffee over a laptop in {}"),
    Cause.ILLNESS: ("Treatment in a hospital in {}", "Dental crown made in {}", "Course of treatment in {}"),
    Cause.INJURY: ("Fall on ice in {}", "Injury while skiing", "Fall from a ladder in {}"),
    Cause.DEATH: ("Death of the insured in {}",),
    Cause.CANCELLATION: ("Journey cancelled for illness", "Flight cancelled, journey from {} not begun"),
    Cause.LEGAL_DISPUTE: ("Dispute with the landlord in {}", "Dispute with the employer in {}", "Dispute over a fine"),
    Cause.OTHER: ("Damage of unclear cause in {}",),
}  # fmt: skip
# Usual amounts in whole units of currency, from and to; low ones are far more common.
_AMOUNTS: dict[Line, tuple[int, int]] = {
    Line.MOTOR: (180, 14_000), Line.HOME: (120, 22_000), Line.LIABILITY: (60, 9_000), Line.LEGAL: (250, 12_000),
    Line.HEALTH: (60, 4_200), Line.ACCIDENT: (300, 30_000), Line.TRAVEL: (80, 3_800), Line.COMMERCIAL: (600, 90_000),
    Line.LIFE: (1_000, 2_000),
}  # fmt: skip
_CLOSED = shares({Status.SETTLED: 62, Status.CLOSED: 14, Status.REJECTED: 15, Status.WITHDRAWN: 9})
_OPEN = shares(
    {
        Status.SUBMITTED: 14,
        Status.ACKNOWLEDGED: 14,
        Status.INVESTIGATING: 34,
        Status.PENDING_INFO: 16,
        Status.PENDING_APPROVAL: 12,
        Status.APPROVED: 10,
    }
)
_NOTES: dict[Status, tuple[str, ...]] = {
    Status.ACKNOWLEDGED: ("Receipt confirmed, documents asked for.", "Called the customer, sent the claim form."),
    Status.INVESTIGATING: ("Cover checked: in force on the day of the incident.", "Photos show damage as described.",
                           "Expert asked for an opinion."),
    Status.PENDING_INFO: ("Invoice is missing, reminded the customer.", "Waiting for the police report."),
    Status.PENDING_APPROVAL: ("Amount examined, proposed for approval.",),
    Status.APPROVED: ("Approved less the deductible.", "Approved in full."),
    Status.REJECTED: ("Cause is excluded by the terms.", "Incident not proven.", "Damage below the deductible."),
    Status.WITHDRAWN: ("Customer takes the claim back.",),
    Status.SETTLED: ("Paid out, file can be closed.",),
}  # fmt: skip
_PAPERS: dict[Line, tuple[ClaimDocumentKind, ...]] = {
    Line.MOTOR: (ClaimDocumentKind.PHOTO, ClaimDocumentKind.ESTIMATE, ClaimDocumentKind.POLICE_REPORT),
    Line.HOME: (ClaimDocumentKind.PHOTO, ClaimDocumentKind.INVOICE, ClaimDocumentKind.ESTIMATE),
    Line.HEALTH: (ClaimDocumentKind.INVOICE, ClaimDocumentKind.MEDICAL_REPORT),
    Line.ACCIDENT: (ClaimDocumentKind.MEDICAL_REPORT, ClaimDocumentKind.CORRESPONDENCE),
    Line.COMMERCIAL: (ClaimDocumentKind.EXPERT_REPORT, ClaimDocumentKind.PHOTO, ClaimDocumentKind.INVOICE),
}  # fmt: skip
_OTHER_PAPERS = (ClaimDocumentKind.INVOICE, ClaimDocumentKind.CORRESPONDENCE)
# Why claims are rejected, by turns.
_REASONS = (ClaimRejectionReason.EXCLUDED, ClaimRejectionReason.NOT_PROVEN, ClaimRejectionReason.BELOW_DEDUCTIBLE)
_APPROVED = (Status.APPROVED, Status.SETTLED, Status.CLOSED)
_OPEN_STATUSES = frozenset(_OPEN)
# The way to a decision; a claim's own way is a beginning of it.
_WAY = (Status.SUBMITTED, Status.ACKNOWLEDGED, Status.INVESTIGATING, Status.PENDING_INFO, Status.PENDING_APPROVAL,
        Status.APPROVED, Status.SETTLED, Status.CLOSED)  # fmt: skip


def make_claims(world: World, contract: Contract) -> None:
    """Write the claims made under the contract."""
    dice, span, holder = world.dice, contract.span, contract.holder
    if contract.status is ContractStatus.MATURED:
        _claim(world, contract, Cause.DEATH, holder.until)
        return
    if contract.terms.product.line is Line.LIFE:
        return
    last = min(span.last_covered(world.today), holder.until)
    if last < span.started:
        return
    rate = contract.terms.product.category.claims_per_year
    exposure = min((last - span.started) / 365.25, 7.0)
    expected = 2 * rate * exposure
    while expected > 0 and dice.chance(min(expected, 0.85)):
        first = max(span.started, last - int(exposure * 365))
        _claim(world, contract, dice.pick(contract.terms.product.category.causes), dice.between(first, last))
        expected -= 0.7


def _claim(world: World, contract: Contract, cause: Cause, incident: Day) -> None:
    dice, holder, terms = world.dice, contract.holder, contract.terms
    # A report follows the incident, and the contract's issue where cover began before it.
    reported_at = max(dice.any_time(incident + dice.skewed(0, 16)), contract.issued_at + HOUR)
    reported_at = max(world.past(reported_at), min(incident * DAY + 23 * HOUR, world.now - 1))
    if world.now - reported_at < dice.between(12, 75) * DAY:
        status = dice.pick(_OPEN)
    elif dice.chance(0.03) and world.now - reported_at < 500 * DAY:
        status = dice.pick((Status.INVESTIGATING, Status.PENDING_INFO))
    else:
        status = dice.pick(_CLOSED)
    if contract.status is ContractStatus.MATURED:
        status = Status.SETTLED if world.now - reported_at > 40 * DAY else Status.INVESTIGATING
    claimed, approved = _amounts(world, contract, cause, status)
    steps = _steps(world, status, reported_at)
    last_at = steps[-1][1]
    claim = Claim(
        dice.new_id(reported_at), world.number("claims"), status, cause, incident, reported_at, last_at,
        world.agent(TeamKind.CLAIMS, reported_at // DAY), claimed,
    )  # fmt: skip
    contract.claims.append(claim)
    holder.claims += 1
    paid = _pay(world, contract, claim, approved, steps) if approved else 0
    holder.claims_paid += paid
    place = holder.home.city.name
    is_open = status in _OPEN_STATUSES
    story = dice.pick(_STORIES[cause]).format(place)
    proposed_at = dict(steps).get(Status.PENDING_APPROVAL)
    world.rows.claims(
        id=claim.id,
        customer_id=holder.id,
        version=len(steps),
        created_at=reported_at,
        updated_at=last_at,
        number=claim.number,
        contract_id=contract.id,
        status=status,
        cause=cause,
        incident_on=incident,
        incident_place=place,
        description=story,
        reported_at=reported_at,
        currency=terms.currency,
        claimed_amount=claimed,
        reserve_amount=(approved if approved is not None else claimed * 9 // 10) - paid if is_open else 0,
        proposed_amount=None if proposed_at is None else approved or claimed,
        proposed_at=proposed_at,
        proposed_by=None if proposed_at is None else claim.handler.number,
        approved_amount=approved,
        paid_amount=paid,
        handler_id=None if status is Status.SUBMITTED else claim.handler.id,
        rejection_reason=_REASONS[claimed // 100 % len(_REASONS)] if status is Status.REJECTED else None,
        closed_at=None if is_open else last_at,
    )
    _events(world, contract, claim, steps, story, approved)
    _notes(world, contract, claim, steps)
    _documents(world, contract, claim)


def _amounts(world: World, contract: Contract, cause: Cause, status: Status) -> tuple[int, int | None]:
    """What is claimed, within the sum insured, and what was approved of it; cents."""
    dice, terms = world.dice, contract.terms
    low, high = _AMOUNTS[terms.product.line]
    claimed = dice.between(low, int(low * (high / low) ** dice.random() ** 1.4)) * 100
    if cause is Cause.GLASS:
        claimed = min(claimed, 90_000)
    if terms.coverage is not None:
        claimed = terms.coverage if cause is Cause.DEATH else min(claimed, terms.coverage)
    if status not in _APPROVED:
        return claimed, None
    deductible = 0 if cause is Cause.DEATH else terms.deductible or 0
    accepted = claimed if cause is Cause.DEATH or dice.chance(0.6) else claimed * dice.between(50, 95) // 100
    return claimed, max(accepted - deductible, min(claimed, 2_500))


def _steps(world: World, status: Status, reported_at: Moment) -> list[tuple[Status, Moment]]:
    """The statuses the claim went through, and when."""
    dice = world.dice
    if status in (Status.REJECTED, Status.WITHDRAWN):
        path = [*_WAY[: dice.between(2, 4)], status]
    else:
        path = list(_WAY[: _WAY.index(status) + 1])
        if status is not Status.PENDING_INFO and Status.PENDING_INFO in path and dice.chance(0.7):
            path.remove(Status.PENDING_INFO)
    moments = [reported_at]
    for _ in path[1:]:
        moments.append(moments[-1] + dice.skewed(2 * HOUR, 9 * DAY))
    if moments[-1] >= world.now:
        # Too fresh for the usual pace: everything happened in the time there was.
        room, length = max(world.now - 60 - reported_at, 0), moments[-1] - reported_at
        moments = [reported_at + (moment - reported_at) * room // length for moment in moments]
    return list(zip(path, moments, strict=True))


def _events(
    world: World, contract: Contract, claim: Claim, steps: list[tuple[Status, Moment]], story: str, approved: int | None
) -> None:
    kinds = {
        Status.SUBMITTED: "ClaimSubmitted",
        Status.APPROVED: "ClaimApproved",
        Status.REJECTED: "ClaimRejected",
        Status.SETTLED: "ClaimSettled",
        Status.CLOSED: "ClaimClosed",
    }
    currency = contract.terms.currency
    for status, moment in steps:
        kind = kinds.get(status)
        if kind is None:
            if status is not claim.status:
                continue
            kind = "ClaimStatusChanged"
        submitted = status is Status.SUBMITTED
        amount = claim.amount if submitted or approved is None else approved
        what = f"reported: {story}" if submitted else status.value.lower().replace("_", " ")
        claim.event = world.record(
            kind,
            contract.holder.id,
            moment,
            (SubjectKind.CLAIM, claim.id),
            f"Claim {claim.number} {what}",
            source=EventSource.PORTAL if submitted and world.dice.chance(0.4) else EventSource.SERVICE,
            cause=claim.event or None,
            operation=claim.operation or None,
            actor=None if submitted else claim.handler.number,
            payload={"status": status.value, "amount": f"{amount / 100:.2f}", "currency": currency},
        )
        claim.operation = claim.operation or claim.event


def _notes(world: World, contract: Contract, claim: Claim, steps: list[tuple[Status, Moment]]) -> None:
    for status, moment in steps:
        bodies = _NOTES.get(status)
        if bodies and world.dice.chance(0.4):
            world.rows.claim_notes(
                id=world.dice.new_id(moment),
                customer_id=contract.holder.id,
                claim_id=claim.id,
                agent_id=claim.handler.id,
                body=world.dice.pick(bodies),
                created_at=moment,
            )


def _documents(world: World, contract: Contract, claim: Claim) -> None:
    dice = world.dice
    papers = _PAPERS.get(contract.terms.product.line, _OTHER_PAPERS)
    for kind in (ClaimDocumentKind.CLAIM_FORM, *papers):
        if dice.chance(0.42):
            continue
        missing = claim.status is Status.PENDING_INFO and kind is papers[-1]
        received = None if missing else dice.between(claim.reported_at, claim.last_at)
        state = ClaimDocumentStatus.RECEIVED if claim.status in _OPEN_STATUSES else ClaimDocumentStatus.VERIFIED
        suffix = "jpg" if kind is ClaimDocumentKind.PHOTO else "pdf"
        world.rows.claim_documents(
            id=dice.new_id(claim.reported_at),
            customer_id=contract.holder.id,
            claim_id=claim.id,
            kind=kind,
            status=ClaimDocumentStatus.REQUESTED if missing else state,
            name=f"{kind.value.lower().replace('_', '-')}-{claim.number}.{suffix}",
            requested_at=claim.reported_at,
            received_at=received,
            verified_at=None if missing or claim.status in _OPEN_STATUSES else claim.last_at,
            verified_by_id=None if missing or claim.status in _OPEN_STATUSES else claim.handler.id,
        )


def _pay(
    world: World, contract: Contract, claim: Claim, approved: int, steps: list[tuple[Status, Moment]]
) -> int:  # fmt: skip
    """Write the payments of an approved claim; returns what was paid so far."""
    dice, holder = world.dice, contract.holder
    when = dict(steps)
    paid_at = when.get(Status.SETTLED)
    approved_at = when[Status.APPROVED]
    parts = [approved]
    if approved > 200_000 and dice.chance(0.25):
        parts = [approved * 2 // 5, approved - approved * 2 // 5]
    states = [ClaimPaymentStatus.PAID if paid_at else ClaimPaymentStatus.APPROVED] * len(parts)
    if paid_at and dice.chance(0.03):
        parts.insert(0, parts[0])
        states.insert(0, ClaimPaymentStatus.FAILED)
    payee = holder.name
    if claim.cause is Cause.DEATH:
        payee = f"Beneficiaries of {holder.name}"
    elif claim.cause is Cause.LIABILITY:
        payee = f"{dice.pick(holder.market.names.male)} {dice.pick(holder.market.names.last)}"
    for amount, state in zip(parts, states, strict=True):
        world.rows.claim_payments(
            id=dice.new_id(approved_at),
            customer_id=holder.id,
            claim_id=claim.id,
            status=state,
            amount=amount,
            currency=contract.terms.currency,
            method=PaymentMethod.BANK_TRANSFER,
            payee=payee,
            approved_at=approved_at,
            paid_at=paid_at if state is ClaimPaymentStatus.PAID else None,
        )
    return approved if paid_at else 0
