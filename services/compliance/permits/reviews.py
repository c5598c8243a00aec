"""Decide on a call beyond the frequencies whose purpose may rebut the presumption of a violation.

The decision is a fact at the consumer's gate: it names the key that gave it, holds for one call
with that purpose, and lapses. Everything else about the call is judged as ever.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from starlette.responses import Response

from services.compliance.permits.domain import GATES, commands, refusals, stream
from services.compliance.rules.facts import CALL_REVIEW_HOURS_MAX, CallReview
from shared.eventstore.transact import Issue, Moment
from shared.http.call import CurrentCall
from shared.http.fields import StrictBody, TypeId
from shared.http.routing import Router

router = Router(tag="call reviews")

ACCOUNTS_MAX = 20

Decision = Literal["approved", "refused"]


class ReviewBody(StrictBody):
    """A decision on one call to a person about some accounts, for a purpose that was looked at."""

    consumer_id: Annotated[str, TypeId("cns")]
    account_ids: Annotated[
        list[Annotated[str, TypeId("acct")]], Field(min_length=1, max_length=ACCOUNTS_MAX)
    ]
    party_id: Annotated[str, TypeId("pty")] | None = None
    factor: Literal[
        "required_by_law",
        "mortgage_servicing_notice",
        "active_litigation",
        "requested_information",
        "avoid_time_critical_effect",
    ]
    decision: Decision
    valid_hours: Annotated[int, Field(ge=1, le=CALL_REVIEW_HOURS_MAX)] = 24


class ReviewAnswer(BaseModel):
    """The decision as it was recorded."""

    object: Literal["call_review"] = "call_review"
    id: str
    consumer_id: str
    factor: str
    decision: Decision
    reviewer_id: str
    reviewed_at: datetime
    expires_at: datetime


@router.post(
    "/call-reviews",
    scope="permits:review",
    response_model=ReviewAnswer,
    status_code=201,
    problems=(refusals.AccountNotFound,),
)
async def review_call(body: ReviewBody, call: CurrentCall) -> Response:
    """Approve or refuse one call that was answered with `review`."""
    review_id = call.ids.new("dec")
    taken: list[CallReview] = []

    def command(moment: Moment) -> commands.RecordFact:
        fact = CallReview(
            factor=body.factor,
            decision=body.decision,
            reviewer_id=call.caller.actor,
            reviewed_at=moment.now,
            expires_at=moment.now + timedelta(hours=body.valid_hours),
            account_ids=tuple(body.account_ids),
            party_id=body.party_id,
        )
        taken[:] = [fact]
        return commands.RecordFact(
            consumer_id=body.consumer_id,
            fact_key=review_id,
            source_stream=f"review-{review_id}",
            source_version=1,
            fact=fact,
            now=moment.now,
            about=fact.account_ids,
        )

    issue = Issue(stream=stream(body.consumer_id), decider=GATES, command=command)
    return await call.change(
        [issue],
        lambda outcome: ReviewAnswer(
            id=review_id,
            consumer_id=body.consumer_id,
            factor=taken[0].factor,
            decision=taken[0].decision,
            reviewer_id=taken[0].reviewer_id,
            reviewed_at=taken[0].reviewed_at,
            expires_at=taken[0].expires_at,
        ),
    )
