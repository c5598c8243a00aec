"""Many events can be parked without slowing down who looks for a few of them."""

from alembic import op

from shared.eventstore import parking

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add indexes, and look once for each key."""
    for statement in parking.index():
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for statement in parking.unindex():
        op.execute(statement)
