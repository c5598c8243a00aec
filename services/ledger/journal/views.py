"""The journal as a read model: one row a posting, and the trial balance over them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import Executable

from services.ledger.accounts import domain as accounts
from services.ledger.journal.domain import postings
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection

JOURNAL = sa.Table(
    "journal",
    sa.MetaData(),
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("account_code", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)


NEXT_TENANT = """
SELECT coalesce((SELECT min(tenant_id) FROM tenants WHERE tenant_id > $1),
                (SELECT min(tenant_id) FROM tenants))
"""
"""The tenant after one, and after the last one the first again; for who sees all of them."""


def trial_balance() -> sa.Select[Any]:
    """Query the sum of every account code; per currency they add up to zero."""
    total = sa.cast(sa.func.sum(JOURNAL.c.amount), sa.BigInteger).label("amount")
    return (
        sa.select(JOURNAL.c.account_code, JOURNAL.c.currency, total)
        .group_by(JOURNAL.c.account_code, JOURNAL.c.currency)
        .order_by(JOURNAL.c.currency, JOURNAL.c.account_code)
    )


def _post(event: Any, envelope: Envelope) -> Sequence[Executable]:
    lines = [
        {
            "tenant_id": envelope.tenant,
            "event_id": envelope.event_id,
            "line": number,
            "account_code": posting.account_code,
            "account_id": posting.account_id,
            "amount": posting.amount_minor,
            "currency": posting.currency,
            "at": event.at,
        }
        for number, posting in enumerate(postings(event), start=1)
    ]
    return [insert(JOURNAL).values(lines).on_conflict_do_nothing()] if lines else []


HANDLERS: tuple[Handler, ...] = tuple(
    projection(event, _post)
    for event in (
        accounts.AccountPlaced,
        accounts.PaymentRecorded,
        accounts.PaymentReversed,
        accounts.AccountRecalled,
        accounts.AccountClosed,
    )
)
