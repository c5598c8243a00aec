"""One permit, one contact: granted, unexpired, matching, redeemed once, reported within bounds."""

from dataclasses import dataclass
from datetime import datetime

from tests.oracle.gate import Aim, Attempt, Gate, Scene, read_aim
from tests.oracle.log import Event, instant, instant_or_none
from tests.oracle.outcomes import NOTHING
from tests.oracle.report import Findings

UNDECIDED = "unknown"
"""Reported where nobody knows whether anything went out; it is no proof of a contact."""


@dataclass(slots=True)
class Permit:
    """What is kept of a permit once its gate has been judged."""

    consumer_id: str
    aim: Aim
    event_id: str
    outcome: str | None
    redeemed_at: datetime | None = None
    redeemed_event_id: str | None = None
    redeemed_order: tuple[int, int] = (0, 0)
    digest: str | None = None
    own_opt_outs: frozenset[str] = frozenset()


def check_redeem(scene: Scene, findings: Findings) -> None:
    """Name a redeem that its permit does not carry."""
    findings.checked["contact-without-permit"] += 1
    for code, sentence in _faults(scene, scene.gate.attempts.get(scene.permit_id)):
        _name(scene.gate, scene.event, findings, code, f"The permit {scene.permit_id} {sentence}.")


def _faults(scene: Scene, attempt: Attempt | None) -> list[tuple[str, str]]:
    found = []
    body, at = scene.event.body, scene.at
    around = body.get("circumstances", {})
    if any(around.get(each) for each in ("stale", "parked", "unapplied")):
        found.append(("redeemed-on-stale-facts", f"was redeemed at {at} on stale facts"))
    if instant(body["dispatch_before"]) > at + scene.aim.slack:
        found.append(("dispatch-bound-exceeded", f"leaves until {body['dispatch_before']}"))
    if attempt is None:
        return [*found, ("contact-without-permit", "was redeemed but never granted")]
    if attempt.redeemed_at is not None:
        found.append(("permit-redeemed-twice", f"was redeemed before, at {attempt.redeemed_at}"))
    elif attempt.ended_by is not None or attempt.outcome is not None:
        found.append(("permit-ended", f"had ended ({attempt.ended_by or attempt.outcome})"))
    if attempt.expires_at is not None and at >= attempt.expires_at:
        found.append(("permit-expired", f"expired {attempt.expires_at}, redeemed at {at}"))
    if attempt.aim != scene.aim:
        found.append(("permit-mismatch", f"was for {attempt.aim}, redeemed for {scene.aim}"))
    return found


def check_outcome(gate: Gate, event: Event, findings: Findings) -> None:
    """Name a contact nobody gave leave for, and times outside what the permit allowed."""
    body = event.body
    attempt = gate.attempts.get(body["permit_id"])
    findings.checked["outcome-out-of-bounds"] += 1
    if attempt is None or attempt.redeemed_at is None:
        is_known = attempt is not None and attempt.granted_at is None
        if not is_known and body["outcome"] not in (*NOTHING, UNDECIDED):
            _name(
                gate,
                event,
                findings,
                "contact-without-permit",
                f"{body['outcome']} came of the permit {body['permit_id']}, never redeemed.",
            )
        return
    started, ended = instant(body["started_at"]), instant(body["ended_at"])
    last = attempt.redeemed_at + attempt.aim.slack
    if not attempt.redeemed_at <= started <= last or not started <= ended <= max(started, event.at):
        _name(
            gate,
            event,
            findings,
            "outcome-out-of-bounds",
            f"The attempt redeemed at {attempt.redeemed_at} is kept as {started} to {ended}.",
        )
    reported = instant_or_none(body.get("reported_started_at"))
    is_moved = reported is not None and reported != started
    if is_moved and "time_out_of_bounds" not in body["irregularities"]:
        _name(
            gate,
            event,
            findings,
            "irregularity-unmarked",
            f"A start reported as {reported} is kept as {started}, and nobody is told.",
        )


def check_unpermitted(gate: Gate, event: Event, findings: Findings) -> None:
    """Name an attempt that was made without leave."""
    if event.body["outcome"] not in NOTHING:
        _name(
            gate,
            event,
            findings,
            "contact-without-permit",
            f"The attempt {event.body['attempt_id']} was made without a permit.",
        )


def _name(gate: Gate, event: Event, findings: Findings, code: str, sentence: str) -> None:
    findings.name(code, gate.tenant, gate.consumer_id, (event.id,), sentence)


def kept(gate: Gate, attempt: Attempt) -> Permit:
    """Return what is to be kept of a permit of this gate."""
    return Permit(
        consumer_id=gate.consumer_id,
        aim=attempt.aim,
        event_id=attempt.event_id,
        outcome=attempt.outcome,
        redeemed_at=attempt.redeemed_at,
        redeemed_event_id=attempt.redeemed_event_id,
    )


