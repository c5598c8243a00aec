-- Everything a decision stands on, in one round trip: clocks, watermarks, a recorded answer, the
-- parked mark, and each stream as its inline state and the events after it. Watermarks are read
-- before the streams, so that what they promise is really in what follows.
CREATE FUNCTION load(
  p_tenant text, p_streams text[], p_scope text, p_key text, p_parked_key text
) RETURNS TABLE (kind text, name text, version integer, type text, body bytea, at timestamptz)
LANGUAGE plpgsql AS $$
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
  RETURN QUERY SELECT 'state', s.stream, s.version, NULL, s.state, s.at
    FROM states s WHERE s.tenant_id = p_tenant AND s.stream = ANY (p_streams);
  RETURN QUERY SELECT 'event', e.stream, e.version, e.type, e.data, e.occurred_at
    FROM events e
    LEFT JOIN states s ON s.tenant_id = e.tenant_id AND s.stream = e.stream
    WHERE e.tenant_id = p_tenant AND e.stream = ANY (p_streams) AND e.version > coalesce(s.version, 0)
    ORDER BY e.stream, e.version;
END $$
