-- What several requests of a tenant need, in one round trip. The reasons stand at `load`, which is this
-- for one request. An answer says to which of the keys it belongs, a parked mark to which consumer.
CREATE FUNCTION load_together(
  p_tenant text, p_streams text[], p_kinds text[], p_digests text[],
  p_scopes text[], p_keys text[], p_parked_keys text[]
) RETURNS TABLE (kind text, name text, version integer, type text, body bytea, at timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('forbear.tenant', p_tenant, true);
  RETURN QUERY SELECT 'clock', NULL, NULL::integer, NULL, NULL::bytea, coalesce(
      (SELECT c.frozen_at FROM clocks c WHERE c.tenant_id = p_tenant), clock_timestamp())
    UNION ALL SELECT 'system', NULL, NULL, NULL, NULL, clock_timestamp();
  IF cardinality(p_keys) > 0 THEN
    RETURN QUERY SELECT 'answer', a.nth::text, i.status, i.fingerprint, i.answer, i.created_at
      FROM unnest(p_scopes, p_keys) WITH ORDINALITY AS a(scope, key, nth)
      CROSS JOIN LATERAL (
        SELECT * FROM idempotency
        WHERE tenant_id = p_tenant AND scope = a.scope AND key = a.key
        OFFSET 0
      ) i;
  END IF;
  IF cardinality(p_parked_keys) > 0 THEN
    RETURN QUERY SELECT 'watermark', w.subscription, NULL::integer, NULL, NULL::bytea, min(w.fresh_as_of)
      FROM watermarks w GROUP BY w.subscription;
    RETURN QUERY SELECT 'parked', p.subscription, NULL::integer, asked.key, NULL::bytea, p.at
      FROM unnest(p_parked_keys) AS asked(key)
      CROSS JOIN LATERAL (
        SELECT subscription, min(parked_at) AS at FROM parked_events
        WHERE tenant_id = p_tenant AND key = asked.key
        GROUP BY subscription
      ) p;
  END IF;
  -- One snapshot for all of it, along indexes; why each clause is as it is stands at `load`.
  RETURN QUERY
    WITH named AS MATERIALIZED (
      SELECT c.target, n.nth::integer
      FROM unnest(p_kinds, p_digests) WITH ORDINALITY AS n(kind, digest, nth)
      CROSS JOIN LATERAL (
        SELECT * FROM claims
        WHERE tenant_id = p_tenant AND kind = n.kind AND digest = n.digest
        OFFSET 0
      ) c
    ), kept AS MATERIALIZED (
      SELECT asked.stream, s.version, s.state, s.at, coalesce(s.version, 0) AS seen
      FROM (SELECT unnest(p_streams) UNION SELECT target FROM named) AS asked(stream)
      LEFT JOIN LATERAL (
        SELECT * FROM states WHERE tenant_id = p_tenant AND stream = asked.stream OFFSET 0
      ) s ON true
    )
    SELECT 'target', n.target, n.nth, NULL, NULL::bytea, NULL::timestamptz FROM named n
    UNION ALL
    SELECT 'state', k.stream, k.version, NULL, k.state, k.at FROM kept k WHERE k.version IS NOT NULL
    UNION ALL
    SELECT 'event', e.stream, e.version, e.type, e.data, e.occurred_at
    FROM kept k
    CROSS JOIN LATERAL (
      SELECT * FROM events
      WHERE tenant_id = p_tenant AND stream = k.stream AND version > k.seen
      ORDER BY version
    ) e;
END $$
