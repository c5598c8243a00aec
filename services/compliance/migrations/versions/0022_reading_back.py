"""What was decided and checked is read back: by what it was about, by outcome, and by time.

Columns that a recorded answer says already are made of it, so that rows of before have them too.
Of decisions they are given from then on: to read each answer thrice cost more than to store it.
"""

from alembic import op

from shared.eventstore.schema import rights, tenant_policy

revision = "0022"
down_revision = "0019"

_ANSWERED = """
CREATE FUNCTION answered(p_answer bytea) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN pg_catalog.convert_from(p_answer, 'UTF8')::jsonb
"""
_DECISIONS = """
ALTER TABLE decisions
  ADD COLUMN channel text GENERATED ALWAYS AS (answered(decision) ->> 'channel') STORED,
  ADD COLUMN verdict text GENERATED ALWAYS AS (answered(decision) ->> 'decision') STORED,
  ADD COLUMN rules jsonb GENERATED ALWAYS AS (
    jsonb_path_query_array(answered(decision), '$.objections[*].rule')) STORED
"""
_GIVEN = """
ALTER TABLE decisions
  ALTER COLUMN channel DROP EXPRESSION,
  ALTER COLUMN verdict DROP EXPRESSION,
  ALTER COLUMN rules DROP EXPRESSION
"""
_CLEARANCES = """
ALTER TABLE clearances
  ADD COLUMN act text GENERATED ALWAYS AS (answered(clearance) #>> '{act,kind}') STORED,
  ADD COLUMN verdict text GENERATED ALWAYS AS (answered(clearance) ->> 'decision') STORED
"""
_CONTENT_CHECKS = """
CREATE TABLE content_checks (
  tenant_id text NOT NULL,
  check_id text NOT NULL,
  content_digest text NOT NULL,
  channel text NOT NULL,
  document text NOT NULL,
  verdict text NOT NULL,
  checked_at timestamptz NOT NULL,
  checked bytea NOT NULL,
  PRIMARY KEY (tenant_id, check_id)
)
"""
_CHECKED_BEFORE = """
INSERT INTO content_checks
SELECT tenant_id, d ->> 'check_id', d ->> 'content_digest', d ->> 'channel', d ->> 'document',
       d ->> 'verdict', occurred_at, data
FROM events CROSS JOIN LATERAL answered(data) AS d
WHERE type = 'forbear.compliance.content-checked.v1'
ON CONFLICT DO NOTHING
"""
_INDEXES = (
    "CREATE INDEX decisions_by_time ON decisions (tenant_id, decided_at, permit_id)",
    "CREATE INDEX content_checks_by_time ON content_checks (tenant_id, checked_at, check_id)",
    "CREATE INDEX content_checks_of_content"
    " ON content_checks (tenant_id, content_digest, checked_at, check_id)",
    "CREATE INDEX call_reviews ON protective_facts (tenant_id, recorded_at, fact_key)"
    " WHERE kind = 'call-review'",
    "CREATE INDEX call_reviews_by_id ON protective_facts (tenant_id, fact_key)"
    " WHERE kind = 'call-review'",
)
# When a replay ended, the database's clock says, and a call cannot forget what ended within a day.
_PRUNE = """
CREATE FUNCTION prune_replay_differences(p_rows_max integer, p_days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  pruned integer;
BEGIN
  DELETE FROM replay_differences WHERE ctid = ANY (ARRAY(
    WITH RECURSIVE kept AS (
      (SELECT tenant_id, replay_id FROM replay_differences ORDER BY tenant_id, replay_id LIMIT 1)
      UNION ALL
      SELECT following.tenant_id, following.replay_id
      FROM kept CROSS JOIN LATERAL (
        SELECT d.tenant_id, d.replay_id FROM replay_differences d
        WHERE (d.tenant_id, d.replay_id) > (kept.tenant_id, kept.replay_id)
        ORDER BY d.tenant_id, d.replay_id LIMIT 1
      ) following
    ), old AS MATERIALIZED (
      SELECT kept.tenant_id, kept.replay_id
      FROM kept
      JOIN events e ON e.tenant_id = kept.tenant_id AND e.stream = 'replay-' || kept.replay_id
      WHERE e.type IN ('forbear.compliance.replay-completed.v1',
                       'forbear.compliance.replay-cancelled.v1',
                       'forbear.compliance.replay-failed.v1')
        AND e.recorded_at < now() - make_interval(days => greatest(p_days, 1))
    )
    SELECT d.ctid FROM old JOIN replay_differences d USING (tenant_id, replay_id)
    LIMIT p_rows_max
    FOR UPDATE OF d SKIP LOCKED
  ));
  GET DIAGNOSTICS pruned = ROW_COUNT;
  RETURN pruned;
END $$
"""
# Tried once more, a replay that was given up long ago says so.
_FAILED_REPLAYS = (
    "UPDATE jobs SET status = 'waiting', attempts = 0, run_after = now() WHERE kind = 'replay'"
    " AND status = 'failed'"
)
_FORGET_GATES = "DELETE FROM states WHERE stream LIKE 'gate-%'"


def upgrade() -> None:
    """Add columns, a table and indexes; let differences be forgotten.

    The copies of gates are forgotten too: calls of which nobody knew where they went are kept
    longer than before, and the next reading finds them in the events.
    """
    connection = op.get_bind()
    for each in (_ANSWERED, _DECISIONS, _GIVEN, _CLEARANCES, _CONTENT_CHECKS, _CHECKED_BEFORE):
        connection.exec_driver_sql(each)
    for each in tenant_policy("content_checks", "compliance"):
        connection.exec_driver_sql(each)
    for each in rights({"content_checks": "SELECT, INSERT"}, "compliance_app"):
        connection.exec_driver_sql(each)
    for each in _INDEXES:
        connection.exec_driver_sql(each)
    connection.exec_driver_sql(_PRUNE)
    op.execute("REVOKE EXECUTE ON FUNCTION prune_replay_differences FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION prune_replay_differences TO compliance_jobs")
    op.execute(_FAILED_REPLAYS)
    op.execute("ALTER TABLE states NO FORCE ROW LEVEL SECURITY")
    op.execute(_FORGET_GATES)
    op.execute("ALTER TABLE states FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP FUNCTION prune_replay_differences")
    op.execute("DROP INDEX call_reviews_by_id")
    op.execute("DROP INDEX call_reviews")
    op.execute("DROP TABLE content_checks")
    op.execute("ALTER TABLE clearances DROP COLUMN act, DROP COLUMN verdict")
    op.execute("DROP INDEX decisions_by_time")
    op.execute("ALTER TABLE decisions DROP COLUMN channel, DROP COLUMN verdict, DROP COLUMN rules")
    op.execute("DROP FUNCTION answered")
