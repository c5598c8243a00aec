"""The permit protocol over HTTP: ask, redeem at the instant of dispatch, report, give back."""

from collections.abc import Awaitable
from typing import Annotated, Literal, TypeVar

from fastapi import Path
from starlette.responses import Response

from services.compliance.permits import views
from services.compliance.permits.asking import Asking
from services.compliance.permits.bodies import (
    ContactBody,
    DecisionAnswer,
    ObjectionAnswer,
    OutcomeBody,
    PermitAnswer,
    PreviewAnswer,
    RedemptionAnswer,
    ReleaseBody,
    UnpermittedAnswer,
    UnpermittedBody,
)
from services.compliance.permits.domain import GATES, commands, events, refusals, stream
from services.compliance.permits.filters import ConsumerFilter, Wanted
from services.compliance.permits.measuring import measured
from services.compliance.permits.requesting import decision_of, requested
from shared.eventstore.transact import Issue, Moment, Outcome
from shared.http.call import Call, CurrentCall, rendered
from shared.http.fields import TypeId
from shared.http.filters import given
from shared.http.pagination import Page, PageRequest, Paging
from shared.http.problem import Problem
from shared.http.routing import Router
from shared.kernel.errors import InvariantViolated
from shared.telemetry.logging import get_logger

router = Router(tag="permits")
log = get_logger(__name__)
T = TypeVar("T")

PermitId = Annotated[str, Path(), TypeId("prm")]
ConsumerPath = Annotated[str, Path(), TypeId("cns")]


@router.post(
    "/permits",
    scope="permits:write",
    service=("contact",),
    status_code=201,
    response_model=DecisionAnswer,
)
async def request_permit(body: ContactBody, call: CurrentCall) -> Response:
    """Ask for leave to make one contact attempt. A veto is an answer, not an error."""
    return await rendered(await requested(call, body))


@router.post(
    "/permits:preview",
    scope="permits:read",
    service=("contact",),
    takes_key=False,
    response_model=PreviewAnswer,
)
async def preview_permit(body: ContactBody, call: CurrentCall) -> PreviewAnswer:
    """Decide as for a permit, and record and reserve nothing. It is no leave to contact anyone."""
    asking = await Asking.prepare(call, body)
    issue = Issue(
        stream=stream(body.consumer_id),
        decider=GATES,
        command=lambda moment: asking.permit(moment, permit_id="preview"),
    )
    outcome = await call.foundation.transactor.consider(
        call.context, [issue], guards=asking.guards, parked_key=body.consumer_id
    )
    return PreviewAnswer.of(decision_of(outcome))


@router.post(
    "/permits/{permit_id}/redeem",
    scope="permits:write",
    service=("contact",),
    response_model=RedemptionAnswer,
    problems=(refusals.PermitUnknown, refusals.NoPermit),
)
async def redeem_permit(permit_id: PermitId, body: ContactBody, call: CurrentCall) -> Response:
    """Use a permit at the instant of dispatch; the whole decision is made again."""
    asking = await Asking.prepare(call, body)
    redemption_id = call.ids.new("dec")
    issue = Issue(
        stream=stream(body.consumer_id),
        decider=GATES,
        command=lambda moment: asking.redemption(moment, permit_id, redemption_id),
    )
    deciding = call.decide(
        [issue], _redemption, status=200, guards=asking.guards, parked_key=body.consumer_id
    )
    measuring = measured("redemption", body.channel, deciding)
    return await rendered(await _of_permit(call, permit_id, measuring))


@router.post(
    "/permits/{permit_id}/outcome",
    scope="permits:write",
    service=("contact",),
    response_model=PermitAnswer,
    problems=(refusals.PermitUnknown, refusals.NoPermit, *refusals.OF_REPORTS),
)
async def report_outcome(permit_id: PermitId, body: OutcomeBody, call: CurrentCall) -> Response:
    """Report what came of an attempt. A later report adds to an earlier one.

    It may say that more came of it, never less: what would restrict less is refused
    (`outcome-milder`), and the same again changes nothing. A mistake is put right as what is learnt
    late: record a wrong number, or have a call reviewed.
    """
    report_id = call.ids.new("req")

    def command(moment: Moment) -> commands.ReportOutcome:
        return commands.ReportOutcome(
            consumer_id=body.consumer_id,
            permit_id=permit_id,
            report_id=report_id,
            outcome=body.outcome,
            started_at=body.started_at,
            ended_at=body.ended_at,
            discussed=tuple(body.discussed),
            raised=tuple(body.raised),
            now=moment.now,
        )

    issue = Issue(stream=stream(body.consumer_id), decider=GATES, command=command)
    changing = call.change(
        [issue], lambda outcome: PermitAnswer(id=permit_id, status="concluded"), status=200
    )
    return await _of_permit(call, permit_id, changing)


@router.post(
    "/permits/{permit_id}/release",
    scope="permits:write",
    service=("contact",),
    response_model=PermitAnswer,
    problems=(
        refusals.PermitUnknown,
        refusals.NoPermit,
        refusals.PermitUsed,
    ),
)
async def release_permit(permit_id: PermitId, body: ReleaseBody, call: CurrentCall) -> Response:
    """Give back a permit that was not used; its slot is free again."""

    def command(moment: Moment) -> commands.ReleasePermit:
        return commands.ReleasePermit(
            consumer_id=body.consumer_id, permit_id=permit_id, reason=body.reason, now=moment.now
        )

    issue = Issue(stream=stream(body.consumer_id), decider=GATES, command=command)
    changing = call.change(
        [issue], lambda outcome: PermitAnswer(id=permit_id, status="released"), status=200
    )
    return await _of_permit(call, permit_id, changing)


