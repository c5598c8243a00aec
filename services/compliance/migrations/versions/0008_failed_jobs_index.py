"""Failed jobs are counted every few seconds, and few among many."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the index that they are counted from."""
    op.execute("CREATE INDEX jobs_failed ON jobs (kind) WHERE status = 'failed'")


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX jobs_failed")
