"""Asking whether a message may say what it says."""

from typing import Any

from starlette.responses import Response

from services.compliance.content import domain
from services.compliance.content.bodies import (
    ContentCheckAnswer,
    ContentCheckBody,
    with_words,
)
from services.compliance.rules.message import Message
from shared.eventstore import codec
from shared.eventstore.transact import Issue, Moment, Outcome
from shared.http.call import Call, CurrentCall
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
