-- The only safe way to tail the log: everything below the oldest transaction still running, by
-- (transaction_id, position). `position > n` skips what commits late; ordering by position alone
-- skips too, because a younger transaction can hold a lower position.
WITH horizon AS MATERIALIZED (
  SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest_running
)
SELECT
  statement_timestamp() AS polled_at,
  (SELECT epoch FROM store) AS epoch,
  EXISTS (SELECT FROM events WHERE transaction_id >= (SELECT oldest_running FROM horizon)) AS has_later,
  e.*
FROM horizon
LEFT JOIN LATERAL (
  SELECT transaction_id::text::bigint AS transaction_id, position, tenant_id, stream, version,
         event_id, type, data, metadata, occurred_at, recorded_at
  FROM events
  WHERE (events.transaction_id, events.position) > ($1::text::xid8, $2::bigint)
    AND events.transaction_id < horizon.oldest_running
  ORDER BY events.transaction_id, events.position
  LIMIT $3
) e ON true
