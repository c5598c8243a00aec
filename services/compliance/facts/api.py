"""Hearing "stop": a service that recorded a protective statement says so here, synchronously.

Once this has answered, no permit of its scope is redeemed. The event itself is the durable second
path; both name the fact by the same key, stream and version, so the second changes nothing.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast

import msgspec
from fastapi import Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.compliance.facts.recording import Stated, record_fact, release_fact
from services.compliance.rules.facts import Fact
from shared.http.call import CurrentCall
from shared.http.fields import ShortText, StrictBody, TypeId
from shared.http.problem import FieldError, Problem
from shared.http.routing import Router
from shared.kernel.records import replace

router = Router(tag="protective facts")

FactId = Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


class FactBody(StrictBody):
    """A fact, as of a version of the stream that states it."""

    consumer_id: Annotated[str, TypeId("cns")]
    source_stream: Annotated[str, Field(max_length=100, pattern=r"^[a-z]+-[0-9a-z_]+$")]
    source_version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    fact: dict[str, Any]


class ReleaseBody(StrictBody):
    """Who ended a fact and why, as of a version of the stream that says so."""

    consumer_id: Annotated[str, TypeId("cns")]
    source_stream: Annotated[str, Field(max_length=100, pattern=r"^[a-z]+-[0-9a-z_]+$")]
    source_version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    released_by: Annotated[str, ShortText(100)]
    reason: Annotated[str, ShortText(200)]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class Effective(BaseModel):
    """The fact is in force, for everyone who owes the debt where it is about one."""

    object: Literal["protective_fact"] = "protective_fact"
    id: str
    effective: Literal[True] = True


@router.put(
    "/protective-facts/{fact_id}",
    service=("contact", "disputes", "ledger"),
    response_model=Effective,
    status_code=201,
)
async def put_protective_fact(fact_id: FactId, body: FactBody, call: CurrentCall) -> Response:
    """Put a protective fact into force."""
    fact = _fact(body.fact)
    return await call.change(
        record_fact(
            Stated(
                fact_key=fact_id,
                source_stream=body.source_stream,
                source_version=body.source_version,
                consumer_ids=(body.consumer_id,),
            ),
            fact,
        ),
        lambda outcome: Effective(id=fact_id),
    )


@router.put(
    "/protective-facts/{fact_id}/release",
    service=("contact", "disputes", "ledger"),
    response_model=Effective,
)
async def release_protective_fact(
    fact_id: FactId, body: ReleaseBody, call: CurrentCall
) -> Response:
    """End a protective fact; a release that comes before its fact wins."""
    stated = Stated(
        fact_key=fact_id,
        source_stream=body.source_stream,
        source_version=body.source_version,
        consumer_ids=(body.consumer_id,),
    )
    issues = release_fact(
        stated, released_by=body.released_by, reason=body.reason, digest=body.digest
    )
    return await call.change(issues, lambda outcome: Effective(id=fact_id), status=200)


def _fact(given: dict[str, Any]) -> Fact:
    try:
        fact: Fact = msgspec.convert(given, Fact, strict=False)
        return _in_utc(fact)
    except (msgspec.ValidationError, ValueError, OverflowError):
        error = FieldError(code="fact", pointer="/fact", detail="Give a fact of a known kind.")
        raise Problem("validation-failed", errors=[error]) from None


def _in_utc(fact: Fact) -> Fact:
    """Write the instants of a fact as they are stored; one without an offset says no time."""
    instants = {
        name: value
        for name, value in msgspec.structs.asdict(cast(msgspec.Struct, fact)).items()
        if isinstance(value, datetime)
    }
    if any(each.tzinfo is None for each in instants.values()):
        raise ValueError("an instant without an offset")
    return replace(fact, **{name: each.astimezone(UTC) for name, each in instants.items()})
