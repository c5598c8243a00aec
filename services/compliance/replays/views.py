"""What a replay reads, the log of gates, and what it keeps: decisions that would be others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.compliance.permits.domain import stream as gate_stream
from services.compliance.replays.comparing import Difference
from services.compliance.replays.redeciding import FACT_TYPES
from shared.eventstore import codec
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach

# Streams sort by their bytes, and after "-" comes ".".
GATES_START, GATES_END = gate_stream(""), "gate."
REPLAYS_START, REPLAYS_END = "replay-", "replay."
DIFFERENCES_LISTED_MAX = 100_000
"""Of one replay, one by one; beyond these they are counted only."""

PRUNE_DIFFERENCES = "SELECT prune_replay_differences($1, $2)"
"""Forgets up to so many of the replays that ended more than so many days ago."""

EVENTS = sa.table(
    "events",
    *(sa.column(name) for name in ("stream", "version", "type", "data", "occurred_at")),
)
DIFFERENCES = sa.Table(
    "replay_differences",
    sa.MetaData(),
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("replay_id", sa.Text, primary_key=True),
    sa.Column("consumer_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("rules", ARRAY(sa.Text), nullable=False),
    sa.Column("difference", sa.LargeBinary, nullable=False),
)

# Names of rules have no spaces; an array of arrays would have to be as wide everywhere.
_KEEP = """
INSERT INTO replay_differences
  (tenant_id, replay_id, consumer_id, version, kind, rules, difference)
SELECT $1, $2, d.consumer_id, d.version, d.kind, string_to_array(d.rules, ' '), d.difference
FROM unnest($3::text[], $4::integer[], $5::text[], $6::text[], $7::bytea[])
  AS d(consumer_id, version, kind, rules, difference)
ON CONFLICT DO NOTHING
"""


def gates(after: str, limit: int) -> sa.Select[Any]:
    """Query gates in order, each with its newest event: from one stream's last to the next's first.

    From the events themselves, since the folded state that is kept beside them is only a copy.
    """
    one, other, newest = EVENTS.alias("one"), EVENTS.alias("other"), EVENTS.alias("newest")
    first = (
        sa.select(one.c.stream)
        .where(one.c.stream > (after or GATES_START))
        .order_by(one.c.stream)
        .limit(1)
        .subquery("first")
    )
    walk = sa.select(first.c.stream).cte("walk", recursive=True)
    following = (
        sa.select(other.c.stream)
        .where(other.c.stream > walk.c.stream)
        .order_by(other.c.stream)
        .limit(1)
        .scalar_subquery()
    )
    walk = walk.union_all(sa.select(following).where(walk.c.stream < GATES_END))
    last = (
        sa.select(newest.c.version, newest.c.occurred_at)
        .where(newest.c.stream == walk.c.stream)
        .order_by(newest.c.version.desc())
        .limit(1)
        .lateral("last")
    )
    return (
        sa.select(walk.c.stream, last.c.version, last.c.occurred_at)
        .select_from(walk.join(last, sa.true()))
        .where(walk.c.stream < GATES_END)
        .limit(limit)
    )


def events_of(streams: Sequence[str], versions: range, before: datetime) -> sa.Select[Any]:
    """Query the events of gates by version, those before an instant."""
    return (
        sa.select(EVENTS.c.stream, EVENTS.c.version, EVENTS.c.type, EVENTS.c.data)
        .where(
            EVENTS.c.stream == sa.func.any(sa.literal(list(streams), ARRAY(sa.Text))),
            EVENTS.c.version >= versions.start,
            EVENTS.c.version < versions.stop,
            EVENTS.c.occurred_at < before,
        )
        .order_by(EVENTS.c.stream, EVENTS.c.version)
    )


def facts_of(streams: Sequence[str], since: datetime) -> sa.Select[Any]:
    """Query what gates have taken in since an instant."""
    return (
        sa.select(EVENTS.c.stream, EVENTS.c.version, EVENTS.c.type, EVENTS.c.data)
        .where(
            EVENTS.c.stream == sa.func.any(sa.literal(list(streams), ARRAY(sa.Text))),
            EVENTS.c.type.in_(FACT_TYPES),
            EVENTS.c.occurred_at >= since,
        )
        .order_by(EVENTS.c.stream, EVENTS.c.version)
    )


def listed(after: Any, limit: int) -> sa.Select[Any]:
    """Query the streams of a tenant's replays, newest first."""
    query = sa.select(EVENTS.c.stream).where(
        EVENTS.c.stream > REPLAYS_START, EVENTS.c.stream < REPLAYS_END, EVENTS.c.version == 1
    )
    if after:
        query = query.where(EVENTS.c.stream < sa.literal(after[0]))
    return query.order_by(EVENTS.c.stream.desc()).limit(limit)


def differences(replay_id: str, filters: dict[str, str], after: Any, limit: int) -> sa.Select[Any]:
    """Query what differs, by consumer, each consumer's in the order of decisions."""
    query = sa.select(DIFFERENCES).where(DIFFERENCES.c.replay_id == replay_id)
    if "consumer_id" in filters:
        query = query.where(DIFFERENCES.c.consumer_id == filters["consumer_id"])
    if "kind" in filters:
        query = query.where(DIFFERENCES.c.kind == filters["kind"])
    if "rule" in filters:
        query = query.where(DIFFERENCES.c.rules.contains([filters["rule"]]))
    if after:
        place = sa.tuple_(DIFFERENCES.c.consumer_id, DIFFERENCES.c.version)
        query = query.where(place > sa.tuple_(sa.literal(after[0]), sa.literal(after[1])))
    return query.order_by(DIFFERENCES.c.consumer_id, DIFFERENCES.c.version).limit(limit)


async def keep(pool: Any, tenant: str, replay_id: str, found: Sequence[Difference]) -> None:
    """Write differences down; those of a slice that is done again are there already.

    Raises:
        StoreUnavailable: no answer.
    """
    if not found:
        return

    async def call() -> None:
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            async with connection.transaction():
                await connection.execute("SELECT set_config('forbear.tenant', $1, true)", tenant)
                await connection.execute(
                    _KEEP,
                    tenant,
                    replay_id,
                    [each.consumer_id for each in found],
                    [each.version for each in found],
                    [each.kind for each in found],
                    [" ".join({part.rule: None for part in each.decided_by}) for each in found],
                    [codec.encode(each) for each in found],
                )

    await reach(call)
