"""Read models: decisions, protective facts, applied streams, timeline."""

from alembic import op

from shared.eventstore.schema import rights, tenant_policy

revision = "0003"
down_revision = "0002"

TABLES = {
    "decisions": """
        CREATE TABLE decisions (
          tenant_id text NOT NULL,
          permit_id text NOT NULL,
          consumer_id text NOT NULL,
          account_ids text[] NOT NULL,
          status text NOT NULL,
          decided_at timestamptz NOT NULL,
          expires_at timestamptz,
          decision bytea NOT NULL,
          PRIMARY KEY (tenant_id, permit_id)
        )""",
    "protective_facts": """
        CREATE TABLE protective_facts (
          tenant_id text NOT NULL,
          consumer_id text NOT NULL,
          source_stream text NOT NULL,
          fact_key text NOT NULL,
          source_version integer NOT NULL,
          kind text NOT NULL,
          fact bytea NOT NULL,
          recorded_at timestamptz NOT NULL,
          released_at timestamptz,
          released_by text,
          release_reason text,
          PRIMARY KEY (tenant_id, consumer_id, source_stream, fact_key)
        )""",
    "applied_streams": """
        CREATE TABLE applied_streams (
          tenant_id text NOT NULL,
          stream text NOT NULL,
          version integer NOT NULL,
          PRIMARY KEY (tenant_id, stream)
        )""",
    "timeline_entries": """
        CREATE TABLE timeline_entries (
          tenant_id text NOT NULL,
          account_id text NOT NULL,
          at timestamptz NOT NULL,
          event_id text NOT NULL,
          recorded_at timestamptz NOT NULL,
          service text NOT NULL,
          type text NOT NULL,
          words text NOT NULL,
          actor text NOT NULL,
          PRIMARY KEY (tenant_id, account_id, at, event_id)
        )""",
}
RIGHTS = dict.fromkeys(TABLES, "SELECT, INSERT, UPDATE, DELETE")


def upgrade() -> None:
    """Create the tables, confined to their tenants."""
    connection = op.get_bind()
    for table, statement in TABLES.items():
        connection.exec_driver_sql(statement)
        for each in tenant_policy(table, "compliance"):
            connection.exec_driver_sql(each)
    for each in rights(RIGHTS, "compliance_app"):
        connection.exec_driver_sql(each)
    connection.exec_driver_sql(
        "CREATE INDEX decisions_of_consumer"
        " ON decisions (tenant_id, consumer_id, decided_at, permit_id)"
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
