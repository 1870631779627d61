"""The catalogue as the graph shows it."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import loaders
from models import products as models
from schema.connections import Connection
from schema.entity import Node, entity
from schema.fields import column, money, one, page
from schema.scalars import Money

if TYPE_CHECKING:
    from schema.contracts import Contract
    from schema.orders import Order


@entity(
    models.ProductCategory,
    "cat",
    loaders.products.category_by_id,
    "products:read",
    where=("code", "line_of_business"),
    order_by=("name",),
)
class ProductCategory(Node):
    """A group of products within a line of business."""

    code: str = column()
    name: str = column()
    description: str = column()
    line_of_business: models.LineOfBusiness = column()
    parent: "ProductCategory | None" = one(loaders.products.category_by_id, "parent_id")
    subcategories: Connection["ProductCategory"] | None = page(
        loaders.products.subcategories_of, "Narrower categories."
    )
    products: Connection["Product"] | None = page(loaders.products.of_category, "Products of the category.")


@entity(
    models.Product,
    "prd",
    loaders.products.by_id,
    "products:read",
    where=("code", "name", "status", "category_id", "launched_on"),
    order_by=("name", "code", "launched_on"),
)
class Product(Node):
    """An insurance product that customers can order."""

    code: str = column()
    name: str = column()
    description: str = column()
    category: ProductCategory = one(loaders.products.category_by_id, "category_id")
    status: models.ProductStatus = column()
    base_premium: Money = money()
    single_premium: bool = column()
    minimum_coverage: Money | None = money()
    maximum_coverage: Money | None = money()
    term_months: int | None = column()
    builds_cash_value: bool = column()
    requires_medical_exam: bool = column()
    launched_on: date = column()
    version: int = column()
    created_at: datetime = column()
    updated_at: datetime = column()

    contracts: Connection["Contract"] | None = page(loaders.contracts.of_product, "Contracts of the product.")
    orders: Connection["Order"] | None = page(loaders.orders.of_product, "Orders for the product.")
