"""What was answered to each agency's canaries last."""

from alembic import op

from shared.eventstore.schema import rights, tenant_policy

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    """Create the table, confined to its tenants; the feed role measures all of them."""
    connection = op.get_bind()
    connection.exec_driver_sql(
        """
        CREATE TABLE canaries (
          tenant_id text NOT NULL,
          canary text NOT NULL,
          answer text NOT NULL,
          objections text[] NOT NULL,
          tried_at timestamptz NOT NULL,
          since timestamptz NOT NULL,
          recorded_at timestamptz,
          PRIMARY KEY (tenant_id, canary)
        ) WITH (fillfactor = 50)"""
    )
    for each in tenant_policy("canaries", "compliance"):
        connection.exec_driver_sql(each)
    connection.exec_driver_sql(
        "CREATE POLICY all_tenants ON canaries FOR SELECT TO compliance_feed USING (true)"
    )
    for each in rights({"canaries": "SELECT, INSERT, UPDATE"}, "compliance_app"):
        connection.exec_driver_sql(each)
    for each in rights({"canaries": "SELECT"}, "compliance_feed"):
        connection.exec_driver_sql(each)


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE canaries")
