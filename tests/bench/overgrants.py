"""The oracle of the benches: a figure counts only if nobody was granted a call too many for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from tests.databases import Database
from tests.oracle import examine

CALLS_MAX = 7
_GRANTED = """
SELECT count(*) AS streams, coalesce(sum(n), 0)::bigint AS permits,
       count(*) FILTER (WHERE n > $1) AS over
FROM (SELECT stream, count(*) AS n FROM events
      WHERE type = 'forbear.compliance.permit-granted.v1'
        AND tenant_id = $2 AND occurred_at > $3
      GROUP BY stream) AS granted
"""


@dataclass(frozen=True)
class Verdict:
    """Permits seen, consumers with more than the law allows, and what the oracle objects to."""

    permits: int
    consumers: int
    over: int
    violations: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return self.over == 0 and not self.violations


async def examined(databases: Mapping[str, Database], tenant: str, since: datetime) -> Verdict:
    """Count what was granted, and have the oracle read the whole log of a tenant."""
    connection = await asyncpg.connect(databases["compliance"].admin)
    row = await connection.fetchrow(_GRANTED, CALLS_MAX, tenant, since)
    await connection.close()
    services = ("ledger", "contact", "disputes", "compliance")
    report = await examine({name: databases[name].admin for name in services}, tenant)
    about_calls = [each for each in report.violations if "call" in each.code]
    return Verdict(
        permits=row["permits"],
        consumers=row["streams"],
        over=row["over"],
        violations=tuple(sorted({each.code for each in about_calls})),
    )
