"""Tries the canaries of one agency, the way a permit or a clearance is asked for.

Each is decided as a preview decides: the same gate read from the same store, the same books,
guards, commands and decider, and nothing appended. Once a day, and whenever an answer turns bad,
it is also decided on the record, so that the log itself shows it.
"""

from collections.abc import Sequence
from typing import Any

from services.compliance.canaries import domain, views
from services.compliance.canaries.domain import Canary, Tried
from services.compliance.facts.recording import Stated, record_fact
from services.compliance.permits.asking import Asking, AskingAct, Basis
from services.compliance.permits.domain import GATES, commands, events, stream
from services.compliance.rules.request import ContactRequest
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Moment, Outcome
from shared.http.call import tenant_rows
from shared.kernel.errors import InvariantViolated
from shared.service.foundation import Foundation
from shared.telemetry import metrics
from shared.telemetry.logging import get_logger

ACTOR = "compliance"
RECORDED_EVERY_S = 86_400.0

log = get_logger(__name__)


class Trials:
    """Tries canaries with what every decision of this process is made with."""

    def __init__(self, foundation: Foundation, basis: Basis, flock: Sequence[Canary]) -> None:
        self._foundation = foundation
        self._basis = basis
        self._flock = flock

    async def round(self, tenant: str) -> None:
        """Try each canary of an agency once and raise the alarm for every wrong answer.

        Raises:
            StoreUnavailable: no answer.
            ConcurrencyConflict: other writers were first each time.
        """
        await self._basis.books.ready(tenant)
        rows = await tenant_rows(self._foundation, tenant, views.every())
        before = {row["canary"]: row for row in rows}
        found = []
        for canary in self._flock:
            trial = Trial(self._foundation, self._basis, tenant, canary)
            tried = await trial.once()
            if tried is None:
                continue
            is_recorded = _is_to_be_recorded(tried, before.get(canary.name))
            if is_recorded:
                tried = _worse(tried, await trial.on_record())
            _tell(trial, tried)
            found.append((tried, is_recorded))
        await views.keep(self._foundation.pool, tenant, found)


class Trial:
    """One canary of one agency, about to be tried."""

    def __init__(self, foundation: Foundation, basis: Basis, tenant: str, canary: Canary) -> None:
        self.tenant = tenant
        self.canary = canary
        self._foundation = foundation
        self._gate = stream(canary.consumer_id)
        request = canary.request
        self._asking: Asking | AskingAct = (
            Asking(tenant, request, basis, canary.unapplied)
            if isinstance(request, ContactRequest)
            else AskingAct(tenant=tenant, request=request, basis=basis, unapplied=canary.unapplied)
        )

    async def once(self) -> Tried | None:
        """Decide and record nothing; None where the gate does not know what forbids the act."""
        outcome = await self._consider()
        if not self._is_planted(outcome):
            await self._plant(outcome)
            outcome = await self._consider()
            if not self._is_planted(outcome):  # or a test clock was just set forward
                log.error("canary-not-planted", tenant=self.tenant, canary=self.canary.name)
                return None
        return domain.judged(self.canary, _decided(outcome))

    async def on_record(self) -> Tried:
        """Decide as a caller's request is decided; what is granted is taken back at once."""
        outcome = await self._foundation.transactor.transact(
            self._context(),
            [self._issue()],
            guards=self._asking.guards,
            parked_key=self.canary.consumer_id,
        )
        decided = _decided(outcome)
        if isinstance(decided, events.PermitGranted):
            await self._take_back(decided.permit_id)
        return domain.judged(self.canary, decided)

    async def _consider(self) -> Outcome:
        return await self._foundation.transactor.consider(
            self._context(),
            [self._issue()],
            guards=self._asking.guards,
            parked_key=self.canary.consumer_id,
        )

    def _issue(self) -> Issue:
        ids = self._foundation.ids
        decision_id = ids.new("prm" if isinstance(self._asking, Asking) else "clr")

        def command(moment: Moment) -> commands.Command:
            match self._asking:
                case Asking():
                    return self._asking.permit(moment, decision_id)
                case AskingAct():
                    return self._asking.clearance(moment, decision_id)

        return Issue(stream=self._gate, decider=GATES, command=command)

    def _is_planted(self, outcome: Outcome) -> bool:
        return domain.is_planted(self.canary, outcome.state(self._gate), outcome.now)

    async def _plant(self, outcome: Outcome) -> None:
        """State what the gate lacks."""
        state = outcome.state(self._gate)
        issues = [
            issue
            for key, fact, version in domain.unplanted(self.canary, state)
            for issue in record_fact(
                Stated(
                    fact_key=key,
                    source_stream=self.canary.source,
                    source_version=version,
                    consumer_ids=(self.canary.consumer_id,),
                ),
                fact,
            )
        ]
        calls = domain.calls_due(self.canary, state, outcome.now)
        issues += [self._call(self._foundation.ids.new("att")) for _ in range(calls)]
        await self._foundation.transactor.transact(self._context(), issues)

    def _call(self, attempt_id: str) -> Issue:
        return Issue(
            stream=self._gate,
            decider=GATES,
            command=lambda moment: domain.call_made(self.canary, attempt_id, moment.now),
        )

    async def _take_back(self, permit_id: str) -> None:
        def command(moment: Moment) -> commands.ReleasePermit:
            return commands.ReleasePermit(
                consumer_id=self.canary.consumer_id,
                permit_id=permit_id,
                reason="granted to a canary",
                now=moment.now,
            )

        issue = Issue(stream=self._gate, decider=GATES, command=command)
        await self._foundation.transactor.transact(self._context(), [issue])

    def _context(self) -> Context:
        correlation_id = self._foundation.ids.new("req")
        return Context(
            tenant=self.tenant, metadata=Metadata(actor=ACTOR, correlation_id=correlation_id)
        )


def _decided(outcome: Outcome) -> domain.Decided:
    for _, event in outcome.events:
        if isinstance(event, domain.Decided):
            return event
    raise InvariantViolated("a canary's act was not decided")


def _is_to_be_recorded(tried: Tried, before: Any) -> bool:
    if before is None or before["recorded_ago_s"] is None:
        return True
    is_worse = tried.answer != "refused" and tried.answer != before["answer"]
    return is_worse or bool(before["recorded_ago_s"] >= RECORDED_EVERY_S)


def _worse(first: Tried, second: Tried) -> Tried:
    return first if second.answer == "refused" else second


def _tell(trial: Trial, tried: Tried) -> None:
    canary = trial.canary
    metrics.CANARY_TRIES.add(1, {"forbear.canary": canary.name, "forbear.answer": tried.answer})
    if tried.answer == "refused":
        return
    metrics.CANARY_ALARMS.add(
        1,
        {
            "forbear.canary": canary.name,
            "forbear.rule": canary.expects,
            "forbear.answer": tried.answer,
        },
    )
    log.error(
        "canary-granted" if tried.answer == "granted" else "canary-missed",
        tenant=trial.tenant,
        canary=canary.name,
        rule=canary.expects,
        objections=", ".join(tried.objections),
    )
