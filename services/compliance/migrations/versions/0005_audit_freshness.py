"""How fresh the audit log's readers are, for who verifies it: over Kafka nothing else tells."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Let the feed role read watermarks."""
    op.execute("GRANT SELECT ON watermarks TO compliance_feed")


def downgrade() -> None:
    """Take that right away."""
    op.execute("REVOKE SELECT ON watermarks FROM compliance_feed")
