"""Asking whether a message may say what it says."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query
from starlette.responses import Response

from services.compliance.content import domain, views
from services.compliance.content.bodies import (
    ContentCheckAnswer,
    ContentCheckBody,
    with_words,
)
from services.compliance.rules.findings import ContentVerdict
from services.compliance.rules.message import Document, Message, MessageChannel
from shared.eventstore import codec
from shared.eventstore.transact import Issue, Moment, Outcome
from shared.http.call import Call, CurrentCall
from shared.http.fields import TypeId
from shared.http.filters import PeriodFilter, given
from shared.http.pagination import Page, Paging
from shared.http.problem import FieldError, Problem
from shared.http.routing import Router
from shared.kernel.errors import InvariantViolated
from shared.vault.content import content_digest

router = Router(tag="content checks")

PARTS_KIND = "content-parts"
_EMPTY = FieldError(
    code="missing",
    pointer="/text",
    detail="give the words of the message: an empty one cannot say what the law asks for",
)

CheckId = Annotated[str, Path(), TypeId("dec")]


class Judged:
    """What was judged, and how."""

    def __init__(
        self,
        channel: MessageChannel | None = None,
        document: Document | None = None,
        verdict: ContentVerdict | None = None,
        content_digest: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")] = None,
    ) -> None:
        self.filters = given(
            channel=channel, document=document, verdict=verdict, content_digest=content_digest
        )


@router.post(
    "/content-checks",
    scope="permits:write",
    service=("contact",),
    status_code=201,
    response_model=ContentCheckAnswer,
)
async def check_content(body: ContentCheckBody, call: CurrentCall) -> Response:
    """Judge a message or a template. From then on no permit is given for content found unlawful.

    What was found stands until the same message, word for word and with the same said of it, is
    judged again: the same words as something else add what is found of them, and clear nothing,
    since a permit does not tell what they are sent as. Findings for other channels do not bear on
    a permit, unless the content was never checked for the permit's own.
    """
    if body.is_empty:
        raise Problem("validation-failed", errors=[_EMPTY])
    message = body.message()
    message_digest = await call.foundation.sealer.lookup_digest(
        call.tenant, PARTS_KIND, codec.encode(message).decode()
    )
    digest = await _digest(call, message, message_digest)
    check_id = call.ids.new("dec")
    books = call.request.app.state.basis.books
    await books.ready(call.tenant)

    def command(moment: Moment) -> domain.CheckContent:
        return domain.CheckContent(
            check_id=check_id,
            content_digest=digest,
            message=message,
            message_digest=message_digest,
            book=books.shelf(call.tenant).at(moment.now),
            now=moment.now,
        )

    async def reveal(answer: dict[str, Any]) -> dict[str, Any]:
        return with_words(body, answer)

    issue = Issue(stream=domain.stream(digest), decider=domain.CONTENTS, command=command)
    return await call.change([issue], _answer, reveal=reveal)


@router.get("/content-checks", scope="permits:read", response_model=Page[ContentCheckAnswer])
async def list_content_checks(
    call: CurrentCall, paging: Paging, judged: Annotated[Judged, Depends()], period: PeriodFilter
) -> Page[ContentCheckAnswer]:
    """List checks of content, newest first: all, or of one content, channel, document or verdict.

    The words that were judged are not kept: findings say where in the content they stood.
    """
    filters = {**judged.filters, **period.filters}
    return await call.page(
        paging,
        operation="list_content_checks",
        filters=filters,
        query=lambda after: views.listed(filters, after, paging.limit + 1),
        show=lambda row: ((row["checked_at"].isoformat(), row["check_id"]), views.shown(row)),
    )


@router.get("/content-checks/{check_id}", scope="permits:read", response_model=ContentCheckAnswer)
async def get_content_check(check_id: CheckId, call: CurrentCall) -> ContentCheckAnswer:
    """Read a check of content as it was recorded, without the words that were judged."""
    rows = await call.rows(views.check(check_id))
    if not rows:
        raise Problem("not-found")
    return views.shown(rows[0])


async def _digest(call: Call, message: Message, message_digest: str) -> str:
    """Name a message by its words as senders do, or, if it has none, by what is said of it."""
    if message.is_said:
        sealer = call.foundation.sealer
        return await content_digest(sealer, call.tenant, message.subject, message.text)
    return message_digest


def _answer(outcome: Outcome) -> ContentCheckAnswer:
    for _, event in outcome.events:
        if isinstance(event, domain.ContentChecked):
            return ContentCheckAnswer.of(event)
    raise InvariantViolated("a content check was not decided")
