"""The catalogue: what can be insured, in categories."""

from enum import auto

from sqlalchemy import text as sql

from models.base import (
    UUID,
    Choice,
    Decimal,
    Identified,
    Versioned,
    choice,
    date,
    day,
    flag,
    index,
    integer,
    money,
    ref,
    text,
)


class LineOfBusiness(Choice):
    """The branch of insurance a category belongs to."""

    MOTOR = auto(), "Cars, motorcycles and other vehicles."
    HOME = auto(), "Buildings and household contents."
    LIABILITY = auto(), "Damage done to others."
    LEGAL = auto(), "Legal costs."
    LIFE = auto(), "Death, survival and pensions."
    HEALTH = auto(), "Illness, dental and care."
    ACCIDENT = auto(), "Injury and disability."
    TRAVEL = auto(), "Journeys, cancellation and luggage."
    COMMERCIAL = auto(), "Risks of businesses."


class ProductStatus(Choice):
    """Whether a product is on sale."""

    DRAFT = auto(), "In preparation."
    ON_SALE = auto(), "Can be ordered."
    CLOSED = auto(), "No new business; existing contracts run on."
    WITHDRAWN = auto(), "No contract runs any more."


class ProductCategory(Identified, table=True):
    """A group of products within a line of business."""

    __tablename__ = "product_categories"
    __table_args__ = (index("parent_id", "name", "id"), index("name", "id"))

    code: str = text("Short code, such as motor-car.", unique=True)
    name: str = text("Name of the category.")
    description: str = text("What the category covers.")
    line_of_business: LineOfBusiness = choice(LineOfBusiness, "The branch it belongs to.", index=True)
    parent_id: UUID | None = ref("product_categories.id", "The wider category, if any.", nullable=True)


class Product(Versioned, table=True):
    """An insurance product that customers can order."""

    __tablename__ = "products"
    __table_args__ = (index("name", "id"), index("category_id", "name", "id"), index("launched_on", "id"))

    code: str = text("Product code, such as MOTOR-COMP.", unique=True)
    name: str = text("Name of the product.")
    description: str = text("What it covers, in a sentence.")
    category_id: UUID = ref("product_categories.id", "The category it belongs to.")
    status: ProductStatus = choice(ProductStatus, "Whether it is on sale.", index=True)
    currency: str = text("Currency of its amounts (ISO 4217).", max_length=3)
    base_premium_amount: Decimal = money(
        "Yearly premium before any pricing factor; of products that are paid once the whole premium."
    )
    single_premium: bool = flag(
        "Whether the premium is paid once, at the beginning, and not in instalments.",
        False,
        sa_column_kwargs={"server_default": sql("false")},
    )
    minimum_coverage_amount: Decimal | None = money("Least sum that can be insured.", nullable=True)
    maximum_coverage_amount: Decimal | None = money("Greatest sum that can be insured.", nullable=True)
    term_months: int | None = integer("Usual term in months; none for open-ended cover.", nullable=True)
    builds_cash_value: bool = flag("Whether contracts build a cash value.", False)
    requires_medical_exam: bool = flag("Whether an order needs a medical exam.", False)
    launched_on: date = day("First day on sale.")
