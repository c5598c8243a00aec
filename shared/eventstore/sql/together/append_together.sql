-- What several requests of a tenant append, in one transaction. The reasons for the order stand at
-- `append`, which is this for one request. Whoever calls it gives the events of one request after
-- those of another, and both by their streams, so that no two calls wait for each other in a circle.
CREATE FUNCTION append_together(
  p_tenant text,
  p_guards text[], p_guard_versions integer[], p_guarded text[],
  p_streams text[], p_versions integer[], p_event_ids text[], p_types text[],
  p_data bytea[], p_metadata bytea[], p_occurred_at timestamptz[],
  p_state_streams text[], p_state_versions integer[], p_states bytea[], p_state_at timestamptz[],
  p_claim_kinds text[], p_claim_digests text[], p_claim_targets text[],
  p_job_keys text[], p_job_kinds text[], p_job_arguments bytea[], p_job_due_at timestamptz[],
  p_job_contexts bytea[], p_cancelled_jobs text[],
  p_scopes text[], p_keys text[], p_fingerprints text[], p_statuses integer[], p_answers bytea[]
) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  held record;
BEGIN
  PERFORM set_config('forbear.tenant', p_tenant, true);
  IF cardinality(p_guards) + cardinality(p_guarded) > 0 THEN
    FOR held IN
      SELECT hashtextextended(p_tenant || '/' || s.stream, 0) AS id, bool_or(s.is_written) AS is_written
      FROM (SELECT unnest(p_guards), false UNION ALL SELECT unnest(p_guarded), true)
        AS s(stream, is_written)
      GROUP BY 1 ORDER BY 1
    LOOP
      IF held.is_written THEN
        PERFORM pg_advisory_xact_lock(held.id);
      ELSE
        PERFORM pg_advisory_xact_lock_shared(held.id);
      END IF;
    END LOOP;
  END IF;
  IF cardinality(p_guards) > 0 AND EXISTS (
    SELECT FROM unnest(p_guards, p_guard_versions) AS g(stream, version)
    WHERE g.version <> coalesce((SELECT max(e.version) FROM events e
      WHERE e.tenant_id = p_tenant AND e.stream = g.stream), 0)
  ) THEN
    RAISE EXCEPTION 'a stream the decision read has moved' USING ERRCODE = 'serialization_failure';
  END IF;
  INSERT INTO events (tenant_id, stream, version, event_id, type, data, metadata, occurred_at)
    SELECT p_tenant, e.stream, e.version, e.event_id, e.type, e.data, e.metadata, e.occurred_at
    FROM unnest(p_streams, p_versions, p_event_ids, p_types, p_data, p_metadata, p_occurred_at)
      WITH ORDINALITY AS e(stream, version, event_id, type, data, metadata, occurred_at, nth)
    ORDER BY e.nth;
  IF cardinality(p_state_streams) > 0 THEN
    INSERT INTO states AS old (tenant_id, stream, version, state, at)
      SELECT p_tenant, s.*
      FROM unnest(p_state_streams, p_state_versions, p_states, p_state_at)
        AS s(stream, version, state, at)
      ORDER BY s.stream
      ON CONFLICT (tenant_id, stream) DO UPDATE
        SET version = excluded.version, state = excluded.state, at = excluded.at
        WHERE old.version < excluded.version;
  END IF;
  IF cardinality(p_claim_kinds) > 0 THEN
    INSERT INTO claims (tenant_id, kind, digest, target)
      SELECT p_tenant, c.*
      FROM unnest(p_claim_kinds, p_claim_digests, p_claim_targets) AS c(kind, digest, target)
      ORDER BY c.kind, c.digest
      ON CONFLICT DO NOTHING;
    -- In a statement of its own, which sees what was claimed while this one waited.
    IF EXISTS (
      SELECT FROM unnest(p_claim_kinds, p_claim_digests, p_claim_targets) AS n(kind, digest, target)
      WHERE n.target <> (SELECT c.target FROM claims c
        WHERE c.tenant_id = p_tenant AND c.kind = n.kind AND c.digest = n.digest)
    ) THEN
      RAISE EXCEPTION 'a name is taken'
        USING ERRCODE = 'unique_violation', CONSTRAINT = 'claims_pkey';
    END IF;
  END IF;
  IF cardinality(p_cancelled_jobs) > 0 THEN
    UPDATE jobs SET status = 'cancelled'
      WHERE tenant_id = p_tenant AND key = ANY (p_cancelled_jobs) AND status = 'waiting';
  END IF;
  IF cardinality(p_job_keys) > 0 THEN
    INSERT INTO jobs (tenant_id, key, kind, arguments, due_at, context)
      SELECT p_tenant, j.*
      FROM unnest(p_job_keys, p_job_kinds, p_job_arguments, p_job_due_at, p_job_contexts)
        AS j(key, kind, arguments, due_at, context)
      ORDER BY j.key
      ON CONFLICT (tenant_id, key) DO UPDATE SET
        kind = excluded.kind, arguments = excluded.arguments, due_at = excluded.due_at,
        context = excluded.context, status = 'waiting', attempts = 0, run_after = excluded.run_after,
        owner = NULL, lease_until = NULL, last_error = NULL;
  END IF;
  IF cardinality(p_keys) > 0 THEN
    INSERT INTO idempotency (tenant_id, scope, key, fingerprint, status, answer)
      SELECT p_tenant, a.*
      FROM unnest(p_scopes, p_keys, p_fingerprints, p_statuses, p_answers)
        AS a(scope, key, fingerprint, status, answer)
      ORDER BY a.scope, a.key;
  END IF;
  RETURN clock_timestamp();
END $$
