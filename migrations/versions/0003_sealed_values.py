"""Sealed values: keys, national ids, bank accounts and medical notes, as plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and columns; there is nothing to seal yet."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refused: with the keys all that is sealed would be lost."""
    raise NotImplementedError("sealed values cannot be kept without their keys; restore a backup instead")
