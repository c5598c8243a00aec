"""Outcome codes and what the law makes of each: placed or not, counted or not, conversation or not.

Where the field's custom differs, 1006.14(b)(3)(ii) wins: busy and not-in-service calls never
connected and do not count; hung up, dropped, voicemail and full mailbox did and do.
"""

from typing import Literal

from services.compliance.rules.request import TELEPHONE
from shared.kernel.records import record


@record
class Outcome:
    """`is_made`: something went out. `counts`: against the call frequency. `third_party`: someone
    else may have learned of it. `invalidates`: the contact point is doubtful from now on.
    `reached`: the person was told something, or may have been; it was no mere attempt.
    """

    is_made: bool
    counts: bool
    conversation: Literal["yes", "no", "unknown"] = "no"
    third_party: bool = False
    invalidates: bool = False
    reached: bool = False


_COUNTED = Outcome(is_made=True, counts=True)
_SPOKEN = Outcome(is_made=True, counts=True, conversation="yes", reached=True)
_TOLD = Outcome(is_made=True, counts=True, third_party=True, reached=True)
_NOT_CONNECTED = Outcome(is_made=True, counts=False)
_MESSAGE = Outcome(is_made=True, counts=False, reached=True)
_FAILED_POINT = Outcome(is_made=True, counts=False, invalidates=True)
_NOTHING = Outcome(is_made=False, counts=False)

OUTCOMES: dict[str, Outcome] = {
    # telephone, reached or not
    "no_answer": _COUNTED,
    "busy": _NOT_CONNECTED,
    "disconnected_or_out_of_service": _FAILED_POINT,
    "dropped_after_answer": _COUNTED,
    "hung_up_before_verification": _COUNTED,
    "voicemail_left_limited_content": Outcome(is_made=True, counts=True, third_party=True),
    "voicemail_left": _TOLD,
    "voicemail_no_message": _COUNTED,
    "voicemail_full": _COUNTED,
    "language_barrier": _COUNTED,
    "fax_or_modem": Outcome(is_made=True, counts=True, invalidates=True),
    "wrong_number": Outcome(is_made=True, counts=True, third_party=True, invalidates=True),
    "third_party_no_disclosure": _TOLD,
    "employer_prohibits": Outcome(
        is_made=True, counts=True, third_party=True, invalidates=True, reached=True
    ),
    "deceased_stated": _TOLD,
    # telephone, spoken with
    "right_party_contact": _SPOKEN,
    "right_party_promise_to_pay": _SPOKEN,
    "right_party_payment_taken": _SPOKEN,
    "right_party_plan_agreed": _SPOKEN,
    "right_party_refused": _SPOKEN,
    "right_party_negotiating": _SPOKEN,
    "right_party_dispute": _SPOKEN,
    "right_party_callback_requested": _SPOKEN,
    "right_party_hardship": _SPOKEN,
    "claims_paid": _SPOKEN,
    "cease_requested": _SPOKEN,
    "opt_out": _SPOKEN,
    "attorney_represented": _SPOKEN,
    # Said by the party or by someone else: nobody knows which until it is corrected.
    "bankruptcy_stated": Outcome(is_made=True, counts=True, conversation="unknown", reached=True),
    # messages and letters
    "text_sent": _MESSAGE,
    "text_delivered": _MESSAGE,
    "text_failed": _FAILED_POINT,
    "text_replied": _MESSAGE,
    "email_sent": _MESSAGE,
    "email_delivered": _MESSAGE,
    "email_bounced": _FAILED_POINT,
    "email_opened": _MESSAGE,
    "email_unsubscribed": _MESSAGE,
    "letter_sent": _MESSAGE,
    "letter_returned": _FAILED_POINT,
    "social_sent": _MESSAGE,
    "social_failed": _FAILED_POINT,
    "social_replied": _MESSAGE,
    # A started dispatch without a result counts as made, and may have been a conversation.
    "unknown": Outcome(is_made=True, counts=True, conversation="unknown", reached=True),
    # nothing went out
    "blocked_by_vendor": _NOTHING,
    "not_attempted_permit_released": _NOTHING,
}

UNKNOWN = "unknown"
"""Nobody has said: whatever is said later is the first that is known."""

_OF_ANY_CHANNEL = frozenset({UNKNOWN, "blocked_by_vendor", "not_attempted_permit_released"})
_MESSAGES = frozenset({"text", "email", "letter", "social"})
_OF_THE_LINE = frozenset(
    {
        *("busy", "disconnected_or_out_of_service", "dropped_after_answer", "fax_or_modem"),
        *("hung_up_before_verification", "voicemail_left_limited_content", "voicemail_left"),
        *("voicemail_no_message", "voicemail_full"),
    }
)
"""What comes of a telephone line alone: nothing of it comes of a visit."""


def fits(code: str, channel: str) -> bool:
    """Tell whether that can come of an attempt through a channel.

    What comes of a message begins with its channel. A notice in the portal is told of as an e-mail,
    a visit as a call is; its wrong number is an address at which the person does not live.
    """
    if code in _OF_ANY_CHANNEL:
        return True
    medium = code.partition("_")[0]
    if medium in _MESSAGES:
        return medium == ("email" if channel == "portal" else channel)
    return channel in TELEPHONE or (channel == "in_person" and code not in _OF_THE_LINE)


def _came_back(code: str) -> bool:
    return code.partition("_")[0] in _MESSAGES and OUTCOMES[code].invalidates


def is_milder(code: str, on_record: str) -> bool:
    """Tell whether an outcome would restrict less than the one on record, which it replaces.

    A message that came back may replace one that went out: nobody was told anything by it.
    """
    if on_record in (code, UNKNOWN):
        return False
    later, earlier = OUTCOMES[code], OUTCOMES[on_record]
    return (
        # Where nothing had gone out, something may have: that restricts more.
        (code == UNKNOWN and earlier.is_made)
        or (earlier.is_made and not later.is_made)
        or (earlier.counts and not later.counts)
        or (earlier.conversation == "yes" and later.conversation != "yes")
        or (earlier.conversation == "unknown" and not later.reached)
        or (earlier.reached and not later.reached and not _came_back(code))
        or (earlier.invalidates and not later.invalidates and not later.counts)
    )
