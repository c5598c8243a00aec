"""Attempts over HTTP: ask, dispatch a call, report, give up, read."""

import time
from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from fastapi import Path, Query
from starlette.responses import Response

from services.contact.attempts import domain as attempts
from services.contact.attempts import views
from services.contact.attempts.answers import (
    AttemptAnswer,
    AttemptDecided,
    DispatchAnswer,
    DispatchClaim,
    ObjectionAnswer,
    OutcomeAnswer,
)
from services.contact.attempts.asking import aim_at, ask, content_of, decided
from services.contact.attempts.bodies import AttemptBody, OutcomeBody
from services.contact.attempts.calling import CallDispatch, Leave
from services.contact.attempts.concluding import conclusion, disputed, require_theirs
from services.contact.attempts.domain import commands, refusals
from services.contact.attempts.domain.deciding import NO_SUCH_ATTEMPT
from services.contact.attempts.jobs import RemoteGate, SealedDesk, StoredAttempts
from services.contact.permit_client import Permits
from services.contact.profiles import views as profile_views
from services.contact.profiles.domain import refusals as profile_refusals
from services.contact.profiles.hearing import answered
from shared.eventstore.transact import Context, Issue, Moment, Outcome
from shared.http.call import Call, CurrentCall
from shared.http.fields import TypeId
from shared.http.hearing import compliance_for, later
from shared.http.pagination import Page, Paging
from shared.http.routing import Router

router = Router(tag="attempts")

AttemptId = Annotated[str, Path(), TypeId("att")]
AccountQuery = Annotated[str | None, Query(), TypeId("acct")]
ConsumerQuery = Annotated[str | None, Query(), TypeId("cns")]


@router.post(
    "/attempts",
    scope="attempts:write",
    status_code=201,
    response_model=AttemptDecided,
    problems=(
        profile_refusals.AccountNotFound,
        refusals.NotThatParty,
        refusals.ContentMissing,
        refusals.ContentUnexpected,
        profile_refusals.ContactPointNotFound,
        profile_refusals.MediumDoesNotFit,
    ),
)
async def request_attempt(body: AttemptBody, call: CurrentCall) -> Response:
    """Ask to reach a party now. A permitted e-mail is sent at once; a call is yours to dispatch."""
    if await _is_recorded(call):
        return await call.change([], _never)
    aim = await aim_at(call, body)
    content = await content_of(call, aim, body)
    decision = await ask(call, Permits(compliance_for(call)), aim, body)
    issue = decided(decision, aim, content, call.caller.actor)

    def answer(outcome: Outcome) -> AttemptDecided:
        return AttemptDecided.by(decision, outcome.state(issue.stream), outcome.now)

    return await call.change([issue], answer)


@router.post(
    "/attempts/{attempt_id}/dispatch",
    scope="attempts:write",
    response_model=DispatchAnswer,
    problems=(
        refusals.AttemptNotFound,
        refusals.AttemptVetoedBefore,
        refusals.AttemptIsOver,
        refusals.DispatchAlreadyStarted,
        refusals.NotForAgents,
    ),
)
async def dispatch_attempt(attempt_id: AttemptId, call: CurrentCall) -> Response:
    """Use the permit of a call and get the number to dial, once and for a minute."""
    await _relate(call, attempt_id)
    dispatch_id = call.ids.new("req")
    issue = _issue(
        attempt_id,
        lambda moment: commands.StartDispatch(
            dispatch_id=dispatch_id, channel="call", now=moment.now
        ),
    )
    claim = DispatchClaim(attempt_id=attempt_id, dispatch_id=dispatch_id)
    outcome = await call.decide([issue], lambda outcome: claim, status=200)
    return await _leave(call, outcome)


@router.post(
    "/attempts/{attempt_id}/outcome",
    scope="attempts:write",
    status_code=201,
    response_model=OutcomeAnswer,
    openapi_extra=later(OutcomeAnswer),
    problems=(
        refusals.AttemptNotFound,
        refusals.OutcomeDoesNotFit,
        refusals.OutcomeOnRecord,
        refusals.InTheFuture,
        refusals.EndsBeforeItStarts,
        refusals.AccountNotTheirs,
        profile_refusals.AccountNotFound,
        profile_refusals.AccountNotOfConsumer,
    ),
)
async def report_outcome(attempt_id: AttemptId, body: OutcomeBody, call: CurrentCall) -> Response:
    """Say what came of an attempt. What the person stated with it is in force once this is 201."""
    attempt = await _relate(call, attempt_id)
    await require_theirs(call, attempt, body)
    issues, fact_ids = await conclusion(call, attempt, body)

    def answer(outcome: Outcome) -> OutcomeAnswer:
        return OutcomeAnswer(
            attempt_id=attempt_id,
            consumer_id=attempt.target.consumer_id,
            outcome=body.outcome,
            conversation=body.outcome in attempts.outcomes.CONVERSATIONS,
            statements=fact_ids,
            dispute_id=attempts.outcomes.dispute_id(attempt_id, body.outcome),
        )

    outcome = await call.decide(issues, answer)
    besides = disputed(await _found(call, attempt_id), body.outcome, outcome.now)
    return await answered(call, outcome, facts_in="statements", besides=besides)


