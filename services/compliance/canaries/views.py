"""What was answered to each canary last: one row a canary of an agency, written over each time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql import Executable

from services.compliance.canaries.domain import Tried
from shared.eventstore import statements
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach

CANARIES = sa.Table(
    "canaries",
    sa.MetaData(),
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("canary", sa.Text, primary_key=True),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("objections", ARRAY(sa.Text), nullable=False),
    sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True)),
)
_WAITING = """
SELECT t.tenant_id
FROM tenants t CROSS JOIN LATERAL (
  SELECT CASE WHEN count(*) = cardinality($1::text[]) THEN min(c.tried_at) END AS tried_at
  FROM canaries c WHERE c.tenant_id = t.tenant_id AND c.canary = ANY ($1::text[])
) last
WHERE t.tenant_id <> ALL ($2::text[])
  AND (last.tried_at IS NULL
       OR last.tried_at <= clock_timestamp() - make_interval(secs => $3))
ORDER BY last.tried_at NULLS FIRST, t.tenant_id
LIMIT $4
"""
_SILENCE = """
SELECT wanted.canary,
       extract(epoch FROM clock_timestamp() - min(coalesce(c.tried_at, t.created_at)))
         ::double precision AS silence_s
FROM tenants t CROSS JOIN unnest($1::text[]) AS wanted (canary)
LEFT JOIN canaries c ON c.tenant_id = t.tenant_id AND c.canary = wanted.canary
GROUP BY wanted.canary
"""


def every() -> sa.Select[Any]:
    """Query an agency's canaries, with how long ago each was decided on the record."""
    age_s = sa.func.extract("epoch", sa.func.clock_timestamp() - CANARIES.c.recorded_at)
    return sa.select(CANARIES, sa.cast(age_s, sa.Float).label("recorded_ago_s"))


async def keep(pool: Any, tenant: str, found: Sequence[tuple[Tried, bool]]) -> None:
    """Write what was answered, each with whether it is on the record.

    `since` stays while the answer is the same.

    Raises:
        StoreUnavailable: no answer.
    """
    written = [_written(tenant, tried, is_recorded=is_recorded) for tried, is_recorded in found]

    async def call() -> None:
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            async with connection.transaction():
                await connection.execute("SELECT set_config('forbear.tenant', $1, true)", tenant)
                await statements.execute_all(connection, written)

    await reach(call)


def _written(tenant: str, tried: Tried, *, is_recorded: bool) -> Executable:
    now = sa.func.clock_timestamp()
    row = insert(CANARIES).values(
        tenant_id=tenant,
        canary=tried.canary,
        answer=tried.answer,
        objections=list(tried.objections),
        tried_at=now,
        since=now,
        recorded_at=now if is_recorded else None,
    )
    new = row.excluded
    return row.on_conflict_do_update(
        index_elements=["tenant_id", "canary"],
        set_={
            "answer": new.answer,
            "objections": new.objections,
            "tried_at": new.tried_at,
            "since": sa.case((CANARIES.c.answer == new.answer, CANARIES.c.since), else_=new.since),
            "recorded_at": sa.func.coalesce(new.recorded_at, CANARIES.c.recorded_at),
        },
    )


async def waiting(
    every_tenant: Any, names: Iterable[str], tried: Iterable[str], *, every_s: float, limit: int
) -> list[str]:
    """Return the agencies of which some canary was not tried for so long, the longest first.

    Args:
        every_tenant: connections of a role that sees all tenants.
        tried: agencies that are left out.

    Raises:
        StoreUnavailable: no answer.
    """

    async def call() -> list[str]:
        async with every_tenant.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            rows = await connection.fetch(_WAITING, list(names), list(tried), every_s, limit)
            return [row["tenant_id"] for row in rows]

    return await reach(call)


async def silence(every_tenant: Any, names: Iterable[str]) -> Mapping[str, float]:
    """Return for each canary the seconds since its last answer, at the agency where it is longest.

    Raises:
        StoreUnavailable: no answer.
    """

    async def call() -> dict[str, float]:
        async with every_tenant.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            rows = await connection.fetch(_SILENCE, list(names))
            return {row["canary"]: max(0.0, row["silence_s"]) for row in rows}

    return await reach(call)
