"""Creditors: registering one shows the secret with which it signs its webhooks."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel
from starlette.responses import Response

from services.ledger.creditors.domain import (
    CREDITORS,
    CreditorExists,
    CreditorNotFound,
    RegisterCreditor,
    stream,
)
from services.ledger.placements.endpoint import inbound_path, open_endpoint
from shared.eventstore.transact import Issue
from shared.http.call import CurrentCall
from shared.http.fields import ShortText, StrictBody, TypeId
from shared.http.routing import Router

router = Router(tag="creditors")

FIRST_SECRET = 1
CreditorId = Annotated[str, Path(), TypeId("crd")]


class CreditorBody(StrictBody):
    """A creditor that will place accounts."""

    name: Annotated[str, ShortText(200)]


class CreditorAnswer(BaseModel):
    """A creditor; the signing secret is shown when it is registered, and then never again."""

    object: Literal["creditor"] = "creditor"
    id: str
    name: str
    inbound_path: str
    signing_secret: str | None = None


@router.post(
    "/creditors",
    scope="creditors:write",
    status_code=201,
    response_model=CreditorAnswer,
    problems=(CreditorExists,),
)
async def register_creditor(body: CreditorBody, call: CurrentCall) -> Response:
    """Register a creditor. Keep the signing secret of this answer: it is shown once."""
    creditor_id = call.ids.new("crd")
    issue = Issue(
        stream=stream(creditor_id),
        decider=CREDITORS,
        command=lambda moment: RegisterCreditor(
            creditor_id=creditor_id, name=body.name, now=moment.now
        ),
    )

    async def with_secret(answer: dict[str, Any]) -> dict[str, Any]:
        await open_endpoint(call.foundation.pool, call.tenant, answer["id"])
        secret = await call.foundation.sealer.webhook_secret(
            call.tenant, answer["id"], FIRST_SECRET
        )
        return {**answer, "signing_secret": secret}

    return await call.change(
        [issue],
        lambda outcome: _answer(creditor_id, body.name),
        reveal=with_secret,
    )


@router.get(
    "/creditors/{creditor_id}",
    scope="creditors:read",
    response_model=CreditorAnswer,
    problems=(CreditorNotFound,),
)
async def get_creditor(creditor_id: CreditorId, call: CurrentCall) -> CreditorAnswer:
    """Read a creditor."""
    (creditor,) = await call.states((stream(creditor_id), CREDITORS))
    if creditor.name is None:
        raise CreditorNotFound("no creditor has this id")
    return _answer(creditor_id, creditor.name)


def _answer(creditor_id: str, name: str) -> CreditorAnswer:
    return CreditorAnswer(id=creditor_id, name=name, inbound_path=inbound_path(creditor_id))
