"""Why a webhook endpoint was disabled, as plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and let those read it who read the endpoint."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Drop the column with the reasons."""
    op.drop_column("webhook_endpoints", "disabled_reason")
