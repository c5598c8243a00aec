"""What can be asked of a dispute."""

from datetime import datetime

from services.disputes.disputes.domain.events import Answer, Grounds, Kind, Resolution
from shared.kernel.money import Money
from shared.kernel.records import record
from shared.kernel.sealed import Sealed


@record
class OpenDispute:
    """Take in a dispute; without `received_at` it was received now."""

    dispute_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    kind: Kind
    in_writing: bool
    opened_by: str
    now: datetime
    received_at: datetime | None = None
    disputed_amount: Money | None = None
    grounds: Grounds = "other"
    statement: Sealed | None = None
    timely: bool | None = None
    disputed_by: str | None = None
    says_the_same: bool | None = None
    brings_new: bool | None = None


@record
class AcknowledgeDispute:
    """Note that the person was told."""

    acknowledged_by: str
    now: datetime


@record
class AnswerDispute:
    """Note what was sent; without `sent_at` it was sent now."""

    answer: Answer
    answered_by: str
    now: datetime
    sent_at: datetime | None = None


@record
class ResolveDispute:
    """Bring the dispute to an end."""

    resolution: Resolution
    resolved_by: str
    now: datetime
    note: Sealed | None = None


Command = OpenDispute | AcknowledgeDispute | AnswerDispute | ResolveDispute
