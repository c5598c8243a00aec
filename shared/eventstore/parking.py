"""What parked events need to be handled after all: a copy of each, its order, who asks for what.

Two revisions of its own in every service, the second for when many are parked. The service handles
and lets go; only an owner, on behalf of a person, orders.
"""

from collections.abc import Iterator
from importlib import resources

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


_INDEXES = {
    "parked_events_by_event": "(tenant_id, subscription, event_id)",
    "parked_events_of_key": "(tenant_id, key, subscription, parked_at)",
    "parked_events_unpublished": ("(number) WHERE delivery IS NOT NULL AND published_at IS NULL"),
}
# Which of these events a subscription has had, and which of these keys are parked: a look for each
# key, however many events wait under it.
_RECEIVED = """
CREATE OR REPLACE FUNCTION received(
  p_tenant text, p_subscription text, p_event_ids text[], p_keys text[]
) RETURNS TABLE (event_id text, parked_key text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('forbear.tenant', p_tenant, true);
  RETURN QUERY
    SELECT i.event_id, NULL FROM inbox i
    WHERE i.tenant_id = p_tenant AND i.subscription = p_subscription
      AND i.event_id = ANY (p_event_ids)
    UNION ALL
    SELECT NULL, asked.key FROM unnest(p_keys) AS asked (key) CROSS JOIN LATERAL (
      SELECT FROM parked_events p
      WHERE p.tenant_id = p_tenant AND p.subscription = p_subscription AND p.key = asked.key
      LIMIT 1) AS parked;
END $$
"""


def index() -> Iterator[str]:
    """Yield what keeps looks at parked events cheap however many wait behind each other."""
    for name, columns in _INDEXES.items():
        yield f"CREATE INDEX {name} ON parked_events {columns}"
    yield _RECEIVED


def unindex() -> Iterator[str]:
    """Yield what undoes it."""
    for name in _INDEXES:
        yield f"DROP INDEX {name}"
    before = (resources.files("shared.eventstore") / "sql" / "06_subscriptions.sql").read_text()
    yield before.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
