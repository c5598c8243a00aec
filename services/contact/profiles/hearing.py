"""Hearing "stop": what was recorded here is told to compliance before anybody is answered.

The answer `201 effective` means that compliance has committed it and redeems nothing against it.
Otherwise the answer is `202` with the instant from which compliance gives no leave without having
read our feed. Whether it is in force is never part of a stored answer: a repeat tells it again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from starlette.responses import Response

from services.contact.compliance_client import STALENESS_BOUND_S, Compliance, ComplianceClient
from services.contact.profiles import domain as profiles
from shared.eventstore.store import LoadedStream
from shared.eventstore.transact import Outcome, rebuild
from shared.http.call import Call, rendered
from shared.kernel.records import record

HEARD_LATER = 202


@record
class Hearing:
    """Whether compliance holds everything, else by when it binds."""

    effective: bool
    effective_by: datetime | None = None


def compliance_for(call: Call) -> Compliance:
    """Return compliance as this request speaks to it."""
    client: ComplianceClient = call.request.app.state.compliance
    return client.speaking_for(call.foundation.signer, call.tenant, call.context.metadata)


async def tell(call: Call, consumer_id: str, fact_ids: Sequence[str]) -> Hearing:
    """Tell compliance facts as they stand in the profile now."""
    stream = profiles.stream(consumer_id)
    reading = await call.foundation.store.load(call.tenant, [stream])
    loaded = reading.streams.get(stream, LoadedStream())
    profile: profiles.Profile = rebuild(profiles.PROFILES, loaded)
    compliance = compliance_for(call)
    heard = await asyncio.gather(
        *(
            compliance.put_fact(fact_id, statement_of(consumer_id, stream, profile.facts[fact_id]))
            for fact_id in fact_ids
            if fact_id in profile.facts
        )
    )
    if all(heard):
        return Hearing(effective=True)
    by = reading.system_now + timedelta(seconds=STALENESS_BOUND_S)
    return Hearing(effective=False, effective_by=by)


def statement_of(consumer_id: str, stream: str, kept: profiles.KeptFact) -> dict[str, Any]:
    """Write a fact as compliance takes it."""
    return {
        "consumer_id": consumer_id,
        "source_stream": stream,
        "source_version": kept.version,
        "fact": msgspec.to_builtins(kept.fact),
    }


async def answered(call: Call, outcome: Outcome, facts_in: str) -> Response:
    """Answer once compliance has heard; `facts_in` names the answer's field of fact ids."""
    status: list[int] = []

    async def reveal(body: dict[str, Any]) -> dict[str, Any]:
        hearing = await tell(call, body["consumer_id"], _ids(body, facts_in))
        if not hearing.effective:
            status.append(HEARD_LATER)
        return {**body, **msgspec.to_builtins(hearing)}

    response = await rendered(outcome, reveal)
    response.status_code = status[0] if status else response.status_code
    return response


def _ids(body: Mapping[str, Any], facts_in: str) -> list[str]:
    found = body[facts_in]
    return [found] if isinstance(found, str) else list(found)
