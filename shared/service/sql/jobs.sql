-- Due jobs by kind: of each tenant the first ones, one look at the index for each. A tenant whose
-- clock was set tells nothing of how late we are.
WITH RECURSIVE tenants AS (
  (SELECT tenant_id FROM jobs WHERE status = 'waiting' ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT j.tenant_id FROM jobs j
          WHERE j.status = 'waiting' AND j.tenant_id > t.tenant_id
          ORDER BY j.tenant_id LIMIT 1)
  FROM tenants t WHERE t.tenant_id IS NOT NULL
)
SELECT due.kind, count(*) AS due,
       extract(epoch FROM now() - min(due.due_at) FILTER (WHERE due.frozen_at IS NULL))
         ::double precision AS oldest_due_age_s
FROM (
  SELECT j.kind, j.due_at, c.frozen_at
  FROM tenants t
  LEFT JOIN clocks c ON c.tenant_id = t.tenant_id
  CROSS JOIN LATERAL (
    SELECT kind, due_at FROM jobs
    WHERE tenant_id = t.tenant_id AND status = 'waiting' AND due_at <= coalesce(c.frozen_at, now())
    ORDER BY due_at, key LIMIT $1
  ) j
) due
GROUP BY due.kind
