CREATE FUNCTION receive(p_tenant text, p_subscription text, p_event_ids text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('forbear.tenant', p_tenant, true);
  INSERT INTO inbox (tenant_id, subscription, event_id)
    SELECT p_tenant, p_subscription, e FROM unnest(p_event_ids) e;
END $$
