"""Access: users, sessions, second factors, API keys and signing keys, as plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Drop them, with all users."""
    op.get_bind().exec_driver_sql("drop table refresh_tokens, sessions, recovery_codes, api_keys, signing_keys, users")
