-- Notes why an event stays parked, unless somebody else has noted it meanwhile, and that an order
-- was used up. It runs with its owner's rights: nobody who may call it can give an order, take tries
-- back, or make an event that failed look like one that was never tried.
CREATE FUNCTION keep_parked(
  p_subscription text, p_event_id text, p_attempts integer, p_ordered text,
  p_error text, p_attempts_now integer
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  tenant text := current_tenant();
BEGIN
  UPDATE parked_events
  SET error = p_error, attempts = p_attempts_now, ordered = NULL, failed_at = clock_timestamp(),
    published_at = NULL
  WHERE tenant_id = tenant AND subscription = p_subscription AND event_id = p_event_id
    AND attempts = p_attempts AND ordered IS NOT DISTINCT FROM p_ordered
    AND p_attempts_now >= attempts
    AND (p_error <> 'behind-a-parked-event' OR error = p_error);
END $$
