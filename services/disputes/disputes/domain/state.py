"""Where a dispute stands, folded from its events."""

from datetime import datetime
from typing import Literal, assert_never

from services.disputes.disputes.domain import events, told
from shared.kernel.money import Money
from shared.kernel.records import record, replace

Status = Literal["absent", "open", "acknowledged", "answered", "resolved"]


@record
class Dispute:
    """One dispute. `version` counts the events folded, which is the stream's version."""

    version: int = 0
    told_version: int = 0
    dispute_id: str = ""
    account_id: str = ""
    consumer_ids: tuple[str, ...] = ()
    kind: events.Kind = "dispute"
    in_writing: bool = False
    timely: bool | None = None
    received_at: datetime | None = None
    disputed_amount: Money | None = None
    grounds: events.Grounds = "other"
    disputed_by: str | None = None
    says_the_same: bool | None = None
    brings_new: bool | None = None
    opened_at: datetime | None = None
    acknowledged_at: datetime | None = None
    answer: events.Answer | None = None
    sent_at: datetime | None = None
    resolution: events.Resolution | None = None
    resolved_at: datetime | None = None

    @property
    def status(self) -> Status:
        """Return how far the dispute has come."""
        if self.resolution is not None:
            return "resolved"
        if self.answer is not None:
            return "answered"
        if self.acknowledged_at is not None:
            return "acknowledged"
        return "open" if self.dispute_id else "absent"

    @property
    def fact(self) -> told.Fact | None:
        """Say the dispute in compliance's terms; None while there is none."""
        if self.received_at is None:
            return None
        answered = self.answer is not None
        if self.kind == "original_creditor_request":
            return told.OriginalCreditorRequest(
                account_id=self.account_id,
                in_writing=self.in_writing,
                received_at=self.received_at,
                timely=self.timely,
                answered=answered,
            )
        return told.Dispute(
            account_id=self.account_id,
            in_writing=self.in_writing,
            received_at=self.received_at,
            timely=self.timely,
            disputed_amount=self.disputed_amount.amount if self.disputed_amount else None,
            answered=answered,
            says_the_same=self.says_the_same,
            brings_new=self.brings_new,
        )


def evolve(state: Dispute, event: events.Event) -> Dispute:
    """Apply one fact."""
    version = state.version + 1
    match event:
        case events.DisputeOpened():
            return Dispute(
                version=version,
                told_version=version,
                dispute_id=event.dispute_id,
                account_id=event.account_id,
                consumer_ids=event.consumer_ids,
                kind=event.kind,
                in_writing=event.in_writing,
                timely=event.timely,
                received_at=event.received_at,
                disputed_amount=event.disputed_amount,
                grounds=event.grounds,
                disputed_by=event.disputed_by,
                says_the_same=event.says_the_same,
                brings_new=event.brings_new,
                opened_at=event.at,
            )
        case events.DisputeAcknowledged():
            return replace(state, version=version, acknowledged_at=event.at)
        case events.DisputeAnswered():
            return replace(
                state,
                version=version,
                told_version=version,
                answer=event.answer,
                sent_at=event.sent_at,
            )
        case events.DisputeResolved():
            return replace(
                state, version=version, resolution=event.resolution, resolved_at=event.at
            )
        case _:
            assert_never(event)
