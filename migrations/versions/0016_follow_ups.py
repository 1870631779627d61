"""Follow-up tasks of contacts. Plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and let events be about its rows."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refused: events about tasks are never removed, and would be about nothing."""
    raise NotImplementedError("the history would tell of tasks that are gone; restore a backup from before instead")
