"""What one can ask of products."""

import strawberry

import loaders
from resolvers.lookup import lookup
from schema.connections import Connection
from schema.fields import page
from schema.products import Product, ProductCategory


@strawberry.type
class Query:
    """Root fields of products."""

    product: Product | None = lookup(loaders.products.by_id, loaders.products.by_code, "A product, by id or code.")
    products: Connection[Product] | None = page(loaders.products.all_products, "Products.", local=None)
    product_category: ProductCategory | None = lookup(
        loaders.products.category_by_id, None, "A product category, by id."
    )
    product_categories: Connection[ProductCategory] | None = page(
        loaders.products.all_categories, "Product categories.", local=None
    )
