-- What is committed behind each shard's checkpoint, and how old the first of it is.
SELECT c.shard,
  (SELECT count(*) FROM (
     SELECT FROM events WHERE (transaction_id, position) > (c.transaction_id::xid8, c.position)
     LIMIT $4) AS behind) AS events,
  coalesce((
     SELECT extract(epoch FROM clock_timestamp() - recorded_at) FROM events
     WHERE (transaction_id, position) > (c.transaction_id::xid8, c.position)
     ORDER BY transaction_id, position LIMIT 1), 0)::double precision AS oldest_age_s
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS c(shard, transaction_id, position)
