"""The first schema: every table of the connected graph, as plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refused: dropping the first schema would drop all data."""
    raise NotImplementedError("the first migration cannot be undone; drop the database instead")
