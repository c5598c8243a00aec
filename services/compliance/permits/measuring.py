"""What is counted of decisions: verdicts, objecting rules, and how long deciding took."""

import time
from collections.abc import Awaitable, Sequence
from typing import Literal

from services.compliance.permits.domain import events
from services.compliance.rules.findings import Objection, Observation
from shared.eventstore import codec
from shared.eventstore.transact import Outcome
from shared.kernel.records import event_name
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler
from shared.telemetry import metrics
from shared.telemetry.logging import get_logger

log = get_logger(__name__)

Stage = Literal["request", "redemption"]
WITHOUT_PERMIT = "attempt-without-permit"
NOT_REDEEMED = "attempt-without-redemption"

FAIL_CLOSED = frozenset(
    (
        "account-unknown",
        "facts-parked",
        "facts-stale",
        "gate-full",
        "location-unknown",
        "product-type-unknown",
        "rulebook-stale",
    )
)
"""Rules that object because something is not known, not because the law bars the contact."""


async def measured(stage: Stage, channel: str, deciding: Awaitable[Outcome]) -> Outcome:
    """Wait for a decision and count it; one that was recorded before is not counted again."""
    started = time.perf_counter()
    outcome = await deciding
    if metrics.is_on():
        seconds = time.perf_counter() - started
        for _, event in outcome.events:
            _count(stage, channel, event, seconds)
    return outcome


async def measured_clearance(act: str, deciding: Awaitable[Outcome]) -> Outcome:
    """Wait for a decision about an act and count it; one recorded before is not counted again."""
    started = time.perf_counter()
    outcome = await deciding
    if metrics.is_on():
        seconds = time.perf_counter() - started
        for _, event in outcome.events:
            _count_act(act, event, seconds)
    return outcome


def _count(stage: Stage, channel: str, event: object, seconds: float) -> None:
    objections: tuple[Objection, ...] = ()
    match event:
        case events.PermitGranted() | events.PermitRedeemed():
            verdict = "permit"
        case events.PermitRefused():
            verdict, objections = event.verdict, event.objections
        case events.RedemptionRefused():
            verdict, objections = "deny", event.objections
        case _:
            return
    if stage == "request":  # a redemption would count it twice
        _count_observed(event.observed)
    labels = {"forbear.stage": stage, "forbear.channel": channel}
    metrics.DECISIONS.add(1, {**labels, "forbear.verdict": verdict})
    metrics.DECISION_DURATION.record(seconds, labels)
    for each in objections:
        metrics.OBJECTIONS.add(1, {**labels, "forbear.rule": each.rule})
        if each.rule in FAIL_CLOSED:
            metrics.FAIL_CLOSED.add(1, {"forbear.stage": stage, "forbear.rule": each.rule})


def _count_act(act: str, event: object, seconds: float) -> None:
    if not isinstance(event, events.ActCleared | events.ActRefused):
        return
    objections: tuple[Objection, ...] = ()
    verdict = "permit"
    if isinstance(event, events.ActRefused):
        verdict, objections = event.verdict, event.objections
    labels = {"forbear.act": act}
    metrics.CLEARANCES.add(1, {**labels, "forbear.verdict": verdict})
    metrics.CLEARANCE_DURATION.record(seconds, labels)
    for each in objections:
        metrics.CLEARANCE_OBJECTIONS.add(1, {**labels, "forbear.rule": each.rule})
    _count_observed(event.observed)


def _count_observed(observed: Sequence[Observation]) -> None:
    """Count what packs in shadow would have said no to, and those that could say nothing."""
    for each in observed:
        if each.failed_with:
            log.error("shadow-pack-failed", packs=each.pack, error_type=each.failed_with)
            metrics.RULE_PACK_FAILURES.add(1, {"forbear.stage": "shadow"})
        for objection in each.objections:
            labels = {"forbear.pack": each.pack, "forbear.rule": objection.rule}
            metrics.OBSERVED_OBJECTIONS.add(1, labels)


async def nothing_impossible() -> None:
    """Show that none was seen, so that the first one is an increase."""
    for state in (WITHOUT_PERMIT, NOT_REDEEMED):
        metrics.IMPOSSIBLE.add(0, {"forbear.state": state})


def _without_permit(envelope: Envelope) -> None:
    metrics.IMPOSSIBLE.add(1, {"forbear.state": WITHOUT_PERMIT})


def _outcome(envelope: Envelope) -> None:
    reported = codec.decode(events.OutcomeReported, envelope.data)
    if "permit_not_redeemed" in reported.irregularities:
        metrics.IMPOSSIBLE.add(1, {"forbear.state": NOT_REDEEMED})


HANDLERS: tuple[Handler, ...] = (
    Handler(name=event_name(events.UnpermittedAttemptReported), then=_without_permit),
    Handler(name=event_name(events.OutcomeReported), then=_outcome),
)
"""What is counted of a gate's own events, however they came about."""
