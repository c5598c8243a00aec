"""Acts other than contacts over HTTP: may a debt be furnished, sold, sued for, paid, purged now?"""

from starlette.responses import Response

from services.compliance.permits.asking import AskingAct, Basis, unapplied
from services.compliance.permits.clearance_bodies import ClearanceAnswer, ClearanceBody
from services.compliance.permits.domain import GATES, events, stream
from shared.eventstore.transact import Issue, Outcome
from shared.http.call import CurrentCall, rendered
from shared.http.routing import Router
from shared.kernel.errors import InvariantViolated

router = Router(tag="clearances")


@router.post(
    "/clearances",
    scope="permits:write",
    service=("ledger", "contact", "disputes"),
    status_code=201,
    response_model=ClearanceAnswer,
)
async def request_clearance(body: ClearanceBody, call: CurrentCall) -> Response:
    """Ask whether an act other than a contact may be done now. A veto is an answer, no error."""
    basis: Basis = call.request.app.state.basis
    await basis.books.ready(call.tenant)
    asking = AskingAct(
        tenant=call.tenant,
        request=body.request(),
        basis=basis,
        unapplied=await unapplied(call, body.seen),
    )
    clearance_id = call.ids.new("clr")
    issue = Issue(
        stream=stream(body.consumer_id),
        decider=GATES,
        command=lambda moment: asking.clearance(moment, clearance_id),
    )
    deciding = call.decide([issue], _answer, guards=asking.guards, parked_key=body.consumer_id)
    return await rendered(await deciding)


def _answer(outcome: Outcome) -> ClearanceAnswer:
    for _, event in outcome.events:
        if isinstance(event, events.ActCleared | events.ActRefused):
            return ClearanceAnswer.of(event)
    raise InvariantViolated("a clearance was not decided")
