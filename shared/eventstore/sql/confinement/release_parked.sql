-- Ends the parking of an event, only as it was read, and only if nothing is parked before it. It runs
-- with its owner's rights, and what it stands on is written here: an event that was never tried goes
-- by itself, one that failed goes on a person's order alone, and not before the log has who gave it.
CREATE FUNCTION release_parked(
  p_subscription text, p_event_id text, p_attempts integer, p_ordered text
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  tenant text := current_tenant();
BEGIN
  IF p_ordered IS NOT NULL AND NOT EXISTS (
    SELECT FROM events
    WHERE tenant_id = tenant AND stream = 'parked-' || p_subscription || '-' || p_event_id
  ) THEN
    RAISE EXCEPTION 'the log does not have who ordered this' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM parked_events
  WHERE tenant_id = tenant AND subscription = p_subscription AND event_id = p_event_id
    AND attempts = p_attempts AND ordered IS NOT DISTINCT FROM p_ordered
    AND (ordered IS NOT NULL OR error = 'behind-a-parked-event')
    AND NOT EXISTS (
      SELECT FROM parked_events own JOIN parked_events other
        ON other.tenant_id = own.tenant_id AND other.subscription = own.subscription
        AND other.key = own.key AND other.number < own.number AND other.event_id <> own.event_id
      WHERE own.tenant_id = tenant AND own.subscription = p_subscription
        AND own.event_id = p_event_id);
  RETURN FOUND;
END $$
