-- Everything a decision stands on, in one round trip: clocks, watermarks, a recorded answer, the
-- parked mark, and each stream as its inline state and the events after it: the streams asked for,
-- and those that claimed names lead to. Watermarks are read before the streams, so that what they
-- promise is really in what follows.
--
-- Planned once per connection, always along indexes: the planner takes an array for ten streams and
-- would plan anew for every call, at three times the cost of the call itself; and a plan that is
-- kept must not be one made while the tables were small.
CREATE FUNCTION load(
  p_tenant text, p_streams text[], p_kinds text[], p_digests text[], p_scope text, p_key text,
  p_parked_key text
) RETURNS TABLE (kind text, name text, version integer, type text, body bytea, at timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('forbear.tenant', p_tenant, true);
  RETURN QUERY SELECT 'clock', NULL, NULL::integer, NULL, NULL::bytea, coalesce(
      (SELECT c.frozen_at FROM clocks c WHERE c.tenant_id = p_tenant), clock_timestamp())
    UNION ALL SELECT 'system', NULL, NULL, NULL, NULL, clock_timestamp();
  IF p_key IS NOT NULL THEN
    RETURN QUERY SELECT 'answer', NULL, i.status, i.fingerprint, i.answer, i.created_at
      FROM idempotency i WHERE i.tenant_id = p_tenant AND i.scope = p_scope AND i.key = p_key;
  END IF;
  IF p_parked_key IS NOT NULL THEN
    RETURN QUERY SELECT 'watermark', w.subscription, NULL::integer, NULL, NULL::bytea, min(w.fresh_as_of)
      FROM watermarks w GROUP BY w.subscription;
    RETURN QUERY SELECT 'parked', p.subscription, NULL::integer, NULL, NULL::bytea, min(p.parked_at)
      FROM parked_events p WHERE p.tenant_id = p_tenant AND p.key = p_parked_key GROUP BY p.subscription;
  END IF;
  -- One statement, so one snapshot for a state, the events after it and the names they claim: a
  -- decider never sees a stream without a guard that the stream itself names. Per stream a scan that
  -- begins at the state's version, so that a long history costs nothing. The version is worked out
  -- in the CTE because row-level security keeps COALESCE, not known to be leakproof, out of an
  -- index condition: all of the history would be read and filtered. OFFSET 0 keeps the planner from
  -- joining with all claims or states at once.
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
