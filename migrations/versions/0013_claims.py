"""What commands about claims need: amounts proposed and who approved them, why a claim or a document was refused."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the approvals, and make the staff's views anew."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refused: who approved what would be lost."""
    raise NotImplementedError("what was decided on claims would be lost; restore a backup from before instead")
