"""Requests of a tenant are read and appended together."""

from alembic import op

from shared.eventstore import together

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the functions."""
    for statement in together.upgrade():
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Drop them."""
    for statement in together.downgrade():
        op.get_bind().exec_driver_sql(statement)
