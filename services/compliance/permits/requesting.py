"""Asks a gate for one permit: for a caller who asks for one, and for one who asks for many."""

from services.compliance.permits.asking import Asking
from services.compliance.permits.bodies import ContactBody, DecisionAnswer
from services.compliance.permits.domain import GATES, events, stream
from services.compliance.permits.measuring import measured
from shared.eventstore.transact import Issue, Outcome
from shared.http.call import Call
from shared.kernel.errors import InvariantViolated


async def requested(call: Call, body: ContactBody) -> Outcome:
    """Decide, record, and return the outcome with its answer.

    Raises:
        DomainError, ConcurrencyConflict, StoreUnavailable, Problem: as `Call.decide`.
    """
    asking = await Asking.prepare(call, body)
    permit_id = call.ids.new("prm")
    issue = Issue(
        stream=stream(body.consumer_id),
        decider=GATES,
        command=lambda moment: asking.permit(moment, permit_id),
    )

    def answer(outcome: Outcome) -> DecisionAnswer:
        return DecisionAnswer.of(decision_of(outcome))

    deciding = call.decide([issue], answer, guards=asking.guards, parked_key=body.consumer_id)
    return await measured("request", body.channel, deciding)


def decision_of(outcome: Outcome) -> events.PermitGranted | events.PermitRefused:
    """Return what was decided.

    Raises:
        InvariantViolated: nothing was.
    """
    for _, event in outcome.events:
        if isinstance(event, events.PermitGranted | events.PermitRefused):
            return event
    raise InvariantViolated("a permit request was not decided")
