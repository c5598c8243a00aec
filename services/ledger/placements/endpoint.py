"""Inbound endpoints: which tenant a creditor's webhooks belong to, known before any credential."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql import Executable

from services.ledger.creditors.domain import CreditorRegistered
from shared.eventstore import statements
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.kernel.records import record
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection

ENDPOINTS = sa.Table(
    "inbound_endpoints",
    sa.MetaData(),
    sa.Column("creditor_id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("secret_numbers", ARRAY(sa.Integer), nullable=False),
)


@record
class Endpoint:
    """A tenant and the numbers of the secrets that are live; a rotation has two."""

    tenant: str
    secret_numbers: tuple[int, ...]


def inbound_path(creditor_id: str) -> str:
    """Return where a creditor sends its placements."""
    return f"/v1/inbound/{creditor_id}/placements"


async def find(pool: Any, creditor_id: str) -> Endpoint | None:
    """Return the endpoint of a creditor, if there is one."""
    query = sa.select(ENDPOINTS).where(ENDPOINTS.c.creditor_id == creditor_id)

    async def call() -> list[Any]:
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await statements.fetch(connection, query)

    rows = await reach(call)
    if not rows:
        return None
    return Endpoint(tenant=rows[0]["tenant_id"], secret_numbers=tuple(rows[0]["secret_numbers"]))


async def open_endpoint(pool: Any, tenant: str, creditor_id: str) -> None:
    """Let a creditor's webhooks in from now on; the projection would do it a moment later."""

    async def call() -> None:
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await statements.execute(connection, _row(tenant, creditor_id))

    await reach(call)


def _row(tenant: str, creditor_id: str) -> Executable:
    row = insert(ENDPOINTS).values(creditor_id=creditor_id, tenant_id=tenant, secret_numbers=[1])
    return row.on_conflict_do_nothing()


def _registered(event: CreditorRegistered, envelope: Envelope) -> Sequence[Executable]:
    return [_row(envelope.tenant, event.creditor_id)]


HANDLERS: tuple[Handler, ...] = (projection(CreditorRegistered, _registered),)
