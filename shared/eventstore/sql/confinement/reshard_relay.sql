-- Has so many shards of the relay go on from where another number of them had all come to, if any.
-- It runs with its owner's rights: whoever may call it can clear away no other checkpoint, and these
-- only for ones that are no further.
CREATE FUNCTION reshard_relay(p_count integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF p_count < 1 THEN
    RAISE EXCEPTION 'a relay has one shard or more' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  DELETE FROM watermarks
  WHERE subscription = 'relay' AND split_part(partition, '/', 2) <> p_count::text;
  WITH others AS (
    DELETE FROM checkpoints
    WHERE subscription = 'relay' AND split_part(partition, '/', 2) <> p_count::text
    RETURNING transaction_id, position, epoch
  ), least AS (SELECT * FROM others ORDER BY transaction_id, position LIMIT 1)
  INSERT INTO checkpoints (subscription, partition, transaction_id, position, epoch)
    SELECT 'relay', n || '/' || p_count, transaction_id, position, epoch
    FROM least, generate_series(0, p_count - 1) AS n ON CONFLICT DO NOTHING;
END $$
