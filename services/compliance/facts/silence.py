"""How long a protective statement takes to its gates by way of the feed, the durable second path.

Usually compliance was told before (`shared.http.hearing`); this path must hold where it was not.
"""

from shared.kernel.clock import SystemClock
from shared.kernel.records import replace
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, React, reaction
from shared.telemetry import metrics

_clock = SystemClock()


def protection(event: type, react: React) -> Handler:
    """Answer an event that silences somebody, and measure how late that is."""
    return replace(reaction(event, react), then=_measure)


def _measure(envelope: Envelope) -> None:
    seconds = max(0.0, (_clock.now() - envelope.recorded_at).total_seconds())
    metrics.CEASE_TO_SILENCE.record(seconds, {"forbear.path": "read"})
