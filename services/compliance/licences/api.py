"""Licences over HTTP: put one on record, take it off, list them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.compliance.books.shelves import Shelves
from services.compliance.licences.domain import (
    LICENCES,
    EndLicence,
    LicenceExpiry,
    LicenceNotFound,
    Licences,
    RecordLicence,
    Status,
    in_force,
    status,
    stream,
)
from services.compliance.rules import places
from services.compliance.rules.book import Book
from shared.eventstore.transact import Issue, Moment, Outcome
from shared.http.call import CurrentCall
from shared.http.fields import Date, ShortText, StrictBody
from shared.http.routing import Router
from shared.kernel.errors import DomainError

router = Router(tag="licences")

Authority = Annotated[str, Path(pattern=r"^[A-Z]{2,3}$")]
AuthorityFilter = Annotated[str | None, Query(pattern=r"^[A-Z]{2,3}$")]


class LicenceAuthorityUnknown(DomainError):
    """No such state or city is known, and no rule pack asks for its licence."""

    kind = "invalid"
    code = "licence-authority-unknown"


class LicenceBody(StrictBody):
    """A licence, registration or bond; `expires_on` is its last day, none if it has none."""

    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./-]{0,63}$")]
    expires_on: Date | None = None


class EndBody(StrictBody):
    """Why a licence is no longer held."""

    reason: Annotated[str, ShortText(200)]


class LicenceAnswer(BaseModel):
    """Whether the agency is on record as licensed by one authority.

    `status` is `in_force`, `expired` once the last day is over, or `ended` when it was taken off.
    """

    object: Literal["licence"] = "licence"
    authority: str
    number: str
    expires_on: date | None
    is_held: bool
    status: Status


class LicencesAnswer(BaseModel):
    """The licences asked for of those ever on record, and where any is in force now.

    `in_force` is null where nothing was ever recorded: then contact is flagged, not stopped.
    """

    object: Literal["licences"] = "licences"
    licences: list[LicenceAnswer]
    in_force: list[str] | None


@router.put(
    "/licences/{authority}",
    scope="licences:write",
    response_model=LicenceAnswer,
    problems=(LicenceAuthorityUnknown, LicenceExpiry),
)
async def put_licence(authority: Authority, body: LicenceBody, call: CurrentCall) -> Response:
    """Put a licence on record, in place of an earlier one of the same state or city.

    From the first one on, contact is denied wherever one is asked for and none is in force.
    """
    books: Shelves = call.request.app.state.basis.books
    await books.ready(call.tenant)

    def command(moment: Moment) -> RecordLicence:
        shelf = books.shelf(call.tenant)
        following = (each.book for each in shelf.following(moment.now) if each.book is not None)
        _refuse_unknown(authority, [shelf.at(moment.now), *following])
        return RecordLicence(
            authority=authority,
            number=body.number,
            expires_on=body.expires_on,
            now=moment.now,
        )

    return await _changed(authority, command, call)


@router.post(
    "/licences/{authority}/end",
    scope="licences:write",
    response_model=LicenceAnswer,
    problems=(LicenceNotFound,),
)
async def end_licence(authority: Authority, body: EndBody, call: CurrentCall) -> Response:
    """Take a licence off the record; contact there stops at once. Others stay as they are."""

    def command(moment: Moment) -> EndLicence:
        return EndLicence(authority=authority, reason=body.reason, now=moment.now)

    return await _changed(authority, command, call)


@router.get("/licences", scope="licences:read", response_model=LicencesAnswer)
async def list_licences(
    call: CurrentCall,
    authority: AuthorityFilter = None,
    standing: Annotated[Status | None, Query(alias="status")] = None,
) -> LicencesAnswer:
    """List the agency's licences: all, one authority's, or those that stand so now."""
    (state,) = await call.states((stream(), LICENCES))
    now = (await call.foundation.store.load(call.tenant, [])).now
    held = in_force(state, now)
    shown = (_answer(each, state, now) for each in sorted(state.by_authority))
    return LicencesAnswer(
        licences=[
            each
            for each in shown
            if authority in (None, each.authority) and standing in (None, each.status)
        ],
        in_force=None if held is None else list(held),
    )


def _refuse_unknown(authority: str, books: Sequence[Book]) -> None:
    """See that a licence can matter: a slip of the pen would stop contact everywhere else.

    Raises:
        LicenceAuthorityUnknown: it cannot.
    """
    asked_for = (
        name
        for book in books
        for pack in book.packs
        for terms in pack.terms
        for name in terms.names.get("authorities", ())
    )
    if not places.is_known(authority) and authority not in asked_for:
        raise LicenceAuthorityUnknown(
            "Give the two letters of a state or territory, NYC, CHI, BUF, YON, or a name out of"
            " your rule packs."
        )


async def _changed(authority: str, command: object, call: CurrentCall) -> Response:
    def answer(outcome: Outcome) -> LicenceAnswer:
        return _answer(authority, outcome.state(stream()), outcome.now)

    issue = Issue(stream=stream(), decider=LICENCES, command=command)  # type: ignore[arg-type]
    return await call.change([issue], answer, status=200)


def _answer(authority: str, state: Licences, now: datetime) -> LicenceAnswer:
    licence = state.by_authority[authority]
    return LicenceAnswer(
        authority=authority,
        number=licence.number,
        expires_on=licence.expires_on,
        is_held=licence.is_held,
        status=status(licence, now),
    )
