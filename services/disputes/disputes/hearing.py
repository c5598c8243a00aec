"""Tells compliance of a dispute before the answer says that collection has stopped."""

from typing import Any

import msgspec
from starlette.responses import Response

from services.disputes.disputes import domain as disputes
from shared.eventstore.store import LoadedStream
from shared.eventstore.transact import Outcome, rebuild
from shared.http import hearing
from shared.http.call import Call
from shared.http.hearing import Heard, Hearing, hold_for


async def answered(call: Call, outcome: Outcome) -> Response:
    """Answer once compliance has heard."""

    async def hear(body: dict[str, Any]) -> Hearing:
        return await tell(call, body["id"])

    return await hearing.answered(outcome, hear)


async def tell(call: Call, dispute_id: str) -> Hearing:
    """Tell compliance a dispute as it stands now, for every consumer of the account."""
    stream = disputes.stream(dispute_id)
    reading = await call.foundation.store.load(call.tenant, [stream])
    loaded = reading.streams.get(stream, LoadedStream())
    dispute: disputes.Dispute = rebuild(disputes.DISPUTES, loaded)
    heard = [heard_of(dispute, dispute_id, consumer_id) for consumer_id in dispute.consumer_ids]
    held = [hold_for(each) for each in heard]
    return await hearing.tell(call, [*held, *heard], reading.system_now)


def heard_of(dispute: disputes.Dispute, dispute_id: str, consumer_id: str) -> Heard:
    """Write the dispute as compliance takes it."""
    return Heard(
        fact_id=dispute_id,
        consumer_id=consumer_id,
        source_stream=disputes.stream(dispute_id),
        source_version=dispute.told_version,
        fact=msgspec.to_builtins(dispute.fact),
    )
