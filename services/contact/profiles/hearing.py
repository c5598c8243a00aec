"""Tells compliance what a profile now says, before the answer says that it is in force."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from services.contact.profiles import domain as profiles
from shared.eventstore.store import LoadedStream
from shared.eventstore.transact import Outcome, rebuild
from shared.http import hearing
from shared.http.call import Call
from shared.http.hearing import Heard, Hearing


async def answered(
    call: Call, outcome: Outcome, facts_in: str, besides: Sequence[Heard] = ()
) -> Response:
    """Answer once compliance has heard.

    `facts_in` names the answer's field of fact ids; `besides` are facts of no profile.
    """

    async def hear(body: dict[str, Any]) -> Hearing:
        return await tell(call, body["consumer_id"], _ids(body, facts_in), besides)

    return await hearing.answered(outcome, hear)


async def tell(
    call: Call, consumer_id: str, fact_ids: Sequence[str], besides: Sequence[Heard] = ()
) -> Hearing:
    """Tell compliance facts as they stand in the profile now, and others."""
    stream = profiles.stream(consumer_id)
    reading = await call.foundation.store.load(call.tenant, [stream])
    loaded = reading.streams.get(stream, LoadedStream())
    profile: profiles.Profile = rebuild(profiles.PROFILES, loaded)
    keys = [key for each in fact_ids for key in (each, profiles.automated_key(each))]
    kept = {key: profile.facts[key] for key in keys if key in profile.facts}
    heard = [heard_of(consumer_id, fact_id, each) for fact_id, each in kept.items()]
    return await hearing.tell(call, [*besides, *heard], reading.system_now)


def heard_of(consumer_id: str, fact_id: str, kept: profiles.KeptFact) -> Heard:
    """Write a fact as compliance takes it."""
    return Heard(
        fact_id=fact_id,
        consumer_id=consumer_id,
        source_stream=profiles.stream(consumer_id),
        source_version=kept.version,
        fact=msgspec.to_builtins(kept.fact),
    )


def _ids(body: Mapping[str, Any], facts_in: str) -> list[str]:
    found = body[facts_in]
    return [found] if isinstance(found, str) else list(found)
