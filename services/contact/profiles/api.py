"""Statements, consents and messages of a consumer: record them, end them, list them."""

from typing import Annotated, Any

from fastapi import Path
from starlette.responses import Response

from services.contact.profiles import views
from services.contact.profiles.accounts import require_own
from services.contact.profiles.answers import (
    ConsentRow,
    ContactPointRow,
    ReleaseAnswer,
    StatementAnswer,
    StatementRow,
)
from services.contact.profiles.bodies import (
    ReleaseBody,
    StatementBody,
)
from services.contact.profiles.domain import commands, refusals
from services.contact.profiles.hearing import answered
from services.contact.profiles.recording import (
    REFUSALS,
    profile_issue,
    sealed_text,
    seen_in,
    statement_issue,
)
from shared.eventstore.transact import Outcome
from shared.http.call import CurrentCall
from shared.http.fields import TypeId
from shared.http.hearing import later
from shared.http.pagination import Page, Paging
from shared.http.routing import Router

router = Router(tag="consumers")

ConsumerPath = Annotated[str, Path(), TypeId("cns")]


@router.post(
    "/consumers/{consumer_id}/statements",
    scope="statements:write",
    status_code=201,
    response_model=StatementAnswer,
    openapi_extra=later(StatementAnswer),
    problems=(*REFUSALS, refusals.OptsOutOfNothing),
)
async def record_statement(
    consumer_id: ConsumerPath, body: StatementBody, call: CurrentCall
) -> Response:
    """Record what the person said. `201`: no contact against it is let through any more."""
    await require_own(call, consumer_id, body)
    fact_id = call.ids.new("fact")
    issue = await statement_issue(call, consumer_id, fact_id, body)

    def answer(outcome: Outcome) -> StatementAnswer:
        return StatementAnswer(
            id=fact_id, consumer_id=consumer_id, kind=body.kind, seen=seen_in(outcome, consumer_id)
        )

    return await answered(call, await call.decide([issue], answer), facts_in="id")


@router.post(
    "/protective-facts/{fact_id}/release",
    scope="statements:write",
    response_model=ReleaseAnswer,
    problems=(refusals.ProtectiveFactNotFound,),
)
async def release_protective_fact(
    fact_id: Annotated[str, Path(), TypeId("fact")], body: ReleaseBody, call: CurrentCall
) -> Response:
    """End what a statement restricts, by whom and why."""
    note = await sealed_text(call, body.consumer_id, "note", body.note)
    issue = profile_issue(
        body.consumer_id,
        lambda moment: commands.ReleaseFact(
            consumer_id=body.consumer_id,
            fact_id=fact_id,
            released_by=call.caller.actor,
            reason=body.reason,
            note=note,
            now=moment.now,
        ),
    )

    def answer(outcome: Outcome) -> ReleaseAnswer:
        return ReleaseAnswer(
            id=fact_id,
            consumer_id=body.consumer_id,
            released_by=call.caller.actor,
            reason=body.reason,
            seen=seen_in(outcome, body.consumer_id),
        )

    return await call.change([issue], answer, status=200)


@router.get(
    "/consumers/{consumer_id}/contact-points",
    scope="consumers:read",
    response_model=Page[ContactPointRow],
)
async def list_contact_points(
    consumer_id: ConsumerPath, call: CurrentCall, paging: Paging
) -> Page[ContactPointRow]:
    """List how the consumer can be reached; values stay sealed."""
    return await call.page(
        paging,
        operation="list_contact_points",
        filters={"consumer_id": consumer_id},
        query=_rows(views.POINTS, "contact_point_id", consumer_id, paging.limit),
        show=lambda row: ((row["contact_point_id"],), ContactPointRow.of(row)),
    )


@router.get(
    "/consumers/{consumer_id}/consents", scope="consumers:read", response_model=Page[ConsentRow]
)
async def list_consents(
    consumer_id: ConsumerPath, call: CurrentCall, paging: Paging
) -> Page[ConsentRow]:
    """List the consents of the consumer, withdrawn ones included."""
    return await call.page(
        paging,
        operation="list_consents",
        filters={"consumer_id": consumer_id},
        query=_rows(views.CONSENTS, "consent_id", consumer_id, paging.limit),
        show=lambda row: ((row["consent_id"],), ConsentRow.of(row)),
    )


@router.get(
    "/consumers/{consumer_id}/statements", scope="consumers:read", response_model=Page[StatementRow]
)
async def list_statements(
    consumer_id: ConsumerPath, call: CurrentCall, paging: Paging
) -> Page[StatementRow]:
    """List what the consumer said, released statements included."""
    return await call.page(
        paging,
        operation="list_statements",
        filters={"consumer_id": consumer_id},
        query=_rows(views.STATEMENTS, "fact_id", consumer_id, paging.limit),
        show=lambda row: ((row["fact_id"],), StatementRow.of(row)),
    )


def _rows(table: Any, key: str, consumer_id: str, limit: int) -> Any:
    return lambda after: views.of_consumer(table, key, consumer_id, after, limit + 1)
