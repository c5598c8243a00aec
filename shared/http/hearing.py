"""Hearing "stop": what a service heard is told to compliance at once, besides its event.

Effective means that compliance has committed the fact: nothing of its scope is redeemed any more.
If compliance does not answer, the fact takes effect when its event arrives there, and no later
than the staleness bound: a gate that hears nothing for that long gives no leave.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from shared.http.service_client import (
    OnBehalf,
    ServiceClient,
    ServiceRefused,
    ServiceUnreachable,
)
from shared.http.service_token import ServiceTokenSigner
from shared.kernel.records import record
from shared.telemetry.logging import get_logger

HEARING_S_MAX = 2.0  # a person's "stop" is answered by then, effective or not
STALENESS_BOUND = timedelta(seconds=5)

log = get_logger(__name__)


@record
class Heard:
    """A protective fact, as of a version of the stream that states it; `fact` is its wire form."""

    fact_id: str
    consumer_id: str
    source_stream: str
    source_version: int
    fact: dict[str, Any]


async def tell(
    client: ServiceClient, signer: ServiceTokenSigner, on_behalf: OnBehalf, heard: Heard
) -> bool:
    """Tell compliance, and say whether it has committed the fact in time."""
    body = {
        "consumer_id": heard.consumer_id,
        "source_stream": heard.source_stream,
        "source_version": heard.source_version,
        "fact": heard.fact,
    }
    path = f"/v1/protective-facts/{heard.fact_id}"
    try:
        async with asyncio.timeout(HEARING_S_MAX):
            await client.send(signer, on_behalf, "PUT", path, body)
    except (ServiceUnreachable, ServiceRefused, TimeoutError) as error:
        log.warning("fact-not-told", fact_id=heard.fact_id, error=error)
        return False
    return True


def effective_by(now: datetime) -> datetime:
    """Return when a fact that could not be told is in force at the latest, in real time."""
    return now + STALENESS_BOUND
