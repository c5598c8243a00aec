"""Parked events can be handled after all, or discarded by a named person."""

from alembic import op

from shared.eventstore import parking

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Keep a copy of each parked event, and what is ordered about it."""
    for statement in parking.upgrade("compliance"):
        op.execute(statement)


def downgrade() -> None:
    """Keep neither."""
    for statement in parking.downgrade("compliance"):
        op.execute(statement)
