"""Disputes over HTTP: open, acknowledge, answer, resolve, read."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from starlette.responses import Response

from services.disputes.disputes import domain as disputes
from services.disputes.disputes import views
from services.disputes.disputes.answers import DisputeAnswer, DisputeHeard, Version, state_of
from services.disputes.disputes.bodies import (
    AnswerBody,
    DisputeBody,
    ResolutionBody,
    StatusFilter,
)
from services.disputes.disputes.domain import commands, refusals
from services.disputes.disputes.hearing import answered
from shared.eventstore.transact import Issue, Moment, Outcome
from shared.http.call import Call, CurrentCall
from shared.http.fields import TypeId
from shared.http.hearing import later
from shared.http.pagination import Page, Paging
from shared.http.routing import Router
from shared.kernel.money import Money
from shared.kernel.sealed import Sealed

router = Router(tag="disputes")

DisputeId = Annotated[str, Path(), TypeId("dsp")]


@router.post(
    "/disputes",
    scope="disputes:write",
    status_code=201,
    response_model=DisputeHeard,
    openapi_extra=later(DisputeHeard),
    problems=(
        refusals.AccountNotFound,
        refusals.NotOnAccount,
        refusals.InTheFuture,
        refusals.AmountUnexpected,
    ),
)
async def open_dispute(body: DisputeBody, call: CurrentCall) -> Response:
    """Open a dispute. `201`: nothing that collects what is disputed is let through any more."""
    consumer_ids = await _consumers(call, body)
    dispute_id = call.ids.new("dsp")
    statement = await _sealed(call, consumer_ids[0], "statement", body.text)
    issue = _issue(dispute_id, _opening(call, dispute_id, body, consumer_ids, statement))
    return await answered(call, await call.decide([issue], _heard(dispute_id)))


@router.post(
    "/disputes/{dispute_id}/acknowledge",
    scope="disputes:write",
    response_model=DisputeAnswer,
    problems=(refusals.DisputeNotFound, refusals.DisputeIsResolved),
)
async def acknowledge_dispute(dispute_id: DisputeId, call: CurrentCall) -> Response:
    """Note that the person was told of the receipt."""
    await _relate(call, dispute_id)
    issue = _issue(
        dispute_id,
        lambda moment: commands.AcknowledgeDispute(
            acknowledged_by=call.caller.actor, now=moment.now
        ),
    )
    return await call.change([issue], _shown(dispute_id), status=200)


@router.post(
    "/disputes/{dispute_id}/answer",
    scope="disputes:write",
    status_code=201,
    response_model=DisputeHeard,
    openapi_extra=later(DisputeHeard),
    problems=(
        refusals.DisputeNotFound,
        refusals.AnswerDoesNotFit,
        refusals.AnswerOnRecord,
        refusals.DisputeIsResolved,
        refusals.InTheFuture,
        refusals.SentTooEarly,
    ),
)
async def answer_dispute(dispute_id: DisputeId, body: AnswerBody, call: CurrentCall) -> Response:
    """Note what was sent to the person; once compliance holds it, collection may go on."""
    await _relate(call, dispute_id)
    issue = _issue(
        dispute_id,
        lambda moment: commands.AnswerDispute(
            answer=body.answer,
            sent_at=body.sent_at,
            answered_by=call.caller.actor,
            now=moment.now,
        ),
    )
    return await answered(call, await call.decide([issue], _heard(dispute_id)))


@router.post(
    "/disputes/{dispute_id}/resolve",
    scope="disputes:write",
    response_model=DisputeAnswer,
    problems=(refusals.DisputeNotFound, refusals.AnswerRequired, refusals.DisputeIsResolved),
)
async def resolve_dispute(
    dispute_id: DisputeId, body: ResolutionBody, call: CurrentCall
) -> Response:
    """Bring a dispute to an end. It is denied only after an answer is on record."""
    dispute = await _relate(call, dispute_id)
    note = await _sealed(call, dispute.consumer_ids[0], "note", body.note)
    issue = _issue(
        dispute_id,
        lambda moment: commands.ResolveDispute(
            resolution=body.resolution,
            resolved_by=call.caller.actor,
            note=note,
            now=moment.now,
        ),
    )
    return await call.change([issue], _shown(dispute_id), status=200)


@router.get("/disputes", scope="disputes:read", response_model=Page[DisputeAnswer])
async def list_disputes(
    call: CurrentCall,
    paging: Paging,
    account_id: Annotated[str | None, Query(), TypeId("acct")] = None,
    consumer_id: Annotated[str | None, Query(), TypeId("cns")] = None,
    status: StatusFilter | None = None,
    kind: Literal["dispute", "original_creditor_request"] | None = None,
) -> Page[DisputeAnswer]:
    """List disputes, newest first."""
    given = {"account_id": account_id, "consumer_id": consumer_id, "status": status, "kind": kind}
    filters = {name: value for name, value in given.items() if value is not None}
    return await call.page(
        paging,
        operation="list_disputes",
        filters=filters,
        query=lambda after: views.listed(filters, after, paging.limit + 1),
        show=lambda row: ((row["dispute_id"],), DisputeAnswer.of_row(row)),
    )


@router.get(
    "/disputes/{dispute_id}",
    scope="disputes:read",
    response_model=DisputeAnswer,
    problems=(refusals.DisputeNotFound,),
)
async def get_dispute(dispute_id: DisputeId, call: CurrentCall) -> DisputeAnswer:
    """Read a dispute as it stands now."""
    return DisputeAnswer.of(await _found(call, dispute_id))


async def _consumers(call: Call, body: DisputeBody) -> tuple[str, ...]:
    rows = await call.rows(views.account(body.account_id))
    if not rows:
        raise refusals.AccountNotFound("no such account is known here", pointer="/account_id")
    call.about(rows[0]["correlation_id"], rows[0]["traceparent"])
    consumer_ids = tuple(rows[0]["consumer_ids"])
    if body.consumer_id is not None and body.consumer_id not in consumer_ids:
        raise refusals.NotOnAccount("the consumer is not on the account", pointer="/consumer_id")
    return consumer_ids


def _opening(
    call: Call,
    dispute_id: str,
    body: DisputeBody,
    consumer_ids: tuple[str, ...],
    statement: Sealed | None,
) -> Callable[[Moment], commands.OpenDispute]:
    amount = None
    if body.disputed_amount_minor is not None:
        amount = Money(amount=body.disputed_amount_minor, currency=body.currency)
    return lambda moment: commands.OpenDispute(
        dispute_id=dispute_id,
        account_id=body.account_id,
        consumer_ids=consumer_ids,
        kind=body.kind,
        in_writing=body.in_writing,
        opened_by=call.caller.actor,
        received_at=body.received_at,
        disputed_amount=amount,
        grounds=body.grounds,
        statement=statement,
        timely=body.timely,
        disputed_by=body.consumer_id,
        says_the_same=body.says_the_same,
        brings_new=body.brings_new,
        now=moment.now,
    )


def _heard(dispute_id: str) -> Callable[[Outcome], DisputeHeard]:
    stream = disputes.stream(dispute_id)
    return lambda outcome: DisputeHeard(
        seen=Version(stream=stream, version=outcome.versions[stream]),
        **state_of(outcome.state(stream)),
    )


def _shown(dispute_id: str) -> Callable[[Outcome], DisputeAnswer]:
    return lambda outcome: DisputeAnswer.of(outcome.state(disputes.stream(dispute_id)))


async def _found(call: Call, dispute_id: str) -> disputes.Dispute:
    dispute: disputes.Dispute
    (dispute,) = await call.states((disputes.stream(dispute_id), disputes.DISPUTES))
    if dispute.status == "absent":
        raise refusals.DisputeNotFound("there is no such dispute")
    return dispute


async def _relate(call: Call, dispute_id: str) -> disputes.Dispute:
    dispute = await _found(call, dispute_id)
    rows = await call.rows(views.account(dispute.account_id))
    if rows:
        call.about(rows[0]["correlation_id"], rows[0]["traceparent"])
    return dispute


def _issue(dispute_id: str, command: Any) -> Issue:
    return Issue(stream=disputes.stream(dispute_id), decider=disputes.DISPUTES, command=command)


async def _sealed(call: Call, subject: str, field: str, text: str | None) -> Sealed | None:
    if text is None:
        return None
    return await call.foundation.sealer.seal(call.tenant, subject, field, text)
