"""Which claims can be made under a contract: on which days, and for what, by line of business."""

from datetime import date

from models.claims import ClaimCause as Cause
from models.contracts import Contract
from models.products import LineOfBusiness as Line

CAUSES: dict[Line, frozenset[Cause]] = {
    Line.MOTOR: frozenset(
        {Cause.COLLISION, Cause.THEFT, Cause.VANDALISM, Cause.FIRE, Cause.STORM, Cause.GLASS, Cause.LIABILITY,
         Cause.INJURY, Cause.OTHER}
    ),
    Line.HOME: frozenset(
        {Cause.THEFT, Cause.VANDALISM, Cause.FIRE, Cause.WATER, Cause.STORM, Cause.GLASS, Cause.OTHER}
    ),
    Line.LIABILITY: frozenset({Cause.LIABILITY, Cause.OTHER}),
    Line.LEGAL: frozenset({Cause.LEGAL_DISPUTE, Cause.OTHER}),
    Line.LIFE: frozenset({Cause.DEATH, Cause.OTHER}),
    Line.HEALTH: frozenset({Cause.ILLNESS, Cause.INJURY, Cause.OTHER}),
    Line.ACCIDENT: frozenset({Cause.INJURY, Cause.DEATH, Cause.OTHER}),
    Line.TRAVEL: frozenset({Cause.CANCELLATION, Cause.ILLNESS, Cause.INJURY, Cause.THEFT, Cause.OTHER}),
    Line.COMMERCIAL: frozenset(
        {Cause.THEFT, Cause.VANDALISM, Cause.FIRE, Cause.WATER, Cause.STORM, Cause.GLASS, Cause.LIABILITY, Cause.OTHER}
    ),
}  # fmt: skip
"""What a contract of each line may have to pay for. Whether it does is examined, by the terms and by a person."""


def covered(contract: Contract, day: date) -> bool:
    """Whether there was cover on a day: from the first day on, up to the end of the term or an earlier end."""
    last_days = [last for last in (contract.ends_on, contract.ended_on) if last is not None]
    return contract.started_on <= day <= min(last_days, default=day)
