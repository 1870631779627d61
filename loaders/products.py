"""Edges to products and their categories."""

from loaders.base import one, page
from models.products import Product, ProductCategory

by_id = one(Product)
by_code = one(Product, "code")
all_products = page(Product, order="name")
of_category = page(Product, "category_id", order="name")

category_by_id = one(ProductCategory)
all_categories = page(ProductCategory, order="name")
subcategories_of = page(ProductCategory, "parent_id", order="name")
