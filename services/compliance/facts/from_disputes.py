"""What gates learn from disputes: that collection of a debt stops, and when it may go on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.compliance.facts.recording import Stated, record_fact, release_fact
from services.compliance.rules import facts
from shared.eventstore.transact import Issue
from shared.kernel.money import Money
from shared.kernel.records import event
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
    """Let go of the dispute."""
    return release_fact(
        Stated(
            fact_key=event.dispute_id,
            source_stream=envelope.stream,
            source_version=envelope.version,
            consumer_ids=event.consumer_ids,
        ),
        released_by=envelope.metadata.actor,
        reason=f"the dispute was resolved: {event.resolution}",
    )


def _record(event: Any, envelope: Envelope, *, answered: bool) -> list[Issue]:
    if event.kind == ORIGINAL_CREDITOR:
        fact: facts.Fact = facts.OriginalCreditorRequest(
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
        )
    return record_fact(
        Stated(
            fact_key=event.dispute_id,
            source_stream=envelope.stream,
            source_version=envelope.version,
            consumer_ids=event.consumer_ids,
        ),
        fact,
    )


HANDLERS: tuple[Handler, ...] = (
    reaction(DisputeOpened, opened),
    reaction(DisputeAnswered, answered),
    reaction(DisputeResolved, resolved),
)
