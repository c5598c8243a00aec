"""Read models: accounts, disputes."""

from alembic import op

from shared.eventstore.schema import rights, tenant_policy

revision = "0002"
down_revision = "0001"

TABLES = {
    "accounts": """
        CREATE TABLE accounts (
          tenant_id text NOT NULL,
          account_id text NOT NULL,
          creditor_id text NOT NULL,
          consumer_ids text[] NOT NULL,
          correlation_id text NOT NULL,
          traceparent text,
          PRIMARY KEY (tenant_id, account_id)
        )""",
    "disputes": """
        CREATE TABLE disputes (
          tenant_id text NOT NULL,
          dispute_id text NOT NULL,
          account_id text NOT NULL,
          consumer_ids text[] NOT NULL,
          kind text NOT NULL,
          status text NOT NULL,
          in_writing boolean NOT NULL,
          timely boolean,
          grounds text NOT NULL,
          disputed_amount bigint,
          currency text,
          disputed_by text,
          received_at timestamptz NOT NULL,
          opened_at timestamptz NOT NULL,
          acknowledged_at timestamptz,
          answer text,
          sent_at timestamptz,
          resolution text,
          resolved_at timestamptz,
          PRIMARY KEY (tenant_id, dispute_id)
        )""",
}
INDEX = "CREATE INDEX disputes_of_account ON disputes (tenant_id, account_id, dispute_id)"
RIGHTS = dict.fromkeys(TABLES, "SELECT, INSERT, UPDATE, DELETE")


def upgrade() -> None:
    """Create the tables, confined to their tenants."""
    connection = op.get_bind()
    for table, statement in TABLES.items():
        connection.exec_driver_sql(statement)
        for each in tenant_policy(table, "disputes"):
            connection.exec_driver_sql(each)
    for each in (*rights(RIGHTS, "disputes_app"), INDEX):
        connection.exec_driver_sql(each)


def downgrade() -> None:
    """Drop the tables."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
