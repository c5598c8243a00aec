"""The read model of clearances: what was asked about acts other than contacts, and answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql import Executable

from services.compliance.permits.clearance_bodies import ClearanceAnswer
from services.compliance.permits.domain import events
from shared.http.filters import within
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection

METADATA = sa.MetaData()
CLEARANCES = sa.Table(
    "clearances",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("clearance_id", sa.Text, primary_key=True),
    sa.Column("consumer_id", sa.Text, nullable=False),
    sa.Column("account_ids", ARRAY(sa.Text), nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("clearance", sa.LargeBinary, nullable=False),
    # What the answer says already, kept apart by the database so that lists can be asked by it.
    sa.Column("act", sa.Text, sa.Computed("answered(clearance) #>> '{act,kind}'")),
    sa.Column("verdict", sa.Text, sa.Computed("answered(clearance) ->> 'decision'")),
    sa.Index("clearances_by_time", "tenant_id", "decided_at", "clearance_id"),
    sa.Index("clearances_of_consumer", "tenant_id", "consumer_id", "decided_at", "clearance_id"),
    sa.Index("clearances_of_accounts", "account_ids", postgresql_using="gin"),
)
_COLUMNS = {
    "consumer_id": CLEARANCES.c.consumer_id,
    "act": CLEARANCES.c.act,
    "decision": CLEARANCES.c.verdict,
}


def clearance(clearance_id: str) -> sa.Select[Any]:
    """Query one clearance."""
    return sa.select(CLEARANCES).where(CLEARANCES.c.clearance_id == clearance_id)


def listed(filters: Mapping[str, str], after: Any, limit: int) -> sa.Select[Any]:
    """Query clearances by any of the filters, newest first."""
    query = sa.select(CLEARANCES).where(*within(CLEARANCES.c.decided_at, filters))
    for name, column in _COLUMNS.items():
        if name in filters:
            query = query.where(column == filters[name])
    if "account_id" in filters:
        query = query.where(CLEARANCES.c.account_ids.contains([filters["account_id"]]))
    if after:
        place = sa.tuple_(CLEARANCES.c.decided_at, CLEARANCES.c.clearance_id)
        query = query.where(
            place < sa.tuple_(sa.literal(datetime.fromisoformat(after[0])), sa.literal(after[1]))
        )
    return query.order_by(CLEARANCES.c.decided_at.desc(), CLEARANCES.c.clearance_id.desc()).limit(
        limit
    )


def shown(row: Any) -> ClearanceAnswer:
    """Show a row as it was answered."""
    return ClearanceAnswer(**msgspec.json.decode(row["clearance"]))


def _decided(
    event: events.ActCleared | events.ActRefused, envelope: Envelope
) -> Sequence[Executable]:
    return [
        insert(CLEARANCES)
        .values(
            tenant_id=envelope.tenant,
            clearance_id=event.clearance_id,
            consumer_id=event.request.consumer_id,
            account_ids=list(event.request.account_ids),
            decided_at=event.at,
            clearance=ClearanceAnswer.of(event).model_dump_json().encode(),
        )
        .on_conflict_do_nothing()
    ]


HANDLERS: tuple[Handler, ...] = (
    projection(events.ActCleared, _decided),
    projection(events.ActRefused, _decided),
)