@router.post(
    "/attempts/{attempt_id}/cancel",
    scope="attempts:write",
    response_model=AttemptAnswer,
    problems=(
        refusals.AttemptNotFound,
        refusals.AttemptVetoedBefore,
        refusals.AttemptIsOver,
        refusals.DispatchAlreadyStarted,
    ),
)
async def cancel_attempt(attempt_id: AttemptId, call: CurrentCall) -> Response:
    """Give an attempt up; its permit goes back, and a queued e-mail is not sent."""
    await _relate(call, attempt_id)
    issue = _issue(
        attempt_id, lambda moment: commands.CancelAttempt(reason="not_needed", now=moment.now)
    )

    def answer(outcome: Outcome) -> AttemptAnswer:
        return AttemptAnswer.of(outcome.state(issue.stream), outcome.now)

    return await call.change([issue], answer, status=200)


@router.get("/attempts", scope="attempts:read", response_model=Page[AttemptAnswer])
async def list_attempts(
    call: CurrentCall,
    paging: Paging,
    account_id: AccountQuery = None,
    consumer_id: ConsumerQuery = None,
    channel: Literal["call", "email"] | None = None,
    decision: Literal["permit", "defer", "review", "deny"] | None = None,
) -> Page[AttemptAnswer]:
    """List attempts, newest first."""
    given = {
        "account_id": account_id,
        "consumer_id": consumer_id,
        "channel": channel,
        "decision": decision,
    }
    filters = {name: value for name, value in given.items() if value is not None}
    now = (await call.foundation.store.load(call.tenant, [])).now
    return await call.page(
        paging,
        operation="list_attempts",
        filters=filters,
        query=lambda after: views.listed(filters, after, paging.limit + 1),
        show=lambda row: ((row["attempt_id"],), AttemptAnswer.of_row(row, now)),
    )


@router.get(
    "/attempts/{attempt_id}",
    scope="attempts:read",
    response_model=AttemptAnswer,
    problems=(refusals.AttemptNotFound,),
)
async def get_attempt(attempt_id: AttemptId, call: CurrentCall) -> AttemptAnswer:
    """Read an attempt as it stands now."""
    now = (await call.foundation.store.load(call.tenant, [])).now
    return AttemptAnswer.of(await _found(call, attempt_id), now)


async def _found(call: Call, attempt_id: str) -> attempts.Attempt:
    attempt: attempts.Attempt
    (attempt,) = await call.states((attempts.stream(attempt_id), attempts.ATTEMPTS))
    if attempt.phase == "absent":
        raise refusals.AttemptNotFound(NO_SUCH_ATTEMPT)
    return attempt


async def _relate(call: Call, attempt_id: str) -> attempts.Attempt:
    attempt = await _found(call, attempt_id)
    rows = await call.rows(profile_views.account(attempt.target.account_ids[0]))
    if rows:
        call.about(rows[0]["correlation_id"], rows[0]["traceparent"])
    return attempt


async def _leave(call: Call, outcome: Outcome) -> Response:
    if outcome.answer is None:
        raise LookupError("the outcome has no answer")
    claim = msgspec.json.decode(outcome.answer.body)
    metadata = call.context.metadata
    dispatch = CallDispatch(
        log=StoredAttempts(call.foundation, Context(tenant=call.tenant, metadata=metadata)),
        gate=RemoteGate(Permits(compliance_for(call))),
        book=SealedDesk(call.foundation, call.tenant),
        timer=time.monotonic,
    )
    leave = await dispatch.run(claim["attempt_id"], claim["dispatch_id"])
    headers = {"Idempotent-Replayed": "true"} if outcome.replayed else {}
    content = _shown(claim["attempt_id"], leave).model_dump_json()
    return Response(content, media_type="application/json", headers=headers)


def _shown(attempt_id: str, leave: Leave) -> DispatchAnswer:
    return DispatchAnswer(
        attempt_id=attempt_id,
        decision=leave.decision,
        to=leave.number,
        dial_before=leave.dial_before,
        rules=list(leave.rules),
        objections=[ObjectionAnswer.of(each) for each in leave.objections],
    )


async def _is_recorded(call: Call) -> bool:
    reading = await call.foundation.store.load(call.tenant, [], idempotency=call.idempotency)
    return reading.recorded is not None


def _never(outcome: Outcome) -> AttemptDecided:
    raise LookupError("a recorded answer was expected")


def _issue(attempt_id: str, command: Callable[[Moment], commands.Command]) -> Issue:
    return Issue(stream=attempts.stream(attempt_id), decider=attempts.ATTEMPTS, command=command)
