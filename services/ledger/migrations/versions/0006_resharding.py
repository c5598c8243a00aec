"""A relay clears away the checkpoints of another number of shards."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Let it."""
    op.execute("GRANT DELETE ON checkpoints, watermarks TO ledger_app")


def downgrade() -> None:
    """Stop letting it."""
    op.execute("REVOKE DELETE ON checkpoints, watermarks FROM ledger_app")
