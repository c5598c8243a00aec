"""What happens to a dispute. `DisputeAnswered` repeats the particulars for its late readers."""

from datetime import datetime
from typing import Literal

from shared.kernel.money import Money
from shared.kernel.records import event
from shared.kernel.sealed import Sealed

Kind = Literal["dispute", "original_creditor_request"]
Grounds = Literal[
    "not_mine",
    "wrong_amount",
    "already_paid",
    "identity_theft",
    "goods_or_services",
    "too_old",
    "discharged",
    "stated_on_call",
    "other",
]
Answer = Literal["verification", "judgment", "duplicative_notice", "original_creditor"]
Resolution = Literal["denied", "upheld", "withdrawn"]


@event("forbear.disputes.dispute-opened.v1")
class DisputeOpened:
    """A dispute was received. No amount means the whole debt, unknown timeliness timely."""

    consumer_ids: tuple[str, ...]
    dispute_id: str
    account_id: str
    kind: Kind
    in_writing: bool
    received_at: datetime
    disputed_amount: Money | None
    grounds: Grounds
    statement: Sealed | None
    opened_by: str
    at: datetime
    timely: bool | None = None
    disputed_by: str | None = None
    says_the_same: bool | None = None
    brings_new: bool | None = None


@event("forbear.disputes.dispute-acknowledged.v1")
class DisputeAcknowledged:
    """The person was told that the dispute was received."""

    consumer_ids: tuple[str, ...]
    dispute_id: str
    account_id: str
    acknowledged_by: str
    at: datetime


@event("forbear.disputes.dispute-answered.v1")
class DisputeAnswered:
    """What the law asks for was sent: collection may go on (12 CFR 1006.38(c)-(d))."""

    consumer_ids: tuple[str, ...]
    dispute_id: str
    account_id: str
    answer: Answer
    sent_at: datetime
    answered_by: str
    kind: Kind
    in_writing: bool
    received_at: datetime
    disputed_amount: Money | None
    at: datetime
    timely: bool | None = None
    says_the_same: bool | None = None
    brings_new: bool | None = None


@event("forbear.disputes.dispute-resolved.v1")
class DisputeResolved:
    """The dispute came to an end."""

    consumer_ids: tuple[str, ...]
    dispute_id: str
    account_id: str
    resolution: Resolution
    resolved_by: str
    at: datetime
    note: Sealed | None = None


Event = DisputeOpened | DisputeAcknowledged | DisputeAnswered | DisputeResolved
EVENTS: tuple[type, ...] = (DisputeOpened, DisputeAcknowledged, DisputeAnswered, DisputeResolved)
