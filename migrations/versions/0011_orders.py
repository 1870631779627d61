"""What commands about orders need: who handed one in, why a document was refused, products that are paid once."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and make the staff's views anew with them."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refused: who handed in what would be lost, and with it who may approve it."""
    raise NotImplementedError("what was recorded with orders would be lost; restore a backup from before instead")
