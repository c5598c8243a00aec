"""What disputes reads of other services' events: only the fields it needs."""

from datetime import datetime

from shared.kernel.records import event


@event("forbear.ledger.account-placed.v1")
class AccountPlaced:
    """A creditor handed over one debt."""

    account_id: str
    creditor_id: str
    consumer_ids: tuple[str, ...]


@event("forbear.contact.attempt-concluded.v1")
class AttemptConcluded:
    """What came of an attempt to reach someone."""

    attempt_id: str
    consumer_ids: tuple[str, ...]
    account_ids: tuple[str, ...]
    dispute_id: str | None = None
    ended_at: datetime | None
    reported_by: str
    at: datetime
