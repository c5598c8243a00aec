"""Licences over HTTP: put one on record, take it off, list them."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.compliance.licences.domain import (
    LICENCES,
    EndLicence,
    Licences,
    RecordLicence,
    in_force,
    stream,
)
from shared.eventstore.transact import Issue, Moment
from shared.http.call import CurrentCall
from shared.http.fields import ShortText, StrictBody
from shared.http.routing import Router

router = Router(tag="licences")

Authority = Annotated[str, Path(pattern=r"^[A-Z]{2,3}$")]


class LicenceBody(StrictBody):
    """A licence, registration or bond; `expires_on` is its last day."""

    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./-]{0,63}$")]
    expires_on: date | None = None


class EndBody(StrictBody):
    """Why a licence is no longer held."""

    reason: Annotated[str, ShortText(200)]


class LicenceAnswer(BaseModel):
    """Whether the agency is on record as licensed by one authority."""

    object: Literal["licence"] = "licence"
    authority: str
    number: str
    expires_on: date | None
    is_held: bool


class LicencesAnswer(BaseModel):
    """Every licence that was ever on record, and where one is in force now.

    `in_force` is null where nothing was ever recorded: then contact is flagged, not stopped.
    """

    object: Literal["licences"] = "licences"
    licences: list[LicenceAnswer]
    in_force: list[str] | None


@router.put("/licences/{authority}", scope="licences:write", response_model=LicenceAnswer)
async def put_licence(authority: Authority, body: LicenceBody, call: CurrentCall) -> Response:
    """Put a licence on record, in place of an earlier one of the same state or city."""

    def command(moment: Moment) -> RecordLicence:
        return RecordLicence(
            authority=authority,
            number=body.number,
            expires_on=body.expires_on,
            now=moment.now,
        )

    return await _changed(authority, command, call)


@router.post("/licences/{authority}/end", scope="licences:write", response_model=LicenceAnswer)
async def end_licence(authority: Authority, body: EndBody, call: CurrentCall) -> Response:
    """Take a licence off the record; contact there stops at once."""

    def command(moment: Moment) -> EndLicence:
        return EndLicence(authority=authority, reason=body.reason, now=moment.now)

    return await _changed(authority, command, call)


@router.get("/licences", scope="licences:read", response_model=LicencesAnswer)
async def list_licences(call: CurrentCall) -> LicencesAnswer:
    """List the agency's licences."""
    (state,) = await call.states((stream(), LICENCES))
    now = (await call.foundation.store.load(call.tenant, [])).now
    held = in_force(state, now)
    return LicencesAnswer(
        licences=[_answer(each, state) for each in sorted(state.by_authority)],
        in_force=None if held is None else list(held),
    )


async def _changed(authority: str, command: object, call: CurrentCall) -> Response:
    issue = Issue(stream=stream(), decider=LICENCES, command=command)  # type: ignore[arg-type]
    return await call.change(
        [issue], lambda outcome: _answer(authority, outcome.state(stream())), status=200
    )


def _answer(authority: str, state: Licences) -> LicenceAnswer:
    licence = state.by_authority[authority]
    return LicenceAnswer(
        authority=authority,
        number=licence.number,
        expires_on=licence.expires_on,
        is_held=licence.is_held,
    )
