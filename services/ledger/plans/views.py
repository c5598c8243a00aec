"""Read model of plans: one row a plan."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import Executable

from services.ledger.plans import domain as plans
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection

PLANS = sa.Table(
    "plans",
    sa.MetaData(),
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("plan_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
)


def listed(account_id: str, after: Any, limit: int) -> sa.Select[Any]:
    """Query the plans of an account."""
    query = sa.select(PLANS).where(PLANS.c.account_id == account_id)
    if after:
        query = query.where(PLANS.c.plan_id > after[0])
    return query.order_by(PLANS.c.plan_id).limit(limit)


def _agreed(event: plans.PlanAgreed, envelope: Envelope) -> Sequence[Executable]:
    row = insert(PLANS).values(
        tenant_id=envelope.tenant,
        plan_id=event.plan_id,
        account_id=event.account_id,
        status="active",
        total=event.total.amount,
        currency=event.total.currency,
        agreed_at=event.at,
    )
    return [row.on_conflict_do_nothing()]


def _becomes(status: str) -> Any:
    def project(event: Any, envelope: Envelope) -> Sequence[Executable]:
        return [
            sa.update(PLANS)
            .where(PLANS.c.tenant_id == envelope.tenant, PLANS.c.plan_id == event.plan_id)
            .values(status=status)
        ]

    return project


HANDLERS: tuple[Handler, ...] = (
    projection(plans.PlanAgreed, _agreed),
    projection(plans.PlanCompleted, _becomes("completed")),
    projection(plans.PlanReopened, _becomes("active")),
    projection(plans.PlanCancelled, _becomes("cancelled")),
)
