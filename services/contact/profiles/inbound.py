"""What a person sends or says of their own accord: messages and calls to the agency."""

from typing import Any

from starlette.responses import Response

from services.contact.profiles.accounts import require_own
from services.contact.profiles.answers import InboundCallAnswer, InboundMessageAnswer
from services.contact.profiles.bodies import InboundCallBody, InboundMessageBody
from services.contact.profiles.domain import commands
from services.contact.profiles.hearing import answered
from services.contact.profiles.recording import REFUSALS, profile_issue, sealed_text, seen_in
from services.contact.profiles.stop_words import is_stop
from shared.eventstore.transact import Outcome
from shared.http.call import CurrentCall
from shared.http.hearing import later
from shared.http.routing import Router
from shared.kernel.sealed import Sealed

router = Router(tag="inbound")


@router.post(
    "/inbound-messages",
    scope="statements:write",
    status_code=201,
    response_model=InboundMessageAnswer,
    openapi_extra=later(InboundMessageAnswer),
    problems=REFUSALS,
)
async def receive_message(body: InboundMessageBody, call: CurrentCall) -> Response:
    """Record what the person wrote, and at once whatever stop is in it."""
    await require_own(call, body.consumer_id, body)
    message_id = call.ids.new("inb")
    sealed = await sealed_text(call, body.consumer_id, "message", body.text)
    issues = [profile_issue(body.consumer_id, _message(message_id, body, sealed))]
    heard: list[str] = []
    for said in _heard_in(body):
        heard.append(call.ids.new("fact"))
        issues.append(profile_issue(body.consumer_id, _statement(heard[-1], said, body, sealed)))

    def answer(outcome: Outcome) -> InboundMessageAnswer:
        return InboundMessageAnswer(
            id=message_id,
            consumer_id=body.consumer_id,
            statements=heard,
            seen=seen_in(outcome, body.consumer_id),
        )

    return await answered(call, await call.decide(issues, answer), facts_in="statements")


@router.post(
    "/inbound-calls",
    scope="statements:write",
    status_code=201,
    response_model=InboundCallAnswer,
    problems=REFUSALS,
)
async def receive_call(body: InboundCallBody, call: CurrentCall) -> Response:
    """Record that the person telephoned."""
    await require_own(call, body.consumer_id, body)
    message_id = call.ids.new("inb")
    issue = profile_issue(
        body.consumer_id,
        lambda moment: commands.ReceiveCall(
            consumer_id=body.consumer_id,
            message_id=message_id,
            is_conversation=body.is_conversation,
            started_at=body.started_at,
            ended_at=body.ended_at,
            contact_point_id=body.contact_point_id,
            account_ids=tuple(body.account_ids),
            now=moment.now,
        ),
    )

    def answer(outcome: Outcome) -> InboundCallAnswer:
        seen = seen_in(outcome, body.consumer_id)
        return InboundCallAnswer(id=message_id, consumer_id=body.consumer_id, seen=seen)

    return await call.change([issue], answer)


def _heard_in(body: InboundMessageBody) -> list[commands.Said]:
    heard: list[commands.Said] = []
    if body.channel in ("text", "email") and is_stop(body.text):
        medium: Any = body.channel
        heard.append(commands.OptOut(medium=medium, contact_point_id=body.contact_point_id))
    if body.demand:
        accounts = tuple(body.account_ids)
        heard.append(commands.Cease(in_writing=True, medium=body.channel, account_ids=accounts))
    return heard


def _message(message_id: str, body: InboundMessageBody, sealed: Sealed | None) -> Any:
    return lambda moment: commands.ReceiveMessage(
        consumer_id=body.consumer_id,
        message_id=message_id,
        channel=body.channel,
        contact_point_id=body.contact_point_id,
        account_ids=tuple(body.account_ids),
        body=sealed,
        received_at=body.received_at,
        until=body.until,
        now=moment.now,
    )


def _statement(
    fact_id: str, said: commands.Said, body: InboundMessageBody, sealed: Sealed | None
) -> Any:
    return lambda moment: commands.RecordStatement(
        consumer_id=body.consumer_id,
        fact_id=fact_id,
        said=said,
        received_at=body.received_at,
        statement=sealed,
        now=moment.now,
    )
