"""Customers: persons and organisations, who they are and what is known and judged of them."""

from enum import auto
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy import text as sql

from core.workflow import Transition, Workflow
from models.base import (
    Choice,
    CustomerOwned,
    Decimal,
    Versioned,
    blind_index,
    business_number,
    choice,
    computed,
    date,
    datetime,
    day,
    document,
    flag,
    index,
    integer,
    masked,
    moment,
    money,
    sealed,
    text,
    trigram_index,
    utc_now,
)


class CustomerKind(Choice):
    """Whether the customer is a human being or a legal entity."""

    PERSON = auto(), "A natural person."
    ORGANISATION = auto(), "A company, association or public body."


class CustomerStatus(Choice):
    """Where the customer stands in the relationship with the insurer."""

    PROSPECT = auto(), "Known and courted, holds no contract yet."
    ACTIVE = auto(), "Holds or is party to at least one contract in force."
    INACTIVE = auto(), "Was a customer, holds no contract in force now."
    SUSPENDED = auto(), "Business is on hold, for instance during a KYC or fraud review."
    DECEASED = auto(), "The person has died; contracts are being settled."
    CLOSED = auto(), "The relationship has ended for good."


CUSTOMER_WORKFLOW = Workflow(
    "customer",
    CustomerStatus,
    initial=(CustomerStatus.PROSPECT,),
    transitions=(
        Transition(
            "activate",
            (CustomerStatus.PROSPECT, CustomerStatus.INACTIVE, CustomerStatus.SUSPENDED),
            CustomerStatus.ACTIVE,
            "customers:write",
            "Do business with the customer.",
            "the customer holds or is party to a contract in force",
        ),
        Transition(
            "deactivate",
            (CustomerStatus.ACTIVE, CustomerStatus.SUSPENDED),
            CustomerStatus.INACTIVE,
            "customers:write",
            "Note that no contract is left.",
            "the customer neither holds nor is party to a contract in force",
        ),
        Transition(
            "court",
            (CustomerStatus.INACTIVE, CustomerStatus.SUSPENDED),
            CustomerStatus.PROSPECT,
            "customers:write",
            "Win the customer anew.",
            "the customer neither holds nor is party to a contract in force",
        ),
        Transition(
            "suspend",
            (CustomerStatus.PROSPECT, CustomerStatus.ACTIVE, CustomerStatus.INACTIVE),
            CustomerStatus.SUSPENDED,
            "customers:assess",
            "Put all business on hold, for instance during a review.",
        ),
        Transition(
            "recordDeath",
            (CustomerStatus.PROSPECT, CustomerStatus.ACTIVE, CustomerStatus.INACTIVE, CustomerStatus.SUSPENDED),
            CustomerStatus.DECEASED,
            "customers:write",
            "Record that the person has died.",
            "the customer is a person",
        ),
        Transition(
            "correctDeath",
            (CustomerStatus.DECEASED,),
            CustomerStatus.SUSPENDED,
            "customers:assess",
            "Take back a death that was recorded by mistake; the customer is reviewed first.",
        ),
        Transition(
            "close",
            (CustomerStatus.PROSPECT, CustomerStatus.INACTIVE, CustomerStatus.SUSPENDED, CustomerStatus.DECEASED),
            CustomerStatus.CLOSED,
            "customers:write",
            "End the relationship for good.",
            "the customer neither holds nor is party to a contract in force",
        ),
    ),
)


class Gender(Choice):
    """The gender the customer stated."""

    FEMALE = auto(), "Female."
    MALE = auto(), "Male."
    DIVERSE = auto(), "Neither female nor male."
    UNDISCLOSED = auto(), "The customer prefers not to say."


class MaritalStatus(Choice):
    """The customer's civil status."""

    SINGLE = auto(), "Never married."
    MARRIED = auto(), "Married."
    REGISTERED_PARTNERSHIP = auto(), "In a registered or civil partnership."
    SEPARATED = auto(), "Married or partnered, living apart."
    DIVORCED = auto(), "Marriage or partnership dissolved."
    WIDOWED = auto(), "The spouse or partner has died."


