"""One permit, one contact: granted, unexpired, matching, redeemed once, reported within bounds."""

from dataclasses import dataclass
from datetime import datetime

from tests.oracle.gate import Aim, Attempt, Gate, Scene
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
