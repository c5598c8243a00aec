"""Read models: accounts as disputes knows them, and disputes, newest first."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql import Executable

from services.disputes.disputes.domain import events
from services.disputes.foreign import AccountPlaced
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection

METADATA = sa.MetaData()
INSTANT = sa.DateTime(timezone=True)
ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("creditor_id", sa.Text, nullable=False),
    sa.Column("consumer_ids", ARRAY(sa.Text), nullable=False),
    sa.Column("correlation_id", sa.Text, nullable=False),
    sa.Column("traceparent", sa.Text),
)
DISPUTES = sa.Table(
    "disputes",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("dispute_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("consumer_ids", ARRAY(sa.Text), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("in_writing", sa.Boolean, nullable=False),
    sa.Column("timely", sa.Boolean),
    sa.Column("grounds", sa.Text, nullable=False),
    sa.Column("disputed_amount", sa.BigInteger),
    sa.Column("currency", sa.Text),
    sa.Column("disputed_by", sa.Text),
    sa.Column("received_at", INSTANT, nullable=False),
    sa.Column("opened_at", INSTANT, nullable=False),
    sa.Column("acknowledged_at", INSTANT),
    sa.Column("answer", sa.Text),
    sa.Column("sent_at", INSTANT),
    sa.Column("resolution", sa.Text),
    sa.Column("resolved_at", INSTANT),
    sa.Index("disputes_of_account", "tenant_id", "account_id", "dispute_id"),
)
FILTERS = ("account_id", "status", "kind")


def account(account_id: str) -> sa.Select[Any]:
    """Query one account."""
    return sa.select(ACCOUNTS).where(ACCOUNTS.c.account_id == account_id)


def listed(filters: Mapping[str, str], after: Any, limit: int) -> sa.Select[Any]:
    """Query disputes, newest first."""
    query = sa.select(DISPUTES)
    for name in FILTERS:
        if name in filters:
            query = query.where(DISPUTES.c[name] == filters[name])
    if "consumer_id" in filters:
        query = query.where(DISPUTES.c.consumer_ids.contains([filters["consumer_id"]]))
    if after:
        query = query.where(DISPUTES.c.dispute_id < after[0])
    return query.order_by(DISPUTES.c.dispute_id.desc()).limit(limit)


def _placed(event: AccountPlaced, envelope: Envelope) -> Sequence[Executable]:
    row = insert(ACCOUNTS).values(
        tenant_id=envelope.tenant,
        account_id=event.account_id,
        creditor_id=event.creditor_id,
        consumer_ids=list(event.consumer_ids),
        correlation_id=envelope.metadata.correlation_id,
        traceparent=envelope.metadata.traceparent,
    )
    return [row.on_conflict_do_nothing()]


def _opened(event: events.DisputeOpened, envelope: Envelope) -> Sequence[Executable]:
    amount = event.disputed_amount
    row = insert(DISPUTES).values(
        tenant_id=envelope.tenant,
        dispute_id=event.dispute_id,
        account_id=event.account_id,
        consumer_ids=list(event.consumer_ids),
        kind=event.kind,
        status="open",
        in_writing=event.in_writing,
        timely=event.timely,
        grounds=event.grounds,
        disputed_amount=amount.amount if amount else None,
        currency=amount.currency if amount else None,
        disputed_by=event.disputed_by,
        received_at=event.received_at,
        opened_at=event.at,
    )
    return [row.on_conflict_do_nothing()]


def _acknowledged(event: events.DisputeAcknowledged, envelope: Envelope) -> Sequence[Executable]:
    # A dispute may be acknowledged after it was answered; it stays answered.
    status = sa.case((DISPUTES.c.status == "open", "acknowledged"), else_=DISPUTES.c.status)
    return [_change(event, envelope, status=status, acknowledged_at=event.at)]


def _answered(event: events.DisputeAnswered, envelope: Envelope) -> Sequence[Executable]:
    return [_change(event, envelope, status="answered", answer=event.answer, sent_at=event.sent_at)]


def _resolved(event: events.DisputeResolved, envelope: Envelope) -> Sequence[Executable]:
    return [
        _change(
            event,
            envelope,
            status="resolved",
            resolution=event.resolution,
            resolved_at=event.at,
        )
    ]


def _change(event: events.Event, envelope: Envelope, **changes: Any) -> Executable:
    return (
        sa.update(DISPUTES)
        .where(DISPUTES.c.tenant_id == envelope.tenant, DISPUTES.c.dispute_id == event.dispute_id)
        .values(**changes)
    )


LEDGER_HANDLERS: tuple[Handler, ...] = (projection(AccountPlaced, _placed),)
HANDLERS: tuple[Handler, ...] = (
    projection(events.DisputeOpened, _opened),
    projection(events.DisputeAcknowledged, _acknowledged),
    projection(events.DisputeAnswered, _answered),
    projection(events.DisputeResolved, _resolved),
)
