"""Hearing "stop": what was recorded here is told to compliance before anybody is answered.

The answer `201 effective` means that compliance has committed it and redeems nothing against it.
Otherwise the answer is `202` with the instant from which compliance gives no leave without having
read our feed. Whether it is in force is never part of a stored answer: a repeat tells it again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pydantic import BaseModel
from starlette.responses import Response

from shared.eventstore.transact import Outcome
from shared.http import exchange
from shared.http.call import Call, rendered
from shared.http.compliance_client import Compliance, ComplianceClient
from shared.kernel.records import record, replace
from shared.telemetry import metrics

HEARD_LATER = 202


@record
class Heard:
    """A protective fact, as of a version of the stream that states it; `fact` is its wire form."""

    fact_id: str
    consumer_id: str
    source_stream: str
    source_version: int
    fact: dict[str, Any]

    @property
    def statement(self) -> dict[str, Any]:
        """The body with which compliance is told."""
        return {
            "consumer_id": self.consumer_id,
            "source_stream": self.source_stream,
            "source_version": self.source_version,
            "fact": self.fact,
        }


def hold_for(dispute: Heard) -> Heard:
    """Return the hold that an open dispute is told with, whatever the law lets go on meanwhile.

    The ledger places the same hold once it reads of the dispute; this one binds at once.
    """
    suffix = dispute.fact_id.rpartition("_")[2]
    hold = {
        "kind": "account-hold",
        "account_id": dispute.fact["account_id"],
        "hold_id": f"hold_{suffix}",
        "reason": "dispute",
    }
    return replace(dispute, fact_id=f"hold-{dispute.fact_id}", fact=hold)


@record
class Hearing:
    """Whether compliance holds everything, else by when it binds, in real time."""

    effective: bool
    effective_by: datetime | None = None


def later(model: type[BaseModel]) -> dict[str, Any]:
    """Describe the same answer while compliance does not hold the statement yet."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    described = {
        "description": "Recorded; it binds by `effective_by` at the latest.",
        "content": {"application/json": {"schema": schema}},
    }
    return {"responses": {str(HEARD_LATER): described}}


def compliance_for(call: Call) -> Compliance:
    """Return compliance as this request speaks to it."""
    return _client(call).speaking_for(call.foundation.signer, call.tenant, call.context.metadata)


async def tell(call: Call, heard: Sequence[Heard], system_now: datetime) -> Hearing:
    """Tell compliance facts, all at once."""
    compliance = compliance_for(call)
    told = await asyncio.gather(
        *(compliance.put_fact(each.fact_id, each.statement) for each in heard)
    )
    metrics.STATEMENTS_UNTOLD.add(told.count(False), {})
    if all(told):
        if heard and (known := exchange.of(call.request.scope)):
            seconds = time.perf_counter() - known.started
            metrics.CEASE_TO_SILENCE.record(seconds, {"forbear.path": "told"})
        return Hearing(effective=True)
    bound = timedelta(seconds=_client(call).staleness_s)
    return Hearing(effective=False, effective_by=system_now + bound)


async def answered(
    outcome: Outcome, hear: Callable[[dict[str, Any]], Awaitable[Hearing]]
) -> Response:
    """Answer once compliance has heard; `hear` tells it what the answer's body is about."""
    status: list[int] = []

    async def reveal(body: dict[str, Any]) -> dict[str, Any]:
        hearing = await hear(body)
        if not hearing.effective:
            status.append(HEARD_LATER)
        return {**body, **msgspec.to_builtins(hearing)}

    response = await rendered(outcome, reveal)
    response.status_code = status[0] if status else response.status_code
    return response


def _client(call: Call) -> ComplianceClient:
    client: ComplianceClient = call.request.app.state.compliance
    return client
