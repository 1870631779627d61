"""Contracts (insurance policies) and the parties to them."""

from enum import auto
from typing import Any

from sqlalchemy import CheckConstraint

from core.workflow import Transition, Workflow
from models.base import (
    UUID,
    Choice,
    CustomerOwned,
    Decimal,
    Versioned,
    business_number,
    choice,
    date,
    datetime,
    day,
    decimal,
    document,
    index,
    moment,
    money,
    ref,
    text,
    utc_now,
)


class ContractStatus(Choice):
    """Where a contract stands in its life."""

    PENDING = auto(), "Issued, cover has not begun."
    ACTIVE = auto(), "Cover is in force."
    GRACE_PERIOD = auto(), "A premium is overdue; cover goes on until the grace period ends."
    LAPSED = auto(), "Cover ended because a premium was not paid; may be reinstated."
    CANCELLED = auto(), "Ended before its term by the customer or the insurer."
    EXPIRED = auto(), "The term is over and was not renewed."
    MATURED = auto(), "The insured event or the maturity date came; benefits were paid."


_IN_FORCE = (ContractStatus.ACTIVE, ContractStatus.GRACE_PERIOD)

CONTRACT_WORKFLOW = Workflow(
    "contract",
    ContractStatus,
    initial=(ContractStatus.PENDING, ContractStatus.ACTIVE),
    transitions=(
        Transition(
            "begin",
            (ContractStatus.PENDING,),
            ContractStatus.ACTIVE,
            "contracts:write",
            "Let cover begin.",
            "the first day of cover has come",
        ),
        Transition(
            "renew",
            (ContractStatus.ACTIVE,),
            ContractStatus.ACTIVE,
            "contracts:write",
            "Let a new term follow the present one.",
            "the contract renews, and its term ends within ninety days",
        ),
        Transition(
            "enterGracePeriod",
            (ContractStatus.ACTIVE,),
            ContractStatus.GRACE_PERIOD,
            "billing:write",
            "Set a last day to pay an overdue premium and keep cover.",
            "a premium is overdue",
        ),
        Transition(
            "endGracePeriod",
            (ContractStatus.GRACE_PERIOD,),
            ContractStatus.ACTIVE,
            "billing:write",
            "Note that the arrears are settled; happens by itself with the payment.",
            "no premium is overdue any more",
        ),
        Transition(
            "lapse",
            (ContractStatus.GRACE_PERIOD,),
            ContractStatus.LAPSED,
            "contracts:write",
            "End cover for want of payment.",
            "the last day of the grace period is past",
        ),
        Transition(
            "reinstate",
            (ContractStatus.LAPSED,),
            ContractStatus.ACTIVE,
            "contracts:write",
            "Put a lapsed contract back in force, as if it had not lapsed.",
            "it lapsed not too long ago for its line of business, its term is not over, and all arrears are settled",
        ),
        Transition(
            "cancel",
            (ContractStatus.PENDING, *_IN_FORCE),
            ContractStatus.CANCELLED,
            "contracts:write",
            "End the contract before its term.",
            "the last day of cover is not ahead, and lies within the term",
        ),
        Transition(
            "expire",
            _IN_FORCE,
            ContractStatus.EXPIRED,
            "contracts:write",
            "Note that the term is over.",
            "the last day of the term is past, and the contract does not renew",
        ),
        Transition(
            "mature",
            _IN_FORCE,
            ContractStatus.MATURED,
            "contracts:write",
            "End a life insurance because its benefit fell due.",
            "the contract insures a life, and the day is not ahead and within the term",
        ),
    ),
)


class CancellationReason(Choice):
    """Why a contract is ended before its term."""

    CUSTOMER_REQUEST = auto(), "The customer gave notice."
    WITHDRAWAL = auto(), "The customer used the right to withdraw soon after the conclusion."
    RISK_CEASED = auto(), "What was insured is gone or was sold."
    DEATH = auto(), "The policyholder died."
    INSURER_NOTICE = auto(), "The insurer gave notice, for instance after a claim."
    NON_DISCLOSURE = auto(), "The insurer was not told what it had to know."
    FRAUD = auto(), "The insurer was deceived."
    REPLACED = auto(), "Another contract takes its place."


class CoverageLevel(Choice):
    """How wide the cover is."""

    BASIC = auto(), "The least the product offers."
    STANDARD = auto(), "The usual cover."
    EXTENDED = auto(), "More than the usual cover."
    PREMIUM = auto(), "All the product offers."


class BillingFrequency(Choice):
    """How often a premium is due."""

    MONTHLY = auto(), "Twelve times a year."
    QUARTERLY = auto(), "Four times a year."
    SEMI_ANNUAL = auto(), "Twice a year."
    ANNUAL = auto(), "Once a year."
    SINGLE = auto(), "Once for the whole term."


