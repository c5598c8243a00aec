"""What is known of one request while it is served: its ids and who asked, for logs and traces."""

import time
from collections.abc import MutableMapping
from typing import Any

_KEY = "forbear.exchange"


class Exchange:
    """Filled in by whoever learns something; read once, by the access log."""

    __slots__ = ("actor", "key_id", "request_id", "started", "tenant", "trace_id", "traceparent")

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.started = time.perf_counter()
        self.trace_id: str | None = None
        self.traceparent: str | None = None
        self.tenant: str | None = None
        self.key_id: str | None = None
        self.actor: str | None = None


def put(scope: MutableMapping[str, Any], exchange: Exchange) -> None:
    """Attach the exchange to an ASGI scope."""
    scope[_KEY] = exchange


def of(scope: MutableMapping[str, Any]) -> Exchange | None:
    """Return the exchange of an ASGI scope, if the edge has put one there."""
    found = scope.get(_KEY)
    return found if isinstance(found, Exchange) else None
