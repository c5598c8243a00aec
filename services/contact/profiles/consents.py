"""Consents a person gives to be reached in a medium, and takes back."""

from typing import Annotated, Any

from fastapi import Path
from starlette.responses import Response

from services.contact.profiles.accounts import require_own
from services.contact.profiles.answers import ConsentAnswer
from services.contact.profiles.bodies import ConsentBody, WithdrawalBody
from services.contact.profiles.domain import commands, refusals
from services.contact.profiles.hearing import answered
from services.contact.profiles.recording import REFUSALS, profile_issue, seen_in
from shared.http.call import CurrentCall
from shared.http.fields import TypeId
from shared.http.hearing import later
from shared.http.routing import Router

router = Router(tag="consents")


@router.post(
    "/consents",
    scope="consumers:write",
    status_code=201,
    response_model=ConsentAnswer,
    openapi_extra=later(ConsentAnswer),
    problems=REFUSALS,
)
async def record_consent(body: ConsentBody, call: CurrentCall) -> Response:
    """Record a consent."""
    await require_own(call, body.consumer_id, body)
    consent_id = call.ids.new("cst")
    issue = profile_issue(
        body.consumer_id, lambda moment: body.consent(consent_id=consent_id, now=moment.now)
    )
    answer = _consent_answer(consent_id, body.consumer_id)
    return await answered(call, await call.decide([issue], answer), facts_in="id")


@router.post(
    "/consents/{consent_id}/withdraw",
    scope="consumers:write",
    status_code=201,
    response_model=ConsentAnswer,
    openapi_extra=later(ConsentAnswer),
    problems=(refusals.ConsentNotFound, refusals.InTheFuture),
)
async def withdraw_consent(
    consent_id: Annotated[str, Path(), TypeId("cst")], body: WithdrawalBody, call: CurrentCall
) -> Response:
    """End a consent at the person's wish. `201`: nothing more is let through on it."""
    issue = profile_issue(
        body.consumer_id,
        lambda moment: commands.WithdrawConsent(
            consumer_id=body.consumer_id,
            consent_id=consent_id,
            withdrawn_at=body.withdrawn_at,
            now=moment.now,
        ),
    )
    answer = _consent_answer(consent_id, body.consumer_id)
    return await answered(call, await call.decide([issue], answer), facts_in="id")


def _consent_answer(consent_id: str, consumer_id: str) -> Any:
    return lambda outcome: ConsentAnswer(
        id=consent_id, consumer_id=consumer_id, seen=seen_in(outcome, consumer_id)
    )
