"""What compliance is told of a dispute: its gate's facts, in their wire form.

`tests/unit/disputes/test_told_facts.py` holds them against the gate's own records.
"""

from datetime import datetime

from shared.kernel.records import variant


@variant("dispute")
class Dispute:
    """A dispute of an account."""

    account_id: str
    in_writing: bool
    received_at: datetime
    timely: bool | None = None
    disputed_amount: int | None = None
    answered: bool = False
    says_the_same: bool | None = None
    brings_new: bool | None = None


@variant("original-creditor-request")
class OriginalCreditorRequest:
    """A request for the original creditor's name and address (12 CFR 1006.38(c))."""

    account_id: str
    in_writing: bool
    received_at: datetime
    timely: bool | None = None
    answered: bool = False


Fact = Dispute | OriginalCreditorRequest
