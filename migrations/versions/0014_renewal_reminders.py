"""When customers were reminded of renewals; partners are told of that, and of cover that begins or goes on."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, make the staff's view of contracts anew, and show partners further events."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refused: customers would be reminded twice."""
    raise NotImplementedError("who was reminded would be lost; restore a backup from before instead")
