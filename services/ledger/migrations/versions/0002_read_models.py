"""Read models: inbound endpoints, accounts, holds, payments, plans, journal."""

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
          placement_id text NOT NULL,
          consumer_ids text[] NOT NULL,
          product_type text NOT NULL,
          lifecycle text NOT NULL,
          close_reason text,
          balance bigint NOT NULL,
          currency text NOT NULL,
          placed_at timestamptz NOT NULL,
          zones text[] NOT NULL,
          PRIMARY KEY (tenant_id, account_id)
        )""",
    "holds": """
        CREATE TABLE holds (
          tenant_id text NOT NULL,
          account_id text NOT NULL,
          hold_id text NOT NULL,
          reason text NOT NULL,
          source text NOT NULL,
          source_id text NOT NULL,
          placed_at timestamptz NOT NULL,
          lifted_at timestamptz,
          PRIMARY KEY (tenant_id, account_id, hold_id)
        )""",
    "payments": """
        CREATE TABLE payments (
          tenant_id text NOT NULL,
          payment_id text NOT NULL,
          account_id text NOT NULL,
          amount bigint NOT NULL,
          currency text NOT NULL,
          received_by text NOT NULL,
          received_at timestamptz NOT NULL,
          reversal_id text,
          PRIMARY KEY (tenant_id, payment_id)
        )""",
    "plans": """
        CREATE TABLE plans (
          tenant_id text NOT NULL,
          plan_id text NOT NULL,
          account_id text NOT NULL,
          status text NOT NULL,
          total bigint NOT NULL,
          currency text NOT NULL,
          agreed_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, plan_id)
        )""",
    "journal": """
        CREATE TABLE journal (
          tenant_id text NOT NULL,
          event_id text NOT NULL,
          line integer NOT NULL,
          account_code text NOT NULL,
          account_id text NOT NULL,
          amount bigint NOT NULL,
          currency text NOT NULL,
          at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, event_id, line)
        )""",
}
INDEXES = (
    "CREATE INDEX accounts_in_order ON accounts (tenant_id, placed_at, account_id)",
    "CREATE INDEX accounts_of_consumer ON accounts USING gin (consumer_ids)",
    "CREATE INDEX plans_of_account ON plans (tenant_id, account_id)",
    "CREATE INDEX journal_of_account ON journal (tenant_id, account_id)",
)
# Looked up before a tenant is known: the creditor's id leads to it.
ENDPOINTS = """
    CREATE TABLE inbound_endpoints (
      creditor_id text PRIMARY KEY,
      tenant_id text NOT NULL,
      secret_numbers integer[] NOT NULL
    )"""


def upgrade() -> None:
    """Create the tables, confined to their tenants."""
    connection = op.get_bind()
    for table, statement in TABLES.items():
        connection.exec_driver_sql(statement)
        for each in tenant_policy(table, "ledger"):
            connection.exec_driver_sql(each)
    connection.exec_driver_sql(ENDPOINTS)
    for statement in INDEXES:
        connection.exec_driver_sql(statement)
    granted = dict.fromkeys((*TABLES, "inbound_endpoints"), "SELECT, INSERT, UPDATE, DELETE")
    for each in rights(granted, "ledger_app"):
        connection.exec_driver_sql(each)


def downgrade() -> None:
    """Drop the tables."""
    for table in (*TABLES, "inbound_endpoints"):
        op.execute(f"DROP TABLE {table}")
