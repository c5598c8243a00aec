"""Where the last event of each partition is, among the marks: who has read it has read them all."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; until the relay sends again, the last record stands for the last event."""
    op.execute("ALTER TABLE publications ADD last_event_offset bigint NOT NULL DEFAULT -1")
    op.execute("UPDATE publications SET last_event_offset = last_offset")


def downgrade() -> None:
    """Drop the column."""
    op.execute("ALTER TABLE publications DROP last_event_offset")