class Education(Choice):
    """The highest education the customer has completed."""

    NONE = auto(), "No school-leaving certificate."
    SECONDARY = auto(), "Secondary school, high school or below."
    VOCATIONAL = auto(), "Vocational training or apprenticeship."
    COLLEGE = auto(), "College without a degree."
    BACHELOR = auto(), "Bachelor's degree."
    MASTER = auto(), "Master's degree or equivalent."
    DOCTORATE = auto(), "Doctoral degree."


class EmploymentStatus(Choice):
    """How the customer earns a living."""

    EMPLOYED = auto(), "Employee."
    SELF_EMPLOYED = auto(), "Self-employed or freelance."
    CIVIL_SERVANT = auto(), "Civil servant."
    STUDENT = auto(), "Pupil, apprentice or student."
    HOMEMAKER = auto(), "Runs the household."
    UNEMPLOYED = auto(), "Out of work."
    MEDICAL_LEAVE = auto(), "On long-term medical leave."
    DISABLED = auto(), "Unable to work because of a disability."
    RETIRED = auto(), "Retired."


class KycStatus(Choice):
    """How far the customer's identity has been verified (Know Your Customer)."""

    NOT_STARTED = auto(), "Nothing has been checked yet."
    IN_PROGRESS = auto(), "Documents are requested or under review."
    VERIFIED = auto(), "Identity is established."
    REJECTED = auto(), "Identity could not be established."
    EXPIRED = auto(), "A verification that is too old and must be renewed."


KYC_WORKFLOW = Workflow(
    "identity verification",
    KycStatus,
    initial=(KycStatus.NOT_STARTED,),
    transitions=(
        Transition(
            "startKyc",
            (KycStatus.NOT_STARTED, KycStatus.REJECTED, KycStatus.EXPIRED, KycStatus.VERIFIED),
            KycStatus.IN_PROGRESS,
            "customers:write",
            "Ask for documents, or ask for them anew.",
        ),
        Transition(
            "verifyKyc",
            (KycStatus.IN_PROGRESS,),
            KycStatus.VERIFIED,
            "customers:assess",
            "Hold the identity to be established.",
            "of a person the date of birth is known",
        ),
        Transition(
            "rejectKyc",
            (KycStatus.IN_PROGRESS,),
            KycStatus.REJECTED,
            "customers:assess",
            "Hold that the identity could not be established.",
        ),
        Transition(
            "expireKyc",
            (KycStatus.VERIFIED,),
            KycStatus.EXPIRED,
            "customers:assess",
            "Note that the verification is too old.",
        ),
    ),
)


class RiskBand(Choice):
    """The risk score as a band."""

    LOW = auto(), "Score 0 to 29."
    MEDIUM = auto(), "Score 30 to 59."
    HIGH = auto(), "Score 60 to 84."
    CRITICAL = auto(), "Score 85 to 100."


class Segment(Choice):
    """The market segment the customer is served in."""

    MASS = auto(), "Standard retail business."
    AFFLUENT = auto(), "Retail customers with high income or lifetime value."
    PRIVATE = auto(), "Wealthy customers with a personal adviser."
    YOUNG = auto(), "Customers under 27, mostly first contracts."
    SENIOR = auto(), "Customers past working age."
    BUSINESS = auto(), "Small and medium organisations."
    CORPORATE = auto(), "Large organisations."


def risk_band(score: int) -> RiskBand:
    """The band of a risk score from 0 (none) to 100.

    Raises ValueError when the score is outside 0..100.
    """
    if not 0 <= score <= 100:
        raise ValueError(f"a risk score is between 0 and 100, got {score}")
    if score < 30:
        return RiskBand.LOW
    if score < 60:
        return RiskBand.MEDIUM
    return RiskBand.HIGH if score < 85 else RiskBand.CRITICAL


def person_names(title: str | None, first_name: str | None, last_name: str) -> dict[str, Any]:
    """How a person is called on a letter and filed: the columns display_name and sort_name."""
    return {
        "display_name": " ".join(filter(None, (title, first_name, last_name))),
        "sort_name": f"{last_name}, {first_name}" if first_name else last_name,
    }


