"""What keeps a service from giving orders about its own parked events, and from losing its place.

A revision of its own in every service. What its code must do there beyond adding rows it does
through functions with their owner's rights, and these look at what they are asked.
"""

from collections.abc import Iterator
from importlib import resources

_FUNCTIONS = {
    "keep_parked": "(text, text, integer, text, text, integer)",
    "release_parked": "(text, text, integer, text)",
    "reshard_relay": "(integer)",
}
# All that is known of an event when it is parked; what becomes of it later is not among it.
_AT_PARKING = (
    "tenant_id, subscription, key, partition, transaction_id, position, stream, version, event_id,"
    " type, error, attempts, source, data, metadata, occurred_at, recorded_at, delivery"
)


def upgrade(service: str) -> Iterator[str]:
    """Yield what confines a service's app role."""
    app = f"{service}_app"
    folder = resources.files("shared.eventstore") / "sql" / "confinement"
    for function, parameters in _FUNCTIONS.items():
        yield (folder / f"{function}.sql").read_text()
        yield f"REVOKE EXECUTE ON FUNCTION {function}{parameters} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {function}{parameters} TO {app}"
    yield (
        "ALTER TABLE parked_events ADD CONSTRAINT parked_events_orders_are_named"
        " CHECK (ordered IS NULL OR ordered_by IS NOT NULL)"
    )
    # Of a table that is revoked, the rights in its columns are gone too.
    yield f"REVOKE INSERT, UPDATE, DELETE ON parked_events FROM {app}"
    yield f"GRANT INSERT ({_AT_PARKING}) ON parked_events TO {app}"
    # To name a row otherwise would be to delete it.
    yield f"REVOKE UPDATE, DELETE ON checkpoints, watermarks FROM {app}"
    yield f"GRANT UPDATE (transaction_id, position, epoch) ON checkpoints TO {app}"
    yield f"GRANT UPDATE (fresh_as_of) ON watermarks TO {app}"


def downgrade(service: str) -> Iterator[str]:
    """Yield what undoes it."""
    app = f"{service}_app"
    yield f"REVOKE UPDATE ON checkpoints, watermarks FROM {app}"
    yield f"GRANT UPDATE, DELETE ON checkpoints, watermarks TO {app}"
    yield f"REVOKE INSERT ON parked_events FROM {app}"
    yield (
        "GRANT INSERT, DELETE, UPDATE (error, attempts, failed_at, ordered, published_at)"
        f" ON parked_events TO {app}"
    )
    yield "ALTER TABLE parked_events DROP CONSTRAINT parked_events_orders_are_named"
    for function, parameters in _FUNCTIONS.items():
        yield f"DROP FUNCTION {function}{parameters}"
