-- Takes the due jobs of every tenant, the earliest first and one tenant's turn after another's, so
-- that a tenant with thousands of them does not keep the others waiting. Each tenant is one look at
-- the index; a filter over all waiting jobs would be read again at every poll.
WITH RECURSIVE tenants AS (
  (SELECT tenant_id FROM jobs WHERE status = 'waiting' ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT j.tenant_id FROM jobs j
          WHERE j.status = 'waiting' AND j.tenant_id > t.tenant_id
          ORDER BY j.tenant_id LIMIT 1)
  FROM tenants t WHERE t.tenant_id IS NOT NULL
), due AS MATERIALIZED (
  SELECT j.tenant_id, j.key, j.due_at
  FROM tenants t
  LEFT JOIN clocks c ON c.tenant_id = t.tenant_id
  CROSS JOIN LATERAL (
    SELECT tenant_id, key, due_at, row_number() OVER (ORDER BY due_at, key) AS turn
    FROM jobs
    WHERE tenant_id = t.tenant_id AND status = 'waiting' AND due_at <= coalesce(c.frozen_at, now())
      AND run_after <= now() AND (lease_until IS NULL OR lease_until < now())
    ORDER BY due_at, key
    LIMIT $3
  ) j
  ORDER BY j.turn, j.due_at
  LIMIT $3
), ours AS MATERIALIZED (
  -- Looked at again under the lock: another runner may have been here since the snapshot.
  SELECT j.tenant_id, j.key
  FROM due
  JOIN jobs j ON j.tenant_id = due.tenant_id AND j.key = due.key
  WHERE j.status = 'waiting' AND j.due_at = due.due_at
    AND j.run_after <= now() AND (j.lease_until IS NULL OR j.lease_until < now())
  FOR UPDATE OF j SKIP LOCKED
)
UPDATE jobs
SET owner = $1, lease_until = clock_timestamp() + make_interval(secs => $2), attempts = attempts + 1
FROM ours
WHERE jobs.tenant_id = ours.tenant_id AND jobs.key = ours.key
RETURNING jobs.tenant_id, jobs.key, kind, arguments, context, due_at, attempts
