"""Products, as commands about orders and contracts look at them."""

from uuid import UUID

from changes.errors import NotFound
from changes.work import Work
from models.products import LineOfBusiness, Product, ProductCategory


async def product_of(work: Work, product_id: UUID, argument: str = "productId") -> tuple[Product, LineOfBusiness]:
    """A product and its line of business; not locked. Raises NotFound."""
    found = await work.rows_of(Product, id=product_id)
    if not found:
        raise NotFound("product", f"input.{argument}")
    (category,) = await work.rows_of(ProductCategory, id=found[0].category_id)
    return found[0], category.line_of_business
