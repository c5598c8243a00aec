"""The audit trail: one Merkle log per tenant, its entries and its signed checkpoints."""

from alembic import op

from shared.eventstore.schema import rights, tenant_policy

revision = "0002"
down_revision = "0001"

TABLES = {
    "audit_logs": """
        CREATE TABLE audit_logs (
          tenant_id text PRIMARY KEY,
          size bigint NOT NULL DEFAULT 0,
          frontier bytea NOT NULL DEFAULT ''
        )""",
    "audit_entries": """
        CREATE TABLE audit_entries (
          tenant_id text NOT NULL,
          leaf_index bigint NOT NULL,
          service text NOT NULL,
          stream text NOT NULL,
          version integer NOT NULL,
          event_id text NOT NULL,
          leaf_hash bytea NOT NULL,
          root_after bytea NOT NULL,
          PRIMARY KEY (tenant_id, leaf_index),
          UNIQUE (tenant_id, service, stream, version)
        )""",
    "audit_checkpoints": """
        CREATE TABLE audit_checkpoints (
          tenant_id text NOT NULL,
          size bigint NOT NULL,
          root bytea NOT NULL,
          note text NOT NULL,
          signed_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, size)
        )""",
}
RIGHTS = {
    "audit_logs": "SELECT, INSERT, UPDATE",
    "audit_entries": "SELECT, INSERT",
    "audit_checkpoints": "SELECT, INSERT",
}


def upgrade() -> None:
    """Create the log's tables; entries and checkpoints can be added and read, nothing else."""
    connection = op.get_bind()
    for table, statement in TABLES.items():
        connection.exec_driver_sql(statement)
        for each in tenant_policy(table, "compliance"):
            connection.exec_driver_sql(each)
        connection.exec_driver_sql(
            f"CREATE POLICY all_tenants ON {table} FOR SELECT TO compliance_feed USING (true)"
        )
    for each in rights(RIGHTS, "compliance_app"):
        connection.exec_driver_sql(each)
    for each in rights(dict.fromkeys(TABLES, "SELECT"), "compliance_feed"):
        connection.exec_driver_sql(each)


def downgrade() -> None:
    """Drop the log."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