@router.post(
    "/unpermitted-attempts",
    scope="permits:write",
    service=("contact",),
    status_code=201,
    response_model=UnpermittedAnswer,
    problems=(refusals.OutcomeUnknown,),
)
async def report_unpermitted_attempt(body: UnpermittedBody, call: CurrentCall) -> Response:
    """Report an attempt that was made without a permit. It is recorded, counted and alarmed."""

    def command(moment: Moment) -> commands.ReportUnpermittedAttempt:
        return commands.ReportUnpermittedAttempt(
            attempt_id=body.attempt_id,
            request=body.request(),
            outcome=body.outcome,
            started_at=body.started_at,
            ended_at=body.ended_at,
            discussed=tuple(body.discussed),
            raised=tuple(body.raised),
            now=moment.now,
        )

    issue = Issue(stream=stream(body.consumer_id), decider=GATES, command=command)
    outcome = await call.decide([issue], lambda outcome: UnpermittedAnswer(id=body.attempt_id))
    if outcome.events:  # none when it was on record already
        log.error("attempt-without-permit", attempt_id=body.attempt_id, tenant=call.tenant)
    return await rendered(outcome)


@router.get("/permits/{permit_id}", scope="permits:read", response_model=views.RecordedDecision)
async def get_permit(permit_id: PermitId, call: CurrentCall) -> views.RecordedDecision:
    """Read a decision as it was recorded, and what became of the permit since."""
    now = (await call.foundation.store.load(call.tenant, [])).now
    rows = await call.rows(views.decision(permit_id))
    if not rows:
        raise Problem("not-found")
    return views.RecordedDecision.of_row(rows[0], now)


@router.get("/permits", scope="permits:read", response_model=Page[views.RecordedDecision])
async def list_permits(
    call: CurrentCall, paging: Paging, wanted: Wanted, consumer_id: ConsumerFilter = None
) -> Page[views.RecordedDecision]:
    """List the decisions about contacts, newest first: everybody's, or those that were asked for.

    `decision` is how it was decided, `status` what became of the permit by now, `rule` one that
    objected; `from` and `to` are when it was decided.
    """
    filters = {**wanted.filters, **given(consumer_id=consumer_id)}
    return await _decisions(call, paging, "list_permits", filters)


@router.get(
    "/consumers/{consumer_id}/decisions",
    scope="permits:read",
    response_model=Page[views.RecordedDecision],
)
async def list_decisions(
    consumer_id: ConsumerPath, call: CurrentCall, paging: Paging, wanted: Wanted
) -> Page[views.RecordedDecision]:
    """List the decisions about one consumer, newest first, by the same filters as all of them."""
    filters = {**wanted.filters, "consumer_id": consumer_id}
    return await _decisions(call, paging, "list_decisions", filters)


@router.get(
    "/consumers/{consumer_id}/holds",
    scope="permits:read",
    response_model=Page[views.ProtectiveFact],
)
async def list_protective_facts(
    consumer_id: ConsumerPath,
    call: CurrentCall,
    paging: Paging,
    kind: views.ProtectiveKind | None = None,
    state: Literal["active", "released"] | None = None,
) -> Page[views.ProtectiveFact]:
    """List what restricts contact with one consumer, released facts included unless left out."""
    filters = given(kind=kind, state=state)
    return await call.page(
        paging,
        operation="list_protective_facts",
        filters={"consumer_id": consumer_id, **filters},
        query=lambda after: views.facts_of(consumer_id, filters, after, paging.limit + 1),
        show=lambda row: ((row["fact_key"], row["source_stream"]), views.ProtectiveFact.of(row)),
    )


async def _of_permit(call: Call, permit_id: str, doing: Awaitable[T]) -> T:
    """Do something with a permit; where there is none because it was refused, say why it was."""
    try:
        return await doing
    except (refusals.NoPermit, refusals.PermitUnknown):
        refused = next(iter(await call.rows(views.decision(permit_id))), None)
        if refused is None or refused["status"] != "refused":
            raise
        raise refusals.NoPermit(views.why_refused(refused)) from None


async def _decisions(
    call: Call, paging: PageRequest, operation: str, filters: dict[str, str]
) -> Page[views.RecordedDecision]:
    now = (await call.foundation.store.load(call.tenant, [])).now
    return await call.page(
        paging,
        operation=operation,
        filters=filters,
        query=lambda after: views.decisions(filters, now, after, paging.limit + 1),
        show=lambda row: (
            (row["decided_at"].isoformat(), row["permit_id"]),
            views.RecordedDecision.of_row(row, now),
        ),
    )


def _redemption(outcome: Outcome) -> RedemptionAnswer:
    for _, event in outcome.events:
        match event:
            case events.PermitRedeemed():
                return RedemptionAnswer(
                    permit_id=event.permit_id,
                    is_redeemed=True,
                    redeemed_at=event.at,
                    dispatch_before=event.dispatch_before,
                    objections=[],
                )
            case events.RedemptionRefused():
                return RedemptionAnswer(
                    permit_id=event.permit_id,
                    is_redeemed=False,
                    redeemed_at=None,
                    dispatch_before=None,
                    objections=[ObjectionAnswer.of(each) for each in event.objections],
                )
    raise InvariantViolated("a redemption was not decided")
