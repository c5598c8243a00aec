-- Which of these events a subscription has had, and which of these keys are parked.
CREATE FUNCTION received(
  p_tenant text, p_subscription text, p_event_ids text[], p_keys text[]
) RETURNS TABLE (event_id text, parked_key text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('forbear.tenant', p_tenant, true);
  RETURN QUERY
    SELECT i.event_id, NULL FROM inbox i
    WHERE i.tenant_id = p_tenant AND i.subscription = p_subscription AND i.event_id = ANY (p_event_ids)
    UNION ALL
    SELECT NULL, p.key FROM parked_events p
    WHERE p.tenant_id = p_tenant AND p.subscription = p_subscription AND p.key = ANY (p_keys)
    GROUP BY p.key;
END $$
