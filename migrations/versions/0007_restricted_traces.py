"""What tells of restricted customers, as plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the views of the ordinary staff leave out what tells of restricted customers."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refused: it would show what is hidden."""
    raise NotImplementedError("what was hidden is not shown again; restore a backup from before instead")
