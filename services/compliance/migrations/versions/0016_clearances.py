"""Clearances can be read again, by themselves and by whom and what they were about."""

from alembic import op

from shared.eventstore.schema import rights, tenant_policy

revision = "0016"
down_revision = "0015"

CLEARANCES = """
    CREATE TABLE clearances (
      tenant_id text NOT NULL,
      clearance_id text NOT NULL,
      consumer_id text NOT NULL,
      account_ids text[] NOT NULL,
      decided_at timestamptz NOT NULL,
      clearance bytea NOT NULL,
      PRIMARY KEY (tenant_id, clearance_id)
    )"""
INDEXES = (
    "CREATE INDEX clearances_by_time ON clearances (tenant_id, decided_at, clearance_id)",
    "CREATE INDEX clearances_of_consumer"
    " ON clearances (tenant_id, consumer_id, decided_at, clearance_id)",
    "CREATE INDEX clearances_of_accounts ON clearances USING gin (account_ids)",
)


def upgrade() -> None:
    """Create the table, confined to its tenants."""
    connection = op.get_bind()
    connection.exec_driver_sql(CLEARANCES)
    for each in tenant_policy("clearances", "compliance"):
        connection.exec_driver_sql(each)
    for each in rights({"clearances": "SELECT, INSERT, UPDATE, DELETE"}, "compliance_app"):
        connection.exec_driver_sql(each)
    for index in INDEXES:
        connection.exec_driver_sql(index)


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE clearances")