@dataclass(slots=True)
class ContactAttempt:
    """An attempt as the contact service has it."""

    tenant: str
    attempt_id: str
    consumer_id: str
    permit_id: str
    aim: Aim
    event_id: str
    is_permitted: bool
    dispatch_event_id: str | None = None
    is_refused: bool = False
    outcome: str | None = None
    outcome_event_id: str | None = None
    outcome_recorded_at: datetime | None = None


class Attempts:
    """The contact service's attempts, to be laid beside compliance's permits."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._attempts: dict[tuple[str, str], ContactAttempt] = {}
        self._by_permit: dict[tuple[str, str], ContactAttempt] = {}
        self._tenants: set[str] = set()

    def take(self, event: Event) -> None:
        """Remember what an event of an attempt says."""
        logged, body = event.logged, event.body
        if event.name in ("attempt-permitted", "attempt-vetoed"):
            attempt = ContactAttempt(
                tenant=logged.tenant,
                attempt_id=body["attempt_id"],
                consumer_id=body["consumer_ids"][0],
                permit_id=body["permit_id"],
                aim=read_aim(body, body["consumer_ids"][0]),
                event_id=event.id,
                is_permitted=event.name == "attempt-permitted",
            )
            self._tenants.add(logged.tenant)
            self._attempts[logged.tenant, logged.stream] = attempt
            first = self._by_permit.setdefault((logged.tenant, attempt.permit_id), attempt)
            if first is not attempt:
                self._name(
                    "permit-of-two-attempts", attempt, event.id, f"So had {first.attempt_id}."
                )
            return
        known = self._attempts.get((logged.tenant, logged.stream))
        if known is None:
            return
        match event.name:
            case "dispatch-started":
                if known.dispatch_event_id is not None:
                    self._name("dispatched-twice", known, event.id, "It was dispatched before.")
                known.dispatch_event_id = event.id
            case "dispatch-refused":
                known.is_refused = True
            case "attempt-concluded":
                known.outcome = body["outcome"]
                known.outcome_event_id = event.id
                known.outcome_recorded_at = event.recorded_at

    def finish(
        self, permits: dict[tuple[str, str], Permit], tenants: set[str], settled: datetime
    ) -> None:
        """Lay attempts and permits side by side, both ways.

        `tenants` are those whose compliance log is at hand, `settled` the instant before which
        everything must have arrived.
        """
        for attempt in self._attempts.values():
            if attempt.tenant in tenants and attempt.is_permitted:
                self._check(attempt, permits.get((attempt.tenant, attempt.permit_id)), settled)
        for (tenant, permit_id), permit in permits.items():
            if permit.redeemed_at is None or tenant not in self._tenants:
                continue
            self._findings.checked["redeemed-without-attempt"] += 1
            if (tenant, permit_id) not in self._by_permit:
                self._findings.name(
                    "redeemed-without-attempt",
                    tenant,
                    permit.consumer_id,
                    (permit.redeemed_event_id or permit.event_id,),
                    f"The permit {permit_id} was redeemed, but no attempt has it.",
                )

    def _check(self, attempt: ContactAttempt, permit: Permit | None, settled: datetime) -> None:
        self._findings.checked["contact-without-permit"] += 1
        if permit is None:
            event_id = attempt.dispatch_event_id or attempt.event_id
            self._name("contact-without-permit", attempt, event_id, "No such permit was granted.")
            return
        if permit.aim != attempt.aim:
            self._name(
                "permit-mismatch", attempt, attempt.event_id, f"It was granted for {permit.aim}."
            )
        if attempt.outcome is None or attempt.outcome_event_id is None:
            return
        if permit.redeemed_at is None:
            if attempt.outcome not in (*NOTHING, UNDECIDED):
                self._name(
                    "contact-without-permit",
                    attempt,
                    attempt.outcome_event_id,
                    f"{attempt.outcome} came of it, and it was never redeemed.",
                )
            return
        self._findings.checked["outcome-not-reported"] += 1
        is_due = attempt.outcome_recorded_at is not None and attempt.outcome_recorded_at < settled
        if is_due and permit.outcome != attempt.outcome:
            self._name(
                "outcome-not-reported",
                attempt,
                attempt.outcome_event_id,
                f"{attempt.outcome} came of it; compliance has {permit.outcome}.",
            )

    def _name(self, code: str, attempt: ContactAttempt, event_id: str, sentence: str) -> None:
        self._findings.name(
            code,
            attempt.tenant,
            attempt.attempt_id,
            (event_id,),
            f"The attempt {attempt.attempt_id} has the permit {attempt.permit_id}. {sentence}",
        )