class PartyRole(Choice):
    """The part someone plays in a contract."""

    POLICYHOLDER = auto(), "Concluded the contract and owes the premium."
    INSURED = auto(), "The person or organisation whose risk is covered."
    PAYER = auto(), "Pays the premium in place of the policyholder."
    BENEFICIARY = auto(), "Receives the benefit."


class BeneficiaryRank(Choice):
    """In which order beneficiaries are called."""

    PRIMARY = auto(), "Called first."
    CONTINGENT = auto(), "Called when no primary beneficiary is left."


PREMIUMS_PER_YEAR: dict[BillingFrequency, int] = {
    BillingFrequency.MONTHLY: 12,
    BillingFrequency.QUARTERLY: 4,
    BillingFrequency.SEMI_ANNUAL: 2,
    BillingFrequency.ANNUAL: 1,
    BillingFrequency.SINGLE: 0,
}


class Contract(CustomerOwned, Versioned, table=True):
    """An insurance policy: what is covered, for whom, from when to when, and at what price."""

    __tablename__ = "contracts"
    __table_args__ = (
        index("customer_id", "started_on", "id"),
        index("customer_id", "status"),
        index("product_id", "started_on", "id"),
        index("partner_id", "started_on", "id"),
        index("agent_id", "started_on", "id"),
        index("started_on", "id"),
        index("ends_on", "id"),
        index("renewal_on", "id"),
        index("premium_amount", "id"),
        index("created_at", "id"),
        index("restricted"),
    )

    number: str = business_number("K", "contracts", "Contract (policy) number, such as K-0012345.")
    product_id: UUID = ref("products.id", "The product it is a contract of.")
    order_id: UUID | None = ref("orders.id", "The order it was issued from, if known.", nullable=True, unique=True)
    status: ContractStatus = choice(ContractStatus, "Where the contract stands.", index=True)
    coverage_level: CoverageLevel = choice(CoverageLevel, "How wide the cover is.", index=True)
    coverage_amount: Decimal | None = money("Sum insured, where the product has one.", nullable=True)
    deductible_amount: Decimal | None = money("What the customer bears of each claim.", nullable=True)
    currency: str = text("Currency of all its amounts (ISO 4217).", max_length=3)
    started_on: date = day("First day of cover.")
    ends_on: date | None = day("Last day of cover; none for open-ended cover.", nullable=True)
    premium_amount: Decimal = money("Premium due each billing period.")
    annual_premium_amount: Decimal = money("Premium per year of cover.")
    billing_frequency: BillingFrequency = choice(BillingFrequency, "How often a premium is due.", index=True)
    renewal_on: date | None = day("Next day on which it renews, if it does.", nullable=True)
    renewal_reminded_on: date | None = day(
        "Day on which the customer was last reminded of a renewal, if ever.", nullable=True
    )
    cash_value_amount: Decimal | None = money(
        "What the contract is worth by now, where it builds value.", nullable=True
    )
    surrender_value_amount: Decimal | None = money("What is paid if it is given up today.", nullable=True)
    grace_period_ends_on: date | None = day("Last day to pay an overdue premium and keep cover.", nullable=True)
    ended_on: date | None = day("When cover ended early or lapsed.", nullable=True)
    partner_id: UUID | None = ref("partners.id", "The partner that sold it; none if sold directly.", nullable=True)
    agent_id: UUID | None = ref("agents.id", "The agent who sold or looks after it.", nullable=True)
    attributes: dict[str, Any] = document("Facts about the risk that have no column, such as the vehicle.")


class ContractParty(CustomerOwned, table=True):
    """Someone's part in a contract; a beneficiary need not be a customer."""

    __tablename__ = "contract_parties"
    __table_args__ = (
        index("contract_id", "role", "id"),
        index("party_customer_id", "role", "id"),
        index("customer_id", "id"),
        CheckConstraint("(role = 'BENEFICIARY') = (rank is not null)", name="rank_of_beneficiary"),
        CheckConstraint("share_percent > 0 and share_percent <= 100", name="share_range"),
    )

    contract_id: UUID = ref("contracts.id", "The contract.")
    party_customer_id: UUID | None = ref("customers.id", "The party, if a customer.", nullable=True)
    name: str = text("Name of the party.")
    birth_date: date | None = day("Date of birth of a party who is a person, if known.", nullable=True)
    role: PartyRole = choice(PartyRole, "The part the party plays.")
    rank: BeneficiaryRank | None = choice(BeneficiaryRank, "Primary or contingent beneficiary.", nullable=True)
    share_percent: Decimal | None = decimal("Share of the benefit in percent.", 5, 2, nullable=True)
    relationship: str | None = text("What the party is to the policyholder, in a word.", nullable=True)
    created_at: datetime = moment("When it was recorded.", default_factory=utc_now)
