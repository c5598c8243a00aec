"""The event store: tables, functions, roles' rights, row-level security."""

from alembic import op

from shared.eventstore import schema

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make an empty database this service's event store."""
    connection = op.get_bind()
    for statement in schema.statements("ledger"):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Take everything away again."""
    connection = op.get_bind()
    for statement in schema.removal():
        connection.exec_driver_sql(statement)
