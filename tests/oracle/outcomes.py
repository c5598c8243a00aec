"""Outcome codes as Regulation F sees them (12 CFR 1006.14(b)), written down once more."""

TELEPHONE = ("call", "voicemail")
SPOKEN = (*TELEPHONE, "in_person")
CALL_SLACK_S = 60
MESSAGE_SLACK_S = 10

# Nothing went out at all.
NOTHING = ("blocked_by_vendor", "not_attempted_permit_released")

# 14(b)(3)(ii): not connected to the dialed number, so not a call that counts.
NOT_CONNECTED = ("busy", "disconnected_or_out_of_service")

# The person was spoken to.
CONVERSATIONS = (
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
)

# Nobody knows whether the person was spoken to.
PERHAPS_CONVERSATIONS = ("unknown", "bankruptcy_stated")


def went_out(outcome: str) -> bool:
    """Tell whether something went out or may have."""
    return outcome not in NOTHING


def counts_as_call(outcome: str) -> bool:
    """Tell whether a telephone attempt of that outcome counts as a call placed."""
    return outcome not in NOTHING and outcome not in NOT_CONNECTED


def slack_s(channel: str) -> int:
    """Return within how many seconds of the redeem the dispatch begins."""
    return CALL_SLACK_S if channel in SPOKEN else MESSAGE_SLACK_S
