"""The audit log and its chain of seals, as plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the triggers that let them only grow."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refused: nothing of the service drops the audit log."""
    raise NotImplementedError("the audit log is not dropped by a migration")
