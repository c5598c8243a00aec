"""What callers send about accounts."""

from typing import Annotated

from services.ledger.accounts import domain as accounts
from shared.http.fields import AmountMinor, CurrencyCode, Instant, ShortText, StrictBody, TypeId


class PaymentBody(StrictBody):
    """Money that was received; `external_ref` is the payer's or bank's reference."""

    amount_minor: AmountMinor
    currency: CurrencyCode
    received_by: accounts.Receiver
    instrument: accounts.Instrument
    received_at: Instant | None = None
    external_ref: Annotated[str, ShortText(100)] | None = None
    plan_id: Annotated[str, TypeId("plan")] | None = None


class ReversalBody(StrictBody):
    """Why a payment is undone, and from when."""

    reason: accounts.ReversalReason
    effective_at: Instant | None = None


class RecallBody(StrictBody):
    """Why the creditor takes the account back."""

    reason: accounts.RecallReason


class CloseBody(StrictBody):
    """Why work on the account ends."""

    reason: accounts.CloseReason
