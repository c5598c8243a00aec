"""What can come of an attempt, by channel, and what each outcome says besides.

Whether an outcome counts or starts a waiting time is compliance's to judge; here stands only what
an outcome can follow, and what the person thereby stated.
"""

from typing import Literal

Implied = Literal[
    "oral_stop", "opt_out", "attorney", "wrong_number", "employer_prohibits", "dispute"
]

NOT_ATTEMPTED = "not_attempted_permit_released"
UNKNOWN = "unknown"

CONVERSATIONS = frozenset(
    {
        "right_party_contact",
        "right_party_promise_to_pay",
        "right_party_payment_taken",
        "right_party_plan_agreed",
        "right_party_refused",
        "right_party_negotiating",
        "right_party_dispute",
        "right_party_callback_requested",
        "right_party_hardship",
        "claims_paid",
        "cease_requested",
        "opt_out",
        "attorney_represented",
    }
)
CALL_OUTCOMES = CONVERSATIONS | {
    "no_answer",
    "busy",
    "disconnected_or_out_of_service",
    "dropped_after_answer",
    "hung_up_before_verification",
    "voicemail_left_limited_content",
    "voicemail_left",
    "voicemail_no_message",
    "voicemail_full",
    "language_barrier",
    "fax_or_modem",
    "wrong_number",
    "third_party_no_disclosure",
    "employer_prohibits",
    "deceased_stated",
    "bankruptcy_stated",
    "blocked_by_vendor",
    NOT_ATTEMPTED,
    UNKNOWN,
}
EMAIL_OUTCOMES = frozenset(
    {
        "email_sent",
        "email_delivered",
        "email_bounced",
        "email_opened",
        "email_unsubscribed",
        "blocked_by_vendor",
        NOT_ATTEMPTED,
        UNKNOWN,
    }
)
BY_CHANNEL: dict[str, frozenset[str]] = {"call": CALL_OUTCOMES, "email": EMAIL_OUTCOMES}

FOLLOWED_BY: dict[str, frozenset[str]] = {
    UNKNOWN: CALL_OUTCOMES | EMAIL_OUTCOMES,
    "email_sent": frozenset(
        {"email_delivered", "email_bounced", "email_opened", "email_unsubscribed"}
    ),
    "email_delivered": frozenset({"email_bounced", "email_opened", "email_unsubscribed"}),
    "email_opened": frozenset({"email_unsubscribed"}),
}
"""Later knowledge that may replace an outcome: what was unknown, and what becomes of a message."""


def dispute_id(attempt_id: str, outcome: str) -> str | None:
    """Name the dispute that an outcome states; it follows from the attempt, as a repeat must."""
    return f"dsp_{attempt_id.removeprefix('att_')}" if IMPLIES.get(outcome) == "dispute" else None


IMPLIES: dict[str, Implied] = {
    "cease_requested": "oral_stop",
    "opt_out": "opt_out",
    "email_unsubscribed": "opt_out",
    "attorney_represented": "attorney",
    "wrong_number": "wrong_number",
    "employer_prohibits": "employer_prohibits",
    "right_party_dispute": "dispute",
}
