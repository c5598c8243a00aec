"""The end of a process's telemetry: what is left is sent, unless that takes too long."""

import time
from collections.abc import Callable
from functools import partial
from threading import Thread

from shared.telemetry import metrics, tracing
from shared.telemetry.logging import get_logger

FLUSH_S = 3.0  # of the process's grace; a collector that does not answer is not worth more

log = get_logger(__name__)


def end() -> None:
    """Send what is left for `FLUSH_S` at most, and stop."""
    # Daemons: one that is still stuck in a request does not keep the process.
    threads = [
        Thread(target=_stop, args=(each,), daemon=True)
        for each in (metrics.shutdown, partial(tracing.shutdown, FLUSH_S))
    ]
    deadline = time.monotonic() + FLUSH_S
    for each in threads:
        each.start()
    for each in threads:
        each.join(max(0.0, deadline - time.monotonic()))
    if any(each.is_alive() for each in threads):
        log.warning("telemetry-not-sent")


def _stop(shutdown: Callable[[], object]) -> None:
    try:
        shutdown()
    except Exception as error:  # noqa: BLE001 - the SDK raises anything; nobody is left to care
        log.warning("telemetry-not-sent", error=error)
