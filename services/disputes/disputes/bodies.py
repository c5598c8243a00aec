"""What callers send about disputes."""

from typing import Annotated, Literal

from services.disputes.disputes.domain.events import Answer, Grounds, Kind, Resolution
from shared.http.fields import AmountMinor, CurrencyCode, FreeText, Instant, StrictBody, TypeId


class DisputeBody(StrictBody):
    """A dispute as it was received; without an amount the whole debt is disputed.

    `timely` says whether it came within the validation period; unknown counts as timely.
    `says_the_same`: substantially what an earlier one said; `brings_new`: new and material
    information. What is new is not answered by reference to an earlier answer.
    """

    account_id: Annotated[str, TypeId("acct")]
    kind: Kind = "dispute"
    in_writing: bool
    received_at: Instant | None = None
    disputed_amount_minor: AmountMinor | None = None
    currency: CurrencyCode = "USD"
    grounds: Grounds = "other"
    text: Annotated[str, FreeText(20_000, may_hold_card_numbers=True)] | None = None
    timely: bool | None = None
    consumer_id: Annotated[str, TypeId("cns")] | None = None
    says_the_same: bool | None = None
    brings_new: bool | None = None


class AnswerBody(StrictBody):
    """What was sent to the person, and when if not now."""

    answer: Answer
    sent_at: Instant | None = None


class ResolutionBody(StrictBody):
    """How the dispute ends; `note` is kept sealed."""

    resolution: Resolution
    note: Annotated[str, FreeText(2000)] | None = None


StatusFilter = Literal["open", "acknowledged", "answered", "resolved"]
