"""The key vault: tables, functions, its role's rights, row-level security."""

from alembic import op

from shared.vault import schema

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make an empty database the key vault."""
    connection = op.get_bind()
    for statement in schema.UP_SQL:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Take everything away again, every key included."""
    connection = op.get_bind()
    for statement in schema.DOWN_SQL:
        connection.exec_driver_sql(statement)
