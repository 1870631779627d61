"""Row scope, as plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make roles, consents, the partner book, row-level security, views and grants; fill the book."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refused: without it whoever may read a table reads all of it."""
    raise NotImplementedError("the row scope cannot be taken back; restore a backup from before instead")
