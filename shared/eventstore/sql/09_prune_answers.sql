-- Forgets the oldest answers that no repeat may ask for any more, at most so many. It runs with its
-- owner's rights, and the limit is written here: whoever may call it can neither read an answer nor
-- have a younger one forgotten. What another caller is forgetting at the moment is left to it.
CREATE FUNCTION prune_answers(p_rows_max integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  pruned integer;
BEGIN
  DELETE FROM idempotency WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency
    WHERE created_at < now() - interval '30 days'
    ORDER BY created_at
    LIMIT p_rows_max
    FOR UPDATE SKIP LOCKED
  ));
  GET DIAGNOSTICS pruned = ROW_COUNT;
  RETURN pruned;
END $$
