"""Background work: the job queue, and webhooks. Plain SQL in the files beside this one."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_PARTS = ("background", "jobs")


def upgrade() -> None:
    """Create the tables."""
    for part in _PARTS:
        script = Path(__file__).with_name(f"{revision}_{part}.sql").read_text("utf-8")
        op.get_bind().exec_driver_sql(script.replace("%", "%%"))


def downgrade() -> None:
    """Drop them."""
    op.execute("drop schema jobs cascade")
    op.drop_table("webhook_deliveries")
    op.drop_table("webhook_endpoints")
