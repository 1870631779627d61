"""The underwriting rules: which risks are accepted, at which premium, and which an underwriter has to look at.

One table, read from top to bottom. Every rule that fits counts: loadings add up, and of the outcomes the gravest
stands. What no rule fits is accepted at the normal premium. The rules never decline for good: a person has to reject
the order, and may refer it instead (docs/adr/0026-orders.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from models.customers import RiskBand
from models.orders import MedicalExamResult, UnderwritingOutcome
from models.products import LineOfBusiness as Line

ACCEPTED = UnderwritingOutcome.ACCEPTED
LOADED = UnderwritingOutcome.ACCEPTED_WITH_LOADING
REFERRED = UnderwritingOutcome.REFERRED
DECLINED = UnderwritingOutcome.DECLINED

_GRAVITY = (ACCEPTED, LOADED, REFERRED, DECLINED)

# Loadings that add up to more are an underwriter's to decide.
GREATEST_LOADING = Decimal(50)

_LIVES = frozenset({Line.LIFE, Line.HEALTH, Line.ACCIDENT})


@dataclass(frozen=True, slots=True)
class Risk:
    """What the rules look at. `age` is that of a person on the first day of cover, `exam` the last exam's result."""

    line: Line
    sum_insured: Decimal | None = None
    age: int | None = None
    band: RiskBand | None = None
    exam: MedicalExamResult | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table: it fits a risk that fulfils all its conditions; an empty one is fulfilled by all.

    The reason is read by whoever may see the order, who may not see exams: it tells nothing medical.
    """

    name: str
    outcome: UnderwritingOutcome
    reason: str
    lines: frozenset[Line] = frozenset(Line)
    bands: frozenset[RiskBand | None] | None = None
    exams: frozenset[MedicalExamResult] | None = None
    age_from: int | None = None
    age_below: int | None = None
    sum_above: Decimal | None = None
    loading_percent: Decimal = Decimal(0)

    def fits(self, risk: Risk) -> bool:
        """Whether all conditions hold."""
        return (
            risk.line in self.lines
            and (self.bands is None or risk.band in self.bands)
            and (self.exams is None or risk.exam in self.exams)
            and (self.age_from is None or (risk.age is not None and risk.age >= self.age_from))
            and (self.age_below is None or (risk.age is not None and risk.age < self.age_below))
            and (self.sum_above is None or (risk.sum_insured is not None and risk.sum_insured > self.sum_above))
        )


_LOOK = "Needs an underwriter's look"

RULES: tuple[Rule, ...] = (
    # The score of the customer
    Rule("critical-score", DECLINED, "Risk score outside the guidelines", bands=frozenset({RiskBand.CRITICAL})),
    Rule("high-score", REFERRED, "High risk score", bands=frozenset({RiskBand.HIGH})),
    Rule("no-score", REFERRED, "No risk score", bands=frozenset({None})),
    Rule("medium-score", LOADED, "Raised risk score", bands=frozenset({RiskBand.MEDIUM}), loading_percent=Decimal(10)),
    # Medical exams
    Rule("exam-decline", DECLINED, "Outside the guidelines", exams=frozenset({MedicalExamResult.DECLINE})),
    Rule("exam-rated", REFERRED, _LOOK, exams=frozenset({MedicalExamResult.RATED})),
    # Ages
    Rule("young-driver", LOADED, "Young driver", lines=frozenset({Line.MOTOR}), age_below=25,
         loading_percent=Decimal(25)),
    Rule("life-from-50", LOADED, "Age at entry", lines=frozenset({Line.LIFE}), age_from=50, age_below=65,
         loading_percent=Decimal(15)),
    Rule("life-from-65", REFERRED, _LOOK, lines=_LIVES, age_from=65),
    # Sums insured
    Rule("large-life", REFERRED, "Sum insured above the automatic limit", lines=_LIVES, sum_above=Decimal(300_000)),
    Rule("large-home", REFERRED, "Sum insured above the automatic limit", lines=frozenset({Line.HOME}),
         sum_above=Decimal(1_000_000)),
    Rule("large-business", REFERRED, "Sum insured above the automatic limit", lines=frozenset({Line.COMMERCIAL}),
         sum_above=Decimal(2_000_000)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules say: the outcome, the loading in percent if there is one, and why."""

    outcome: UnderwritingOutcome
    loading_percent: Decimal | None
    reason: str | None


def assess(risk: Risk, rules: Iterable[Rule] = RULES) -> Assessment:
    """Let the rules judge a risk."""
    fitting = [rule for rule in rules if rule.fits(risk)]
    outcome = max((rule.outcome for rule in fitting), key=_GRAVITY.index, default=ACCEPTED)
    loading = sum((rule.loading_percent for rule in fitting), Decimal(0))
    if outcome is LOADED and loading > GREATEST_LOADING:
        outcome = REFERRED
    reasons = "; ".join(dict.fromkeys(rule.reason for rule in fitting)) or None
    return Assessment(outcome, loading if outcome is LOADED else None, reasons)
