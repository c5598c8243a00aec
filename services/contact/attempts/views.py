"""Read model of attempts: one row each, newest first."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql import Executable

from services.contact.attempts.domain import events
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection

METADATA = sa.MetaData()
INSTANT = sa.DateTime(timezone=True)
TEXTS = ARRAY(sa.Text)
ATTEMPTS = sa.Table(
    "attempts",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("attempt_id", sa.Text, primary_key=True),
    sa.Column("consumer_id", sa.Text, nullable=False),
    sa.Column("account_ids", TEXTS, nullable=False),
    sa.Column("party_id", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("contact_point_id", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("permit_id", sa.Text, nullable=False),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("rules", TEXTS, nullable=False),
    sa.Column("decided_at", INSTANT, nullable=False),
    sa.Column("expires_at", INSTANT),
    sa.Column("earliest_permitted_at", INSTANT),
    sa.Column("dispatched_at", INSTANT),
    sa.Column("outcome", sa.Text),
    sa.Column("conversation", sa.Boolean),
    sa.Column("started_at", INSTANT),
    sa.Column("ended_at", INSTANT),
    sa.Column("cancel_reason", sa.Text),
    sa.Index("attempts_of_consumer", "tenant_id", "consumer_id", "attempt_id"),
)
FILTERS = ("consumer_id", "channel", "decision", "phase", "outcome")


def attempt(attempt_id: str) -> sa.Select[Any]:
    """Query one attempt."""
    return sa.select(ATTEMPTS).where(ATTEMPTS.c.attempt_id == attempt_id)


def listed(filters: Mapping[str, str], after: Any, limit: int) -> sa.Select[Any]:
    """Query attempts, newest first."""
    query = sa.select(ATTEMPTS)
    for name in FILTERS:
        if name in filters:
            query = query.where(ATTEMPTS.c[name] == filters[name])
    if "account_id" in filters:
        query = query.where(ATTEMPTS.c.account_ids.contains([filters["account_id"]]))
    if after:
        query = query.where(ATTEMPTS.c.attempt_id < after[0])
    return query.order_by(ATTEMPTS.c.attempt_id.desc()).limit(limit)


def _permitted(event: events.AttemptPermitted, envelope: Envelope) -> Sequence[Executable]:
    return [
        _row(event, envelope, decision="permit", phase="permitted", expires_at=event.expires_at)
    ]


def _vetoed(event: events.AttemptVetoed, envelope: Envelope) -> Sequence[Executable]:
    earliest = event.earliest_permitted_at
    return [
        _row(
            event,
            envelope,
            decision=event.verdict,
            phase="vetoed",
            rules=list(event.rules),
            earliest_permitted_at=earliest,
        )
    ]


def _row(
    event: events.AttemptPermitted | events.AttemptVetoed, envelope: Envelope, **more: Any
) -> Executable:
    values: dict[str, Any] = {
        "tenant_id": envelope.tenant,
        "attempt_id": event.attempt_id,
        "consumer_id": event.consumer_ids[0],
        "account_ids": list(event.account_ids),
        "party_id": event.party_id,
        "channel": event.channel,
        "contact_point_id": event.contact_point_id,
        "purpose": event.purpose,
        "permit_id": event.permit_id,
        "agent": event.agent,
        "rules": [],
        "decided_at": event.at,
        **more,
    }
    return insert(ATTEMPTS).values(**values).on_conflict_do_nothing()


def _started(event: events.DispatchStarted, envelope: Envelope) -> Sequence[Executable]:
    return [_change(event, envelope, phase="dispatching", dispatched_at=event.at)]


def _refused(event: events.DispatchRefused, envelope: Envelope) -> Sequence[Executable]:
    return [_change(event, envelope, phase="refused", rules=list(event.rules))]


def _concluded(event: events.AttemptConcluded, envelope: Envelope) -> Sequence[Executable]:
    return [
        _change(
            event,
            envelope,
            phase="concluded",
            outcome=event.outcome,
            conversation=event.conversation,
            started_at=event.started_at,
            ended_at=event.ended_at,
        )
    ]


def _cancelled(event: events.AttemptCancelled, envelope: Envelope) -> Sequence[Executable]:
    return [_change(event, envelope, phase="cancelled", cancel_reason=event.reason)]


def _change(event: events.Event, envelope: Envelope, **changes: Any) -> Executable:
    return (
        sa.update(ATTEMPTS)
        .where(ATTEMPTS.c.tenant_id == envelope.tenant, ATTEMPTS.c.attempt_id == event.attempt_id)
        .values(**changes)
    )


HANDLERS: tuple[Handler, ...] = (
    projection(events.AttemptPermitted, _permitted),
    projection(events.AttemptVetoed, _vetoed),
    projection(events.DispatchStarted, _started),
    projection(events.DispatchRefused, _refused),
    projection(events.AttemptConcluded, _concluded),
    projection(events.AttemptCancelled, _cancelled),
)
