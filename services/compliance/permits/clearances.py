"""Acts other than contacts over HTTP: may a debt be furnished, sold, sued for, paid, purged now?"""

from typing import Annotated

from fastapi import Depends, Path
from starlette.responses import Response

from services.compliance.permits import clearance_views
from services.compliance.permits.act_checks import refuse_impossible
from services.compliance.permits.asking import AskingAct, Basis, unapplied
from services.compliance.permits.clearance_bodies import ActKind, ClearanceAnswer, ClearanceBody
from services.compliance.permits.domain import GATES, commands, events, stream
from services.compliance.permits.filters import AccountFilter, ConsumerFilter
from services.compliance.permits.measuring import measured_clearance
from services.compliance.rules.findings import Verdict
from shared.eventstore.transact import Issue, Moment, Outcome
from shared.http.call import CurrentCall, rendered
from shared.http.fields import TypeId
from shared.http.filters import PeriodFilter, given
from shared.http.pagination import Page, Paging
from shared.http.problem import Problem
from shared.http.routing import Router
from shared.kernel.errors import InvariantViolated

router = Router(tag="clearances")

ClearanceId = Annotated[str, Path(), TypeId("clr")]


class About:
    """Whom and what clearances were about, and how they were decided."""

    def __init__(
        self,
        consumer_id: ConsumerFilter = None,
        account_id: AccountFilter = None,
        act: ActKind | None = None,
        decision: Verdict | None = None,
    ) -> None:
        self.filters = given(
            consumer_id=consumer_id, account_id=account_id, act=act, decision=decision
        )


@router.post(
    "/clearances",
    scope="permits:write",
    service=("ledger", "contact", "disputes"),
    status_code=201,
    response_model=ClearanceAnswer,
)
async def request_clearance(body: ClearanceBody, call: CurrentCall) -> Response:
    """Ask whether an act other than a contact may be done now. A veto is an answer, no error.

    An act that cannot be, such as a payment allocated to an account that is not named, or interest
    for a period that ends before it begins, is refused with what to mend.
    """
    basis: Basis = call.request.app.state.basis
    await basis.books.ready(call.tenant)
    asking = AskingAct(
        tenant=call.tenant,
        request=body.request(),
        basis=basis,
        unapplied=await unapplied(call, body.seen),
    )
    clearance_id = call.ids.new("clr")

    def command(moment: Moment) -> commands.ClearAct:
        refuse_impossible(body, moment.now)
        return asking.clearance(moment, clearance_id)

    issue = Issue(stream=stream(body.consumer_id), decider=GATES, command=command)
    deciding = call.decide([issue], _answer, guards=asking.guards, parked_key=body.consumer_id)
    return await rendered(await measured_clearance(body.act.kind, deciding))


@router.get("/clearances", scope="permits:read", response_model=Page[ClearanceAnswer])
async def list_clearances(
    call: CurrentCall, paging: Paging, period: PeriodFilter, about: Annotated[About, Depends()]
) -> Page[ClearanceAnswer]:
    """List what was asked about acts, newest first: of a consumer, an account, or everybody.

    `act` is what was asked about, `from` and `to` are when it was decided.
    """
    filters = {**about.filters, **period.filters}
    return await call.page(
        paging,
        operation="list_clearances",
        filters=filters,
        query=lambda after: clearance_views.listed(filters, after, paging.limit + 1),
        show=lambda row: (
            (row["decided_at"].isoformat(), row["clearance_id"]),
            clearance_views.shown(row),
        ),
    )


@router.get("/clearances/{clearance_id}", scope="permits:read", response_model=ClearanceAnswer)
async def get_clearance(clearance_id: ClearanceId, call: CurrentCall) -> ClearanceAnswer:
    """Read a decision about an act as it was recorded."""
    rows = await call.rows(clearance_views.clearance(clearance_id))
    if not rows:
        raise Problem("not-found")
    return clearance_views.shown(rows[0])


def _answer(outcome: Outcome) -> ClearanceAnswer:
    for _, event in outcome.events:
        if isinstance(event, events.ActCleared | events.ActRefused):
            return ClearanceAnswer.of(event)
    raise InvariantViolated("a clearance was not decided")
