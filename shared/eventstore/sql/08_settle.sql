-- Moves a checkpoint, only from where its owner last left it: a reader that was thought dead and
-- comes back finds it moved and writes nothing. Returns whether it was still there.
CREATE FUNCTION settle(
  p_subscription text, p_partition text, p_epoch text,
  p_old_transaction text, p_old_position bigint, p_new_transaction text, p_new_position bigint,
  p_fresh_as_of timestamptz, p_is_durable boolean
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  -- A move without effects need not survive a crash: it is made again, and freshness only looks
  -- staler for a while.
  IF NOT p_is_durable THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  UPDATE checkpoints
    SET transaction_id = p_new_transaction::xid8, position = p_new_position
    WHERE subscription = p_subscription AND partition = p_partition AND epoch = p_epoch
      AND transaction_id = p_old_transaction::xid8 AND position = p_old_position;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF p_fresh_as_of IS NOT NULL THEN
    INSERT INTO watermarks AS old (subscription, partition, fresh_as_of)
      VALUES (p_subscription, p_partition, p_fresh_as_of)
      ON CONFLICT (subscription, partition) DO UPDATE
        SET fresh_as_of = greatest(old.fresh_as_of, excluded.fresh_as_of);
  END IF;
  RETURN true;
END $$
