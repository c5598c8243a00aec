"""What callers are answered about disputes. Nobody's words are among it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from services.disputes.disputes.domain import Dispute
from shared.http.answers import MoneyAnswer


class Version(BaseModel):
    """A stream as of a version; pass it as `seen` so that nothing older is decided on."""

    stream: str
    version: int


class DisputeAnswer(BaseModel):
    """A dispute as it stands."""

    object: Literal["dispute"] = "dispute"
    id: str
    account_id: str
    consumer_ids: list[str]
    kind: Literal["dispute", "original_creditor_request"]
    status: Literal["open", "acknowledged", "answered", "resolved"]
    in_writing: bool
    timely: bool | None
    grounds: str
    disputed_amount: MoneyAnswer | None
    disputed_by: str | None
    received_at: datetime
    opened_at: datetime
    acknowledged_at: datetime | None
    answer: str | None
    sent_at: datetime | None
    resolution: str | None
    resolved_at: datetime | None

    @classmethod
    def of(cls, dispute: Dispute) -> "DisputeAnswer":
        """Show a dispute's state."""
        return cls(**state_of(dispute))

    @classmethod
    def of_row(cls, row: Any) -> "DisputeAnswer":
        """Show a row."""
        amount = None
        if row["disputed_amount"] is not None:
            amount = MoneyAnswer(amount=row["disputed_amount"], currency=row["currency"])
        named = {"object", "id", "disputed_amount"}
        given = {name: row[name] for name in cls.model_fields if name not in named}
        return cls(id=row["dispute_id"], disputed_amount=amount, **given)


class DisputeHeard(DisputeAnswer):
    """A dispute just opened or answered. `201`: compliance holds it; `202`: it soon will."""

    seen: Version
    effective: bool = False
    effective_by: datetime | None = None


def state_of(dispute: Dispute) -> dict[str, Any]:
    """Return what is shown of a dispute."""
    amount = dispute.disputed_amount
    named = {"object", "id", "disputed_amount", "consumer_ids"}
    given = {
        name: getattr(dispute, name) for name in DisputeAnswer.model_fields if name not in named
    }
    return {
        "id": dispute.dispute_id,
        "consumer_ids": list(dispute.consumer_ids),
        "disputed_amount": MoneyAnswer.of(amount) if amount else None,
        **given,
    }
