"""Receipts and what they pay; which payment a refund is of."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the column, and make the staff's view of payments anew."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refused: what came in would be lost."""
    raise NotImplementedError("what came in would be lost; restore a backup from before instead")
