"""Writes an account's timeline: one line an event, for each account the event concerns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.compliance.timeline.words import WORDS
from shared.eventstore import codec
from shared.eventstore.statements import Shape, Statement
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection_of

ENTRIES = sa.Table(
    "timeline_entries",
    sa.MetaData(),
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
)


_WRITTEN = Shape(insert(ENTRIES).on_conflict_do_nothing())
_ORDER = (ENTRIES.c.at, ENTRIES.c.recorded_at, ENTRIES.c.event_id)


def of_account(account_id: str, after: Any, limit: int) -> sa.Select[Any]:
    """Query an account's timeline in the order in which things happened."""
    query = sa.select(ENTRIES).where(ENTRIES.c.account_id == account_id)
    if after:
        seen = [sa.literal(datetime.fromisoformat(each)) for each in after[:2]]
        query = query.where(sa.tuple_(*_ORDER) > sa.tuple_(*seen, sa.literal(after[2])))
    return query.order_by(*_ORDER).limit(limit)


def _write(envelope: Envelope) -> Sequence[Statement]:
    data: Mapping[str, Any] = codec.decode(dict, envelope.data)
    return [
        _WRITTEN.row(
            tenant_id=envelope.tenant,
            account_id=account_id,
            at=envelope.occurred_at,
            event_id=envelope.event_id,
            recorded_at=envelope.recorded_at,
            service=envelope.source,
            type=envelope.type,
            words=WORDS[envelope.type](data),
            actor=envelope.metadata.actor,
        )
        for account_id in _accounts(data)
    ]


def _accounts(data: Mapping[str, Any]) -> list[str]:
    request = data.get("request") or {}
    found = [data.get("account_id"), *data.get("account_ids", ()), *request.get("account_ids", ())]
    return list(dict.fromkeys(each for each in found if each))


HANDLERS: Mapping[str, tuple[Handler, ...]] = {
    service: tuple(
        projection_of(name, _write) for name in WORDS if name.startswith(f"forbear.{service}.")
    )
    for service in ("ledger", "contact", "disputes", "compliance")
}
