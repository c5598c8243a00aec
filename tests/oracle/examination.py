"""The examination: what other services heard, then every gate, then what must fit together."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from tests.oracle import (
    calls,
    canaries,
    clearances,
    consents,
    exceptions,
    hours,
    permits,
    persons,
    state_law,
    stops,
)
from tests.oracle.agency import Agencies
from tests.oracle.attempts import Attempts
from tests.oracle.disputes import Disputes
from tests.oracle.gate import Gate, Scene, apply, scene
from tests.oracle.log import Event, LoggedEvent
from tests.oracle.money import Books
from tests.oracle.open_plans import OpenPlans
from tests.oracle.plans import Plans
from tests.oracle.points import Points
from tests.oracle.report import Findings, Report
from tests.oracle.sources import Sources
from tests.oracle.streams import Streams

SERVICES = ("ledger", "contact", "disputes", "compliance")
"""In the order in which their logs must be taken: what was heard before how gates answered."""

STALENESS = timedelta(seconds=45)
"""How long a stop may take to a gate: the 30 s of the slowest feed, and time to commit."""

_NEVER = datetime.max.replace(tzinfo=UTC)

RECORDS = ("content", "licences", "rulepack")
"""Streams of what an agency puts on record for itself."""

READ = {
    "ledger": ("account", "plan"),
    "contact": ("contact", "attempt"),
    "disputes": ("dispute",),
    "compliance": ("gate", "point", *RECORDS),
}


class Examination:
    """Takes streams one by one, so that only one gate is in memory at a time.

    Args:
        end: when the log ends; what came shortly before need not have arrived everywhere.
        staleness: within which time what one service heard must have reached the gates.
        is_complete: whether the logs of all four services are taken, so that no cause is missing.
        outside: who contacts people without the contact service, so that it has no attempts.
    """

    def __init__(
        self,
        end: datetime,
        staleness: timedelta = STALENESS,
        *,
        is_complete: bool = True,
        outside: Collection[str] = (),
    ) -> None:
        self._outside = outside
        self._end = end
        self._is_complete = is_complete
        self._settled = end - staleness
        self._findings = Findings()
        self._streams = Streams(self._findings)
        self._sources = Sources(self._findings, staleness)
        self._books = Books(self._findings)
        self._plans = Plans(self._findings)
        self._open_plans = OpenPlans(self._findings)
        self._disputes = Disputes(self._findings)
        self._attempts = Attempts(self._findings)
        self._points = Points(self._findings)
        self._calls = calls.CallsByPerson(self._findings)
        self._agencies = Agencies(self._findings)
        self._permits: dict[tuple[str, str], permits.Permit] = {}
        self._tenants: set[str] = set()
        self._events = 0

    def take(self, stream: Sequence[LoggedEvent]) -> None:
        """Examine one whole stream, given in the order of its versions."""
        self._events += len(stream)
        events = self._streams.read(stream)
        if not events:
            return
        first = events[0].logged
        kind = first.stream.partition("-")[0]
        if kind not in READ.get(first.service, ()):
            if kind not in ("creditor", "placement", "rulebook"):
                self._findings.unread[first.type] += len(events)
            return
        if first.service == "compliance":
            self._take_compliance(kind, events)
        else:
            self._take_source(kind, events)

    def finish(self) -> Report:
        """Check what holds across streams, and report."""
        if self._is_complete:
            self._streams.finish()
        self._sources.finish(self._end)
        self._plans.finish(self._books.payments)
        self._open_plans.finish(self._end)
        self._disputes.finish(self._settled)
        self._points.finish(self._permits)
        self._attempts.finish(self._permits, self._tenants, self._settled)
        self._calls.finish()
        self._agencies.finish(self._permits)
        return Report(
            violations=self._findings.violations,
            checked=dict(self._findings.checked),
            events=self._events,
            unread=dict(self._findings.unread),
            trial_balance={
                f"{tenant} {currency}": total
                for (tenant, currency), total in sorted(self._books.trial.items())
            },
        )

    def _take_source(self, kind: str, events: Sequence[Event]) -> None:
        for event in events:
            self._sources.take(event)
        match kind:
            case "account":
                self._books.take(events)
                self._open_plans.take(events)
                for event in events:
                    self._disputes.take_account(event)
            case "plan":
                self._plans.take(events)
                self._open_plans.take(events)
            case "attempt":
                for event in events:
                    self._attempts.take(event)
                    self._disputes.take_attempt(event)
            case "dispute":
                self._disputes.take_dispute(events)

    def _take_compliance(self, kind: str, events: Sequence[Event]) -> None:
        tenant = events[0].logged.tenant
        self._tenants.add(tenant)
        self._sources.note_compliance(tenant)
        if kind in RECORDS:
            for event in events:
                self._agencies.take(kind, event)
            return
        if kind == "point":
            for event in events:
                self._points.take(event)
            return
        gate = Gate(tenant, events[0].logged.stream.removeprefix("gate-"))
        if canaries.is_one(gate.consumer_id):
            canaries.check(gate, events, self._findings)
            return
        for event in events:
            self._judge(gate, event)
        for attempt in gate.attempts.values():
            if attempt.granted_at is not None or attempt.redeemed_at is not None:
                where = (tenant, attempt.permit_id)
                known = self._permits.get(where)
                self._permits[where] = permits.kept(gate, attempt)
                if known is not None:  # kept when it was redeemed, with what was known then
                    self._permits[where].digest = known.digest
                    self._permits[where].own_opt_outs = known.own_opt_outs
                    self._permits[where].redeemed_order = known.redeemed_order
        self._calls.add(gate)
        self._sources.finish_gate(gate, self._end)

    def _judge(self, gate: Gate, event: Event) -> None:
        """Judge one event by what the gate knew before it, then take it in."""
        match event.name:
            case "fact-recorded" | "fact-released":
                self._sources.check_fact(gate, event)
                self._findings.checked["fact-went-back"] += 1
                if not gate.take(event):
                    self._name(gate, event, "fact-went-back", "A newer version was known.")
            case "permit-granted":
                self._granted(gate, event)
            case "permit-redeemed":
                self._redeemed(gate, event)
            case "outcome-reported":
                permits.check_outcome(gate, event, self._findings)
            case "unpermitted-attempt-reported":
                permits.check_unpermitted(gate, event, self._findings)
            case "act-cleared":
                clearances.check(gate, event, self._findings)
            case (
                "act-refused"
                | "permit-refused"
                | "redemption-refused"
                | "permit-released"
                | "permit-revoked"
            ):
                pass
            case _:
                self._findings.unread[event.logged.type] += 1
        apply(gate, event)

    def _granted(self, gate: Gate, event: Event) -> None:
        self._findings.checked["permit-granted-twice"] += 1
        if event.body["permit_id"] in gate.attempts:
            self._name(gate, event, "permit-granted-twice", "It was granted before.")
        calls.check_number(scene(gate, event), self._findings)

    def _redeemed(self, gate: Gate, event: Event) -> None:
        here = scene(gate, event)
        if event.actor in self._outside:
            self._attempts.leave_out(gate.tenant, here.permit_id)
        permits.check_redeem(here, self._findings)
        calls.check_number(here, self._findings)
        calls.check_conversations(here, self._findings)
        hours.check(here, self._findings)
        stops.check(here, self._findings)
        exceptions.check(here, self._findings)
        consents.check(here, self._findings)
        state_law.check(here, self._findings)
        persons.check(here, self._findings)
        self._sources.check_redeem(here)
        self._agencies.use(here)
        self._keep(here)

    def _keep(self, here: Scene) -> None:
        """Remember of a redeem what the address's own opt-outs will be held against."""
        gate = here.gate
        point = gate.point(here.aim.contact_point_id)
        self._permits[gate.tenant, here.permit_id] = permits.Permit(
            consumer_id=gate.consumer_id,
            aim=here.aim,
            event_id=here.event.id,
            outcome=None,
            redeemed_order=here.event.logged.order,
            digest=None if point is None else point.body["digest"],
            own_opt_outs=frozenset(
                each.key for each in gate.of("opt-out") if stops.binds(here, each.body)
            ),
        )

    def _name(self, gate: Gate, event: Event, code: str, sentence: str) -> None:
        self._findings.name(code, gate.tenant, gate.consumer_id, (event.id,), sentence)


def examine_events(
    events: Iterable[LoggedEvent],
    *,
    staleness: timedelta = STALENESS,
    is_complete: bool = True,
    outside: Collection[str] = (),
) -> Report:
    """Examine logs held in memory, in whatever order their events are given."""
    logged = sorted(events, key=_place)
    end = max((each.recorded_at for each in logged), default=_NEVER)
    examination = Examination(end, staleness, is_complete=is_complete, outside=outside)
    for _, stream in groupby(logged, key=lambda each: (each.service, each.tenant, each.stream)):
        examination.take(list(stream))
    return examination.finish()


def _place(event: LoggedEvent) -> tuple[int, str, str, int, tuple[int, int]]:
    service = event.service
    nth = SERVICES.index(service) if service in SERVICES else len(SERVICES)
    return (nth, event.tenant, event.stream, event.version, event.order)
