"""What is measured of parked events and failed jobs, across tenants."""

from alembic import op

from shared.eventstore.schema import measuring, not_measuring

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Let the jobs role count them."""
    for each in measuring("ledger"):
        op.execute(each)


def downgrade() -> None:
    """Take that right away."""
    for each in not_measuring("ledger"):
        op.execute(each)
