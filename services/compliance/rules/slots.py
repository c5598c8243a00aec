"""An attempt's slot: from the grant of its permit to what is known to have happened.

Until its outcome says when it took place, an attempt counts at the latest instant it can have
happened; counting at grant or redeem would allow an eighth call in seven days.
"""

from datetime import datetime, timedelta
from typing import Literal

from services.compliance.rules import outcomes
from services.compliance.rules.places import Place
from services.compliance.rules.request import (
    LOCATION_PURPOSES,
    TELEPHONE,
    ContactRequest,
    dispatch_bound,
)
from shared.kernel.records import record

COUNTED_DAYS_KEPT = 10
"""The longest window of most rules (7 dates), the spread of zones, and a day of room."""

AWAY_DAYS_KEPT = 33
"""The same for visits, and calls and texts to work and elsewhere, which some states count over 30
dates."""

LOCATION_DAYS_KEPT = 3 * 366
"""A person is asked for location information once (1006.10(c)): that is remembered for years."""

AWAY_CHANNELS = TELEPHONE | {"text"}

UNUSED_KEPT = timedelta(days=1)
"""How long a permit that came to nothing is remembered, to name the reason to a late redeem."""

CALL_LENGTH_MAX = timedelta(hours=4)
"""How long a call whose outcome is unknown may have lasted: its conversation ended by then."""


@record
class Slot:
    """One attempt. `permit_id` is the attempt's own id where there was no permit.

    `answers` is the message whose one reply it takes, `confirms` the opt-outs it confirms, `place`
    where its contact point was known to lead when the permit was granted.
    """

    permit_id: str
    request: ContactRequest
    status: Literal["open", "redeemed", "released", "revoked", "unpermitted"]
    granted_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None = None
    redemption_id: str | None = None
    revoked_by: str | None = None
    outcome: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    discussed: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    answers: str | None = None
    confirms: tuple[str, ...] = ()
    place: Place | None = None


@record
class Reach:
    """One way in which the consumer was reached about a debt, by the attempt's own outcome."""

    attempt_id: str
    is_spoken: bool
    at: datetime
    undeliverable_at: datetime | None = None


def is_open(slot: Slot, at: datetime) -> bool:
    """Tell whether the permit could still be redeemed."""
    return slot.status == "open" and slot.outcome is None and at < slot.expires_at


def is_taken(slot: Slot, at: datetime) -> bool:
    """Tell whether the attempt was made, may have been made, or may yet be made."""
    if slot.outcome is not None:
        return outcomes.OUTCOMES[slot.outcome].is_made
    return slot.status in ("redeemed", "unpermitted") or is_open(slot, at)


def is_counted_call(slot: Slot, at: datetime) -> bool:
    """Tell whether it counts as placing a telephone call (1006.14(b)(2), (b)(3)(ii))."""
    if slot.request.channel not in TELEPHONE:
        return False
    if slot.outcome is not None:
        return outcomes.OUTCOMES[slot.outcome].counts
    return is_taken(slot, at)


def is_location_contact(slot: Slot, at: datetime) -> bool:
    """Tell whether somebody was asked for location information by it, or may have been."""
    if slot.request.purpose not in LOCATION_PURPOSES or not is_taken(slot, at):
        return False
    return slot.outcome is None or outcomes.OUTCOMES[slot.outcome].reached


def earliest_instant(slot: Slot) -> datetime:
    """Return the first instant at which it can have been dispatched."""
    return slot.started_at or slot.redeemed_at or slot.granted_at


def latest_instant(slot: Slot) -> datetime:
    """Return the last instant at which it can have been dispatched."""
    if slot.started_at is not None:
        return slot.started_at
    return (slot.redeemed_at or slot.expires_at) + dispatch_bound(slot.request.channel)


def conversation_end(slot: Slot) -> datetime | None:
    """Return when a telephone conversation ended, or can have ended while nobody has said.

    None where there was none; one face to face is none of the telephone (1006.14(b)(2)(i)(B)).
    """
    if slot.request.channel != "call":
        return None
    if slot.outcome is not None:
        match outcomes.OUTCOMES[slot.outcome].conversation:
            case "yes":
                return slot.ended_at or latest_instant(slot)
            case "no":
                return None
            case "unknown":
                return slot.ended_at or latest_instant(slot) + CALL_LENGTH_MAX
    if slot.status in ("redeemed", "unpermitted"):
        return latest_instant(slot) + CALL_LENGTH_MAX
    return None


def kept_until(slot: Slot) -> datetime:
    """Return when the slot no longer matters to any rule and may be forgotten."""
    if slot.status in ("redeemed", "unpermitted") or slot.outcome is not None:
        latest = max(latest_instant(slot), conversation_end(slot) or latest_instant(slot))
        return latest + timedelta(days=_days_kept(slot, latest))
    return slot.expires_at + UNUSED_KEPT


def _days_kept(slot: Slot, at: datetime) -> int:
    if is_location_contact(slot, at):
        return LOCATION_DAYS_KEPT
    # Where nobody knows a contact point to lead, it may lead to work.
    is_away = slot.place not in ("home", "mobile") and slot.request.channel in AWAY_CHANNELS
    # Prerecorded calls are counted over thirty dates too (47 CFR 64.1200(a)(3)(iii)).
    is_long = (
        is_away or slot.request.channel == "in_person" or slot.request.technology == "prerecorded"
    )
    return AWAY_DAYS_KEPT if is_long else COUNTED_DAYS_KEPT
