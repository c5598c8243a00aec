"""Who verifies the audit log may see how far it has come in each service's events."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Let the feed role read checkpoints."""
    op.execute("GRANT SELECT ON checkpoints TO compliance_feed")


def downgrade() -> None:
    """Take the right back."""
    op.execute("REVOKE SELECT ON checkpoints FROM compliance_feed")
