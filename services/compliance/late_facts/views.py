"""Whose gate may have learnt something late, and what is in it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.compliance.permits.domain import stream
from services.compliance.permits.views import FACTS

EVENTS = sa.table("events", *(sa.column(name) for name in ("stream", "version", "type", "data")))

# Word for word the condition of the index `late_facts`.
_MAY_BE_LATE = sa.text(
    "kind NOT IN ('account-known', 'contact-point-known', 'location-evidence', 'party-known')"
)


def consumers(learnt_from: datetime, after: Any, limit: int) -> sa.Select[Any]:
    """Query the consumers of whom something was learnt at or after an instant, in order."""
    query = sa.select(FACTS.c.consumer_id).where(_MAY_BE_LATE, FACTS.c.recorded_at >= learnt_from)
    if after:
        query = query.where(FACTS.c.consumer_id > sa.literal(after[0]))
    return query.distinct().order_by(FACTS.c.consumer_id).limit(limit)


def events_of(consumer_id: str, after: int, limit: int) -> sa.Select[Any]:
    """Query events of a gate after a version, in order."""
    return (
        sa.select(EVENTS.c.version, EVENTS.c.type, EVENTS.c.data)
        .where(EVENTS.c.stream == stream(consumer_id), EVENTS.c.version > after)
        .order_by(EVENTS.c.version)
        .limit(limit)
    )
