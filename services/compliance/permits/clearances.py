"""Acts other than contacts over HTTP: may a debt be furnished, sold, sued for, paid, purged now?"""

from starlette.responses import Response

from services.compliance.permits.asking import LICENCES_HELD, Basis, unapplied
from services.compliance.permits.clearance_bodies import ClearanceAnswer, ClearanceBody
from services.compliance.permits.domain import GATES, commands, events, stream
from shared.eventstore.transact import Issue, Moment, Outcome
from shared.http.call import CurrentCall, rendered
from shared.http.routing import Router
from shared.kernel.errors import InvariantViolated
from shared.telemetry.tracing import current_trace_id

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
    behind = await unapplied(call, body.seen)
    request, clearance_id = body.request(), call.ids.new("clr")

    def command(moment: Moment) -> commands.ClearAct:
        return commands.ClearAct(
            clearance_id=clearance_id,
            request=request,
            book=basis.books.shelf(call.tenant).at(moment.now),
            tz_version=basis.tz_version,
            circumstances=basis.circumstances(call.tenant, moment, None, unapplied=behind),
            watermarks=basis.watermarks(moment),
            trace_id=current_trace_id() or "",
            now=moment.now,
        )

    issue = Issue(stream=stream(body.consumer_id), decider=GATES, command=command)
    deciding = call.decide([issue], _answer, guards=[LICENCES_HELD], parked_key=body.consumer_id)
    return await rendered(await deciding)


def _answer(outcome: Outcome) -> ClearanceAnswer:
    for _, event in outcome.events:
        if isinstance(event, events.ActCleared | events.ActRefused):
            return ClearanceAnswer.of(event)
    raise InvariantViolated("a clearance was not decided")