class Customer(Versioned, table=True):
    """A person or organisation the insurer deals with: the centre of the graph."""

    __tablename__ = "customers"
    __table_args__ = (
        index("sort_name", "id"),
        index("customer_since", "id"),
        index("lifetime_value_amount", "id"),
        index("risk_score", "id"),
        index("birth_date", "id"),
        index("updated_at", "id"),
        index("created_at", "id"),
        index("national_id_index"),
        trigram_index("customers_search_name_trgm_idx", "search_name"),
        index("restricted"),
        CheckConstraint("restricted = (restricted_at is not null)", name="restricted_since"),
    )

    number: str = business_number("C", "customers", "Customer number, such as C-0004711; unique and never reused.")
    kind: CustomerKind = choice(CustomerKind, "Person or organisation.", index=True)
    title: str | None = text("Academic or noble title that belongs to the name.", nullable=True)
    first_name: str | None = text("Given names of a person.", nullable=True)
    last_name: str | None = text("Family name of a person.", nullable=True)
    organisation_name: str | None = text("Registered name of an organisation.", nullable=True)
    display_name: str = text("The name as one writes it on a letter.")
    sort_name: str = text("The name as one files it: family name first.")
    birth_date: date | None = day("Date of birth of a person.", nullable=True)
    gender: Gender | None = choice(Gender, "Stated gender of a person.", nullable=True, index=True)
    marital_status: MaritalStatus | None = choice(MaritalStatus, "Civil status of a person.", nullable=True, index=True)
    education: Education | None = choice(Education, "Highest completed education.", nullable=True, index=True)
    employment_status: EmploymentStatus | None = choice(
        EmploymentStatus, "How the person earns a living.", nullable=True, index=True
    )
    occupation: str | None = text("Occupation in the customer's own words.", nullable=True)
    income_amount: Decimal | None = money("Yearly gross income.", nullable=True)
    currency: str = text("Currency of income and lifetime value (ISO 4217).", max_length=3)
    language: str = text("Preferred language (BCP 47), such as de or en-GB.", index=True)
    nationality: str | None = text("Nationality (ISO 3166-1 alpha-2).", nullable=True)
    national_id_sealed: bytes | None = sealed("National identification number of a person, sealed.", nullable=True)
    national_id_index: str | None = blind_index("Blind index of the national identification number.")
    national_id_masked: str | None = masked(
        "National identification number of a person, masked but for its end: the tax, social security or identity "
        "number of the country.",
        nullable=True,
    )
    status: CustomerStatus = choice(CustomerStatus, "Where the relationship stands.", index=True)
    kyc_status: KycStatus = choice(KycStatus, "How far the identity is verified.", index=True)
    kyc_verified_at: datetime | None = moment("When the identity was last verified.", nullable=True)
    risk_score: int | None = integer("Risk score from 0 (none) to 100.", nullable=True, ge=0, le=100)
    risk_band: RiskBand | None = choice(RiskBand, "Band of the risk score.", nullable=True, index=True)
    lifetime_value_amount: Decimal = money("Customer lifetime value: expected margin over the relationship.", default=0)
    segment: Segment = choice(Segment, "Market segment the customer is served in.", index=True)
    customer_since: date = day("Since when the person or organisation is known to the insurer.")
    restricted: bool = flag(
        "Whether the customer, and all that belongs to it, is out of sight for most of the staff and for partners.",
        False,
        sa_column_kwargs={"server_default": sql("false")},
    )
    restricted_at: datetime | None = moment("Since when the customer is restricted.", nullable=True)
    restriction_reason: str | None = text("Why the customer is restricted.", nullable=True)
    attributes: dict[str, Any] = document("Facts from source systems that have no column of their own.")
    search_name: str = computed(
        "c360_fold(coalesce(organisation_name, coalesce(first_name, '') || ' ' || coalesce(last_name, '')))",
        "All names without accents and in lower case; what the search box looks through.",
    )


class CustomerIdentifier(CustomerOwned, table=True):
    """A name for the customer in another system: the reference one finds them by over there."""

    __tablename__ = "customer_identifiers"
    __table_args__ = (index("scheme", "value", unique=True), index("customer_id", "scheme", "id"), index("value"))

    scheme: str = text("The system or register that gave the identifier, such as crm-legacy or commercial-register.")
    value: str = text("The identifier as written there.")
    issued_on: date | None = day("When it was given, if known.", nullable=True)
    created_at: datetime = moment("When it was recorded here.", default_factory=utc_now)
