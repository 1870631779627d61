"""Merges of duplicate customers. Plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Drop them."""
    op.execute("drop view c360_staff.customer_merges")
    op.drop_table("customer_merge_moves")
    op.drop_table("customer_merges")
