"""What is asked: one contact with one party through one point, and what was known around it."""

from datetime import timedelta
from typing import Literal

from services.compliance.rules.facts import Channel, Medium
from shared.kernel.records import record

Act = Literal["contact", "reply", "opt_out_confirmation"]
Technology = Literal["live", "prerecorded", "autodialed"]

Renewal = Literal["asked_again", "answer_wrong_or_incomplete"]
"""Why a person may be asked for location information again (1006.10(c)): they asked for it, or the
earlier answer is reasonably believed to have been wrong or incomplete and to be right now."""

Saying = Literal["debt_owed"]

LOCATION_PURPOSES = frozenset({"location_information", "estate_representative_information"})

TELEPHONE: frozenset[str] = frozenset({"call", "voicemail"})
SPOKEN: frozenset[str] = TELEPHONE | {"in_person"}
"""Where the person is spoken with, or may be. A visit is no call: nothing of calls counts it."""

ELECTRONIC: frozenset[str] = frozenset({"text", "email", "social"})

# How long after the redeem a dispatch may begin (DESIGN §8). A dialer, or somebody at a door, needs
# longer than SMTP.
CALL_DISPATCH_S = 60
MESSAGE_DISPATCH_S = 10
_CALL_DISPATCH = timedelta(seconds=CALL_DISPATCH_S)
_MESSAGE_DISPATCH = timedelta(seconds=MESSAGE_DISPATCH_S)


@record
class ContactRequest:
    """One intended contact. A permit binds every field of it.

    `party_id` is the consumer's id, or that of another party known to the gate. `portion` says
    whether a partly disputed debt is asked for whole or without the disputed part. A `reply`
    answers a message of the person; an `opt_out_confirmation` holds nothing but that. `renewed_for`
    is why a person is asked for location information again; `says` is what the content is known
    to say, where that matters to a rule. `technology` is live unless said otherwise; `disclosures`
    are the codes of the notices that it carries.
    """

    consumer_id: str
    account_ids: tuple[str, ...]
    party_id: str
    channel: Channel
    contact_point_id: str | None
    purpose: str
    content_digest: str
    act: Act = "contact"
    in_reply_to: str | None = None
    portion: Literal["whole", "undisputed"] = "whole"
    renewed_for: Renewal | None = None
    says: tuple[Saying, ...] = ()
    technology: Technology = "live"
    disclosures: tuple[str, ...] = ()


@record
class PointOptOut:
    """An opt-out in force for an address, from its guard stream; `medium` None is any use."""

    fact_key: str
    medium: Medium | None = None


@record
class Circumstances:
    """Outside facts read with the gate: how fresh it is, and the contact point's own opt-outs.

    `stale` names feeds older than the bound, `parked` events set aside for this consumer,
    `unapplied` streams whose version the caller has seen and the gate has not. Without
    `is_point_read` nothing led to the contact point's own opt-outs. `is_rulebook_stale` when this
    process may not know which packs are in force, `unusable_packs` being those that are or will be
    enforced and cannot be. `content_unfit_by` names the rules by which
    checks of the content found it unlawful for this channel. `licences` are the states and cities
    in which the agency is on record as licensed; None is no record at all. `is_content_checked` is
    False where the channel is one whose content must have been checked for it, and was not.
    """

    stale: tuple[str, ...] = ()
    parked: tuple[str, ...] = ()
    unapplied: tuple[str, ...] = ()
    point_opt_outs: tuple[PointOptOut, ...] = ()
    is_point_read: bool = True
    is_rulebook_stale: bool = False
    content_unfit_by: tuple[str, ...] = ()
    licences: tuple[str, ...] | None = None
    unusable_packs: tuple[str, ...] = ()
    is_content_checked: bool = True


def medium_of(channel: Channel) -> str:
    """Return the medium a channel belongs to: voicemail is the telephone."""
    return "call" if channel == "voicemail" else channel


def dispatch_bound(channel: Channel) -> timedelta:
    """Return how long after a redeem the dispatch may begin."""
    return _CALL_DISPATCH if channel in SPOKEN else _MESSAGE_DISPATCH
