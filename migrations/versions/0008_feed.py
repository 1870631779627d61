"""The event feed, as plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the feed and the queue before it, and number the events that are there."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Drop both; cursors that clients have mean nothing then."""
    op.execute("drop trigger queued on events")
    op.execute("drop function c360_queue_events")
    op.execute("drop function c360_feed_head")
    op.drop_table("event_queue")
    op.drop_table("event_feed")
