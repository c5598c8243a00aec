"""What parked events need to be handled after all: a copy of each, its order, who asks for what.

A revision of its own in every service. The service handles and lets go; only an owner, on behalf of
a person, orders.
"""

from collections.abc import Iterator

_COLUMNS = {
    "number": "bigint GENERATED ALWAYS AS IDENTITY",
    "attempts": "integer NOT NULL DEFAULT 0",
    "failed_at": "timestamptz",
    "source": "text",
    "data": "bytea",
    "metadata": "bytea",
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
    "delivery": "bytea",
    "published_at": "timestamptz",
    "ordered": "text CHECK (ordered IN ('retry', 'discard'))",
    "ordered_by": "text",
    "ordered_at": "timestamptz",
    "order_reason": "text",
}


def upgrade(service: str) -> Iterator[str]:
    """Yield what lets a service's parked events be taken up again."""
    columns = ", ".join(f"ADD {name} {kind}" for name, kind in _COLUMNS.items())
    yield f"ALTER TABLE parked_events {columns}"
    yield (
        "CREATE INDEX parked_events_in_order"
        " ON parked_events (tenant_id, subscription, key, number)"
    )
    yield (
        "GRANT DELETE, UPDATE (error, attempts, failed_at, ordered, published_at)"
        f" ON parked_events TO {service}_app"
    )
    yield f"GRANT SELECT, UPDATE (published_at) ON parked_events TO {service}_jobs"
    yield f"CREATE POLICY due_work ON parked_events TO {service}_jobs USING (true)"


def downgrade(service: str) -> Iterator[str]:
    """Yield what undoes it."""
    yield "DROP POLICY due_work ON parked_events"
    yield f"REVOKE SELECT, UPDATE (published_at) ON parked_events FROM {service}_jobs"
    yield (
        "REVOKE DELETE, UPDATE (error, attempts, failed_at, ordered, published_at)"
        f" ON parked_events FROM {service}_app"
    )
    yield "DROP INDEX parked_events_in_order"
    columns = ", ".join(f"DROP {name}" for name in _COLUMNS)
    yield f"ALTER TABLE parked_events {columns}"
