"""A relay clears away the checkpoints of another number of shards."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Let it."""
    op.execute("GRANT DELETE ON checkpoints, watermarks TO compliance_app")


def downgrade() -> None:
    """Stop letting it."""
    op.execute("REVOKE DELETE ON checkpoints, watermarks FROM compliance_app")
