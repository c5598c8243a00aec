-- The only safe way to tail the log: everything below the oldest transaction still running, by
-- (transaction_id, position). `position > n` skips what commits late; ordering by position alone
-- skips too, because a younger transaction can hold a lower position.
--
-- `polled_at` is the transaction's start, not the statement's: the statement's time is taken again
-- when execution begins, after the snapshot, and would vouch for commits the snapshot cannot see.
-- Every transaction that had ended by `polled_at` is below `next_transaction`.
WITH horizon AS MATERIALIZED (
  SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest_running
)
SELECT
  transaction_timestamp() AS polled_at,
  (SELECT epoch FROM store) AS epoch,
  pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_transaction,
  horizon.oldest_running::text::bigint AS oldest_running,
  -- From the end of the index: a filter on the whole table is what the planner makes of EXISTS.
  coalesce(
    (SELECT transaction_id FROM events ORDER BY transaction_id DESC, position DESC LIMIT 1)
      >= horizon.oldest_running, false) AS has_later,
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
