"""Only an owner orders about parked events, and nobody but an owner deletes a checkpoint."""

from alembic import op

from shared.eventstore import confinement

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Confine the app role to what the service really does."""
    for statement in confinement.upgrade("disputes"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Let it do the rest again."""
    for statement in confinement.downgrade("disputes"):
        op.get_bind().exec_driver_sql(statement)
