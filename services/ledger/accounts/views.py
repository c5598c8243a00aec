"""Read models of accounts: one row an account, its holds, its payments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql import Executable

from services.ledger.accounts import domain as accounts
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection

METADATA = sa.MetaData()
ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("creditor_id", sa.Text, nullable=False),
    sa.Column("placement_id", sa.Text, nullable=False),
    sa.Column("consumer_ids", ARRAY(sa.Text), nullable=False),
    sa.Column("product_type", sa.Text, nullable=False),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Column("close_reason", sa.Text),
    sa.Column("balance", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("zones", ARRAY(sa.Text), nullable=False),
)
HOLDS = sa.Table(
    "holds",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("hold_id", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("lifted_at", sa.DateTime(timezone=True)),
)
PAYMENTS = sa.Table(
    "payments",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("payment_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("received_by", sa.Text, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("reversal_id", sa.Text),
)
FILTERS = ("creditor_id", "lifecycle", "consumer_id")


def listed(filters: Mapping[str, str], after: Any, limit: int) -> sa.Select[Any]:
    """Query accounts by creditor, lifecycle or consumer, in the order they were placed."""
    query = sa.select(ACCOUNTS)
    if "creditor_id" in filters:
        query = query.where(ACCOUNTS.c.creditor_id == filters["creditor_id"])
    if "lifecycle" in filters:
        query = query.where(ACCOUNTS.c.lifecycle == filters["lifecycle"])
    if "consumer_id" in filters:
        query = query.where(ACCOUNTS.c.consumer_ids.contains([filters["consumer_id"]]))
    if after:
        place = sa.tuple_(ACCOUNTS.c.placed_at, ACCOUNTS.c.account_id)
        query = query.where(
            place > sa.tuple_(sa.literal(datetime.fromisoformat(after[0])), sa.literal(after[1]))
        )
    return query.order_by(ACCOUNTS.c.placed_at, ACCOUNTS.c.account_id).limit(limit)


def holds_of(account_id: str, after: Any, limit: int) -> sa.Select[Any]:
    """Query the holds of an account."""
    query = sa.select(HOLDS).where(HOLDS.c.account_id == account_id)
    if after:
        query = query.where(HOLDS.c.hold_id > after[0])
    return query.order_by(HOLDS.c.hold_id).limit(limit)


def _placed(event: accounts.AccountPlaced, envelope: Envelope) -> Sequence[Executable]:
    row = insert(ACCOUNTS).values(
        tenant_id=envelope.tenant,
        account_id=event.account_id,
        creditor_id=event.creditor_id,
        placement_id=event.placement_id,
        consumer_ids=list(event.consumer_ids),
        product_type=event.product_type,
        lifecycle="received",
        balance=event.balance.amount,
        currency=event.balance.currency,
        placed_at=event.at,
        zones=list(event.zones),
    )
    return [row.on_conflict_do_nothing()]


def _set(envelope: Envelope, account_id: str, **values: Any) -> Executable:
    return (
        sa.update(ACCOUNTS)
        .where(ACCOUNTS.c.tenant_id == envelope.tenant, ACCOUNTS.c.account_id == account_id)
        .values(**values)
    )


def _activated(event: accounts.AccountActivated, envelope: Envelope) -> Sequence[Executable]:
    return [_set(envelope, event.account_id, lifecycle="active")]


def _recalled(event: accounts.AccountRecalled, envelope: Envelope) -> Sequence[Executable]:
    balance = event.balance.amount
    return [_set(envelope, event.account_id, lifecycle="recalled", balance=balance)]


def _closed(event: accounts.AccountClosed, envelope: Envelope) -> Sequence[Executable]:
    values = {"lifecycle": "closed", "close_reason": event.reason, "balance": event.balance.amount}
    return [_set(envelope, event.account_id, **values)]


def _reopened(event: accounts.AccountReopened, envelope: Envelope) -> Sequence[Executable]:
    return [_set(envelope, event.account_id, lifecycle="active", close_reason=None)]


def _held(event: accounts.HoldPlaced, envelope: Envelope) -> Sequence[Executable]:
    row = insert(HOLDS).values(
        tenant_id=envelope.tenant,
        account_id=event.account_id,
        hold_id=event.hold_id,
        reason=event.reason,
        source=event.source,
        source_id=event.source_id,
        placed_at=event.at,
    )
    return [row.on_conflict_do_nothing()]


def _lifted(event: accounts.HoldLifted, envelope: Envelope) -> Sequence[Executable]:
    return [
        sa.update(HOLDS)
        .where(
            HOLDS.c.tenant_id == envelope.tenant,
            HOLDS.c.account_id == event.account_id,
            HOLDS.c.hold_id == event.hold_id,
        )
        .values(lifted_at=event.at)
    ]


def _paid(event: accounts.PaymentRecorded, envelope: Envelope) -> Sequence[Executable]:
    row = insert(PAYMENTS).values(
        tenant_id=envelope.tenant,
        payment_id=event.payment_id,
        account_id=event.account_id,
        amount=event.amount.amount,
        currency=event.amount.currency,
        received_by=event.received_by,
        received_at=event.received_at,
    )
    return [
        row.on_conflict_do_nothing(),
        _set(envelope, event.account_id, balance=event.balance.amount),
    ]


def _reversed(event: accounts.PaymentReversed, envelope: Envelope) -> Sequence[Executable]:
    return [
        sa.update(PAYMENTS)
        .where(PAYMENTS.c.tenant_id == envelope.tenant, PAYMENTS.c.payment_id == event.payment_id)
        .values(reversal_id=event.reversal_id),
        _set(envelope, event.account_id, balance=event.balance.amount),
    ]


HANDLERS: tuple[Handler, ...] = (
    projection(accounts.AccountPlaced, _placed),
    projection(accounts.AccountActivated, _activated),
    projection(accounts.AccountRecalled, _recalled),
    projection(accounts.AccountClosed, _closed),
    projection(accounts.AccountReopened, _reopened),
    projection(accounts.HoldPlaced, _held),
    projection(accounts.HoldLifted, _lifted),
    projection(accounts.PaymentRecorded, _paid),
    projection(accounts.PaymentReversed, _reversed),
)
