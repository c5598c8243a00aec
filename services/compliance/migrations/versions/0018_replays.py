"""Decisions that a replay would have made otherwise, and the way to facts that may be late."""

from alembic import op

from shared.eventstore.schema import rights, tenant_policy

revision = "0018"
down_revision = "0017"

_TABLE = """
CREATE TABLE replay_differences (
  tenant_id text NOT NULL,
  replay_id text NOT NULL,
  consumer_id text NOT NULL,
  version integer NOT NULL,
  kind text NOT NULL,
  rules text[] NOT NULL,
  difference bytea NOT NULL,
  PRIMARY KEY (tenant_id, replay_id, consumer_id, version)
)
"""
# The kinds of which every consumer has several, and that say nothing of an earlier time.
_LATE_FACTS = """
CREATE INDEX late_facts ON protective_facts (tenant_id, consumer_id, recorded_at)
  WHERE kind NOT IN ('account-known', 'contact-point-known', 'location-evidence', 'party-known')
"""


def upgrade() -> None:
    """Create the table, confined to its tenants, and the index."""
    connection = op.get_bind()
    connection.exec_driver_sql(_TABLE)
    for each in tenant_policy("replay_differences", "compliance"):
        connection.exec_driver_sql(each)
    for each in rights({"replay_differences": "SELECT, INSERT"}, "compliance_app"):
        connection.exec_driver_sql(each)
    connection.exec_driver_sql(_LATE_FACTS)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP INDEX late_facts")
    op.execute("DROP TABLE replay_differences")
