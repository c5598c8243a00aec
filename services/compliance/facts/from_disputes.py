"""What gates learn from disputes: that collection of a debt stops, and when it may go on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.compliance.facts.recording import Stated, record_fact, release_fact
from services.compliance.facts.silence import protection
from services.compliance.rules import facts
from shared.eventstore.transact import Issue
from shared.kernel.money import Money
from shared.kernel.records import event, replace
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, reaction

ORIGINAL_CREDITOR = "original_creditor_request"


@event("forbear.disputes.dispute-opened.v1")
class DisputeOpened:
    """A party disputes a debt, or asks who the original creditor is."""

    dispute_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    in_writing: bool
    received_at: datetime
    disputed_amount: Money | None = None
    kind: str = "dispute"
    timely: bool | None = None
    says_the_same: bool | None = None
    brings_new: bool | None = None


@event("forbear.disputes.dispute-answered.v1")
class DisputeAnswered:
    """The answer that lets collection go on was sent. Carries the dispute's own particulars."""

    dispute_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    in_writing: bool
    received_at: datetime
    disputed_amount: Money | None = None
    kind: str = "dispute"
    timely: bool | None = None
    says_the_same: bool | None = None
    brings_new: bool | None = None


@event("forbear.disputes.dispute-resolved.v1")
class DisputeResolved:
    """The dispute came to an end."""

    dispute_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    resolution: str


def opened(event: DisputeOpened, envelope: Envelope) -> Sequence[Issue]:
    """Stop collecting what is disputed."""
    return _record(event, envelope, answered=False)


def answered(event: DisputeAnswered, envelope: Envelope) -> Sequence[Issue]:
    """Note that the answer was sent."""
    return _record(event, envelope, answered=True)


def resolved(event: DisputeResolved, envelope: Envelope) -> Sequence[Issue]:
    """Let go of the dispute, and of the hold that came with it."""
    stated = Stated(
        fact_key=event.dispute_id,
        source_stream=envelope.stream,
        source_version=envelope.version,
        consumer_ids=event.consumer_ids,
    )
    actor, reason = envelope.metadata.actor, f"the dispute was resolved: {event.resolution}"
    return [
        *release_fact(stated, released_by=actor, reason=reason),
        *release_fact(held_with(stated), released_by=actor, reason=reason),
    ]


def record_dispute(
    stated: Stated, fact: facts.Dispute | facts.OriginalCreditorRequest
) -> list[Issue]:
    """Put a dispute into force, and the hold that it is told with.

    An oral dispute does not stop collection by law (12 CFR 1006.38(d)); the agency's hold does.
    """
    hold = facts.AccountHold(
        account_id=fact.account_id,
        hold_id=f"hold_{stated.fact_key.rpartition('_')[2]}",
        reason="dispute",
    )
    return [*record_fact(stated, fact), *record_fact(held_with(stated), hold)]


def held_with(dispute: Stated) -> Stated:
    """Name the hold that goes with a dispute, as `shared.http.hearing.hold_for` does."""
    return replace(dispute, fact_key=f"hold-{dispute.fact_key}")


def _record(event: Any, envelope: Envelope, *, answered: bool) -> list[Issue]:
    if event.kind == ORIGINAL_CREDITOR:
        fact: facts.Dispute | facts.OriginalCreditorRequest = facts.OriginalCreditorRequest(
            account_id=event.account_id,
            in_writing=event.in_writing,
            received_at=event.received_at,
            timely=event.timely,
            answered=answered,
        )
    else:
        amount = event.disputed_amount.amount if event.disputed_amount else None
        fact = facts.Dispute(
            account_id=event.account_id,
            in_writing=event.in_writing,
            received_at=event.received_at,
            timely=event.timely,
            disputed_amount=amount,
            answered=answered,
            says_the_same=event.says_the_same,
            brings_new=event.brings_new,
        )
    return record_dispute(
        Stated(
            fact_key=event.dispute_id,
            source_stream=envelope.stream,
            source_version=envelope.version,
            consumer_ids=event.consumer_ids,
        ),
        fact,
    )


HANDLERS: tuple[Handler, ...] = (
    protection(DisputeOpened, opened),
    reaction(DisputeAnswered, answered),
    reaction(DisputeResolved, resolved),
)
