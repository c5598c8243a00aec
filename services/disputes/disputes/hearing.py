"""Tells compliance of a dispute before the answer says that collection has stopped.

Whether it is in force is never part of a stored answer: a repeat tells it again.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import msgspec
from starlette.responses import Response

from services.disputes.compliance_client import STALENESS_BOUND_S, ComplianceClient
from services.disputes.disputes import domain as disputes
from shared.eventstore.store import LoadedStream
from shared.eventstore.transact import Outcome, rebuild
from shared.http.call import Call, rendered
from shared.kernel.records import record

HEARD_LATER = 202


@record
class Hearing:
    """Whether compliance holds it, else by when it binds."""

    effective: bool
    effective_by: datetime | None = None


async def answered(call: Call, outcome: Outcome) -> Response:
    """Answer once compliance has heard."""
    status: list[int] = []

    async def reveal(body: dict[str, Any]) -> dict[str, Any]:
        hearing = await tell(call, body["id"])
        if not hearing.effective:
            status.append(HEARD_LATER)
        return {**body, **msgspec.to_builtins(hearing)}

    response = await rendered(outcome, reveal)
    response.status_code = status[0] if status else response.status_code
    return response


async def tell(call: Call, dispute_id: str) -> Hearing:
    """Tell compliance a dispute as it stands now, for every consumer of the account."""
    stream = disputes.stream(dispute_id)
    reading = await call.foundation.store.load(call.tenant, [stream])
    loaded = reading.streams.get(stream, LoadedStream())
    dispute: disputes.Dispute = rebuild(disputes.DISPUTES, loaded)
    client: ComplianceClient = call.request.app.state.compliance
    metadata = call.context.metadata
    compliance = client.speaking_for(call.foundation.signer, call.tenant, metadata)
    heard = await asyncio.gather(
        *(
            compliance.put_fact(dispute_id, statement_of(dispute, stream, consumer_id))
            for consumer_id in dispute.consumer_ids
        )
    )
    if all(heard):
        return Hearing(effective=True)
    by = reading.system_now + timedelta(seconds=STALENESS_BOUND_S)
    return Hearing(effective=False, effective_by=by)


def statement_of(dispute: disputes.Dispute, stream: str, consumer_id: str) -> dict[str, Any]:
    """Write the dispute as compliance takes it."""
    return {
        "consumer_id": consumer_id,
        "source_stream": stream,
        "source_version": dispute.told_version,
        "fact": msgspec.to_builtins(dispute.fact),
    }
