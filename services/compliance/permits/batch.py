"""Many permit requests in one call, as a dialer makes them: each is decided as if it came alone.

There is no all or nothing: an item has a decision, or a problem of its own. Repeated under the same
key, the call answers what is on record and decides the rest.
"""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.compliance.permits.bodies import ContactBody, DecisionAnswer
from services.compliance.permits.requesting import requested
from shared.eventstore.store import StoreUnavailable
from shared.eventstore.transact import Outcome
from shared.http.call import Call, CurrentCall
from shared.http.fields import StrictBody
from shared.http.problem import Problem, problem_of
from shared.http.routing import Router
from shared.kernel.errors import ConcurrencyConflict
from shared.telemetry.logging import get_logger

BATCH_MAX = 500

log = get_logger(__name__)

router = Router(tag="permits")


class BatchBody(StrictBody):
    """Intended contacts, each asking for a permit of its own."""

    requests: Annotated[list[ContactBody], Field(min_length=1, max_length=BATCH_MAX)]


class ItemProblem(BaseModel):
    """Why one request has no decision. A retryable one is tried again with the whole call."""

    code: str
    title: str
    detail: str
    status: int
    retryable: bool


class ItemAnswer(BaseModel):
    """What became of one request: its decision, or the problem that it met."""

    decision: DecisionAnswer | None
    problem: ItemProblem | None


class BatchAnswer(BaseModel):
    """An item for each request, in their order. An item without a decision is no leave."""

    object: Literal["permit_batch"] = "permit_batch"
    data: list[ItemAnswer]


@router.post(
    "/permits:batch",
    scope="permits:write",
    service=("contact",),
    status_code=201,
    response_model=BatchAnswer,
)
async def request_permits(body: BatchBody, call: CurrentCall) -> Response:
    """Ask for many permits in one call. Each is decided by itself and may be vetoed by itself.

    Requests of one consumer are decided one after another. A call that was answered in part is
    repeated with the same body under the same key: what is on record is answered as it was.
    """
    # What was asked under this key before shows in its first item, before any other is decided.
    first = await requested(call.part(0), body.requests[0])
    others = (
        _met(call.part(number), each) for number, each in enumerate(body.requests[1:], start=1)
    )
    outcomes = [first, *await asyncio.gather(*others)]
    is_replayed = all(isinstance(each, Outcome) and each.replayed for each in outcomes)
    answer = {"object": "permit_batch", "data": [_item(each) for each in outcomes]}
    return Response(
        msgspec.json.encode(answer),
        status_code=201,
        media_type="application/json",
        headers={"Idempotent-Replayed": "true"} if is_replayed else {},
    )


async def _met(call: Call, body: ContactBody) -> Outcome | Problem:
    try:
        return await requested(call, body)
    except StoreUnavailable:
        return Problem("unavailable")
    except (ConcurrencyConflict, Problem) as error:
        return problem_of(error)
    except Exception as error:  # noqa: BLE001 - what one brings down takes no other with it
        log.error("permit-request-failed", consumer_id=body.consumer_id, error=error)
        return Problem("internal")


def _item(outcome: Outcome | Problem) -> dict[str, Any]:
    if isinstance(outcome, Outcome) and outcome.answer is not None:
        return {"decision": msgspec.Raw(outcome.answer.body), "problem": None}
    problem = outcome if isinstance(outcome, Problem) else Problem("internal")
    shown = ItemProblem(
        code=problem.code,
        title=problem.entry.title,
        detail=problem.detail,
        status=problem.status_code,
        retryable=problem.entry.retryable,
    )
    return {"decision": None, "problem": shown.model_dump()}
