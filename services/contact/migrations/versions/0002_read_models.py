"""Read models: accounts, contact points, consents, statements, attempts."""

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
          parties bytea NOT NULL,
          lifecycle text NOT NULL,
          correlation_id text NOT NULL,
          traceparent text,
          PRIMARY KEY (tenant_id, account_id)
        )""",
    "contact_points": """
        CREATE TABLE contact_points (
          tenant_id text NOT NULL,
          contact_point_id text NOT NULL,
          consumer_id text NOT NULL,
          party_id text,
          account_ids text[] NOT NULL,
          kind text NOT NULL,
          label text NOT NULL,
          value bytea NOT NULL,
          digest text NOT NULL,
          zones text[] NOT NULL,
          states text[] NOT NULL,
          source text NOT NULL,
          recorded_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, contact_point_id)
        )""",
    "consents": """
        CREATE TABLE consents (
          tenant_id text NOT NULL,
          consent_id text NOT NULL,
          consumer_id text NOT NULL,
          account_ids text[] NOT NULL,
          contact_point_id text,
          medium text NOT NULL,
          procedure text NOT NULL,
          given_to text NOT NULL,
          given_at timestamptz NOT NULL,
          opt_out_ends_on date,
          expires_on date,
          withdrawn_at timestamptz,
          PRIMARY KEY (tenant_id, consent_id)
        )""",
    "statements": """
        CREATE TABLE statements (
          tenant_id text NOT NULL,
          fact_id text NOT NULL,
          consumer_id text NOT NULL,
          fact bytea NOT NULL,
          recorded_at timestamptz NOT NULL,
          recorded_by text NOT NULL,
          released_at timestamptz,
          released_by text,
          release_reason text,
          PRIMARY KEY (tenant_id, fact_id)
        )""",
    "attempts": """
        CREATE TABLE attempts (
          tenant_id text NOT NULL,
          attempt_id text NOT NULL,
          consumer_id text NOT NULL,
          account_ids text[] NOT NULL,
          party_id text NOT NULL,
          channel text NOT NULL,
          contact_point_id text NOT NULL,
          purpose text NOT NULL,
          permit_id text NOT NULL,
          agent text NOT NULL,
          decision text NOT NULL,
          phase text NOT NULL,
          rules text[] NOT NULL,
          decided_at timestamptz NOT NULL,
          expires_at timestamptz,
          earliest_permitted_at timestamptz,
          dispatched_at timestamptz,
          outcome text,
          conversation boolean,
          started_at timestamptz,
          ended_at timestamptz,
          cancel_reason text,
          PRIMARY KEY (tenant_id, attempt_id)
        )""",
}
INDEXES = (
    "CREATE INDEX contact_points_of_consumer"
    " ON contact_points (tenant_id, consumer_id, contact_point_id)",
    "CREATE INDEX consents_of_consumer ON consents (tenant_id, consumer_id, consent_id)",
    "CREATE INDEX statements_of_consumer ON statements (tenant_id, consumer_id, fact_id)",
    "CREATE INDEX attempts_of_consumer ON attempts (tenant_id, consumer_id, attempt_id)",
    "CREATE INDEX attempts_of_account ON attempts USING gin (account_ids)",
)
RIGHTS = dict.fromkeys(TABLES, "SELECT, INSERT, UPDATE, DELETE")


def upgrade() -> None:
    """Create the tables, confined to their tenants."""
    connection = op.get_bind()
    for table, statement in TABLES.items():
        connection.exec_driver_sql(statement)
        for each in tenant_policy(table, "contact"):
            connection.exec_driver_sql(each)
    for each in (*rights(RIGHTS, "contact_app"), *INDEXES):
        connection.exec_driver_sql(each)


def downgrade() -> None:
    """Drop the tables."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
