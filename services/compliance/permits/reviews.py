"""Decide on a call beyond the frequencies whose purpose may rebut the presumption of a violation.

The decision is a fact at the consumer's gate: it names the key that gave it, holds for one call
with that purpose, and lapses. Everything else about the call is judged as ever.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.compliance.permits import views
from services.compliance.permits.domain import GATES, commands, refusals, stream
from services.compliance.permits.filters import AccountFilter, ConsumerFilter
from services.compliance.rules.facts import CALL_REVIEW_HOURS_MAX, CallReview, Fact
from shared.eventstore import codec
from shared.eventstore.transact import Issue, Moment
from shared.http.call import CurrentCall
from shared.http.fields import StrictBody, TypeId
from shared.http.filters import PeriodFilter, given
from shared.http.pagination import Page, Paging
from shared.http.problem import Problem
from shared.http.routing import Router
from shared.kernel.errors import InvariantViolated

router = Router(tag="call reviews")

ACCOUNTS_MAX = 20

Decision = Literal["approved", "refused"]
ReviewId = Annotated[str, Path(), TypeId("dec")]


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
    """The decision as it was recorded. It holds until `expires_at`, for one call."""

    object: Literal["call_review"] = "call_review"
    id: str
    consumer_id: str
    account_ids: list[str]
    party_id: str | None
    factor: str
    decision: Decision
    reviewer_id: str
    reviewed_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, review_id: str, consumer_id: str, fact: CallReview) -> "ReviewAnswer":
        """Show a review."""
        return cls(
            id=review_id,
            consumer_id=consumer_id,
            account_ids=list(fact.account_ids),
            party_id=fact.party_id,
            factor=fact.factor,
            decision=fact.decision,
            reviewer_id=fact.reviewer_id,
            reviewed_at=fact.reviewed_at,
            expires_at=fact.expires_at,
        )


class Reviewed:
    """Whose calls were reviewed, and how that was decided."""

    def __init__(
        self,
        consumer_id: ConsumerFilter = None,
        account_id: AccountFilter = None,
        decision: Decision | None = None,
    ) -> None:
        self.filters = given(consumer_id=consumer_id, account_id=account_id, decision=decision)


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
        [issue], lambda outcome: ReviewAnswer.of(review_id, body.consumer_id, taken[0])
    )


@router.get("/call-reviews", scope="permits:read", response_model=Page[ReviewAnswer])
async def list_call_reviews(
    call: CurrentCall,
    paging: Paging,
    period: PeriodFilter,
    reviewed: Annotated[Reviewed, Depends()],
) -> Page[ReviewAnswer]:
    """List the decisions on calls beyond the frequencies, newest first: all, or those asked for."""
    filters = {**reviewed.filters, **period.filters}
    return await call.page(
        paging,
        operation="list_call_reviews",
        filters=filters,
        query=lambda after: views.call_reviews(filters, after, paging.limit + 1),
        show=lambda row: ((row["recorded_at"].isoformat(), row["fact_key"]), _shown(row)),
    )


@router.get("/call-reviews/{review_id}", scope="permits:read", response_model=ReviewAnswer)
async def get_call_review(review_id: ReviewId, call: CurrentCall) -> ReviewAnswer:
    """Read the decision on one call as it was recorded."""
    rows = await call.rows(views.call_review(review_id))
    if not rows:
        raise Problem("not-found")
    return _shown(rows[0])


def _shown(row: Any) -> ReviewAnswer:
    fact: Fact = codec.decode(Fact, row["fact"])  # type: ignore[arg-type]
    if not isinstance(fact, CallReview):
        raise InvariantViolated("this fact is no call review")
    return ReviewAnswer.of(row["fact_key"], row["consumer_id"], fact)
