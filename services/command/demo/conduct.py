"""How people take a call: pure draws from their character and how often they were spoken to."""

from random import Random
from typing import Any, Literal

from services.command.demo.characters import Character, Manner
from services.command.demo.draws import weighted
from shared.kernel.records import record

FollowUp = Literal["plan", "payment", "promise", "dispute", "release"]

UNANSWERED = {
    "no_answer": 48,
    "voicemail_no_message": 20,
    "voicemail_left_limited_content": 14,
    "busy": 8,
    "voicemail_full": 3,
    "hung_up_before_verification": 4,
    "disconnected_or_out_of_service": 1,
    "dropped_after_answer": 2,
}
SOMEBODY_ELSE_SHARE = 0.03
TALK = {
    "right_party_contact": 4,
    "right_party_negotiating": 4,
    "right_party_refused": 2,
    "right_party_hardship": 2,
    "right_party_callback_requested": 1,
}
WORK_HOURS = {"weekdays": [0, 1, 2, 3, 4], "from_time": "09:00", "until_time": "17:00"}


@record
class Reaction:
    """What came of a call, what was stated with it, and what follows from it."""

    outcome: str
    statements: tuple[dict[str, Any], ...] = ()
    follow_up: FollowUp | None = None


# What a person of each manner does in the first conversation.
_FIRST: dict[Manner, tuple[str, FollowUp | None]] = {
    "refuses": ("right_party_refused", None),
    "agrees_plan": ("right_party_plan_agreed", "plan"),
    "pays_on_call": ("right_party_payment_taken", "payment"),
    "promises": ("right_party_promise_to_pay", "promise"),
    # Not `right_party_dispute`, from which the service would open the dispute by itself: whether
    # that or the outcome reaches the gate first is a matter of speed.
    "disputes_on_call": ("right_party_refused", "dispute"),
    "ceases_on_call": ("cease_requested", None),
    "has_attorney": ("attorney_represented", None),
    "opts_out_number": ("opt_out", "release"),
    "opts_out_calls": ("opt_out", None),
    "names_time": ("right_party_callback_requested", None),
    "employer_objects": ("employer_prohibits", None),
    "wrong_number": ("wrong_number", None),
}


def take_call(
    character: Character, chance: Random, conversations: int, contact_point_id: str
) -> Reaction:
    """Draw what comes of a call to a person who was spoken to so often before."""
    if chance.random() >= character.picks_up:
        return Reaction(outcome=weighted(chance, UNANSWERED))
    if chance.random() < SOMEBODY_ELSE_SHARE:
        return Reaction(outcome="third_party_no_disclosure")
    manner = character.manner
    if conversations > 0 or manner not in _FIRST:
        return Reaction(outcome="claims_paid" if chance.random() < 0.03 else weighted(chance, TALK))
    outcome, follow_up = _FIRST[manner]
    return Reaction(
        outcome=outcome,
        statements=_statements(manner, contact_point_id),
        follow_up=follow_up,
    )


def _statements(manner: Manner, contact_point_id: str) -> tuple[dict[str, Any], ...]:
    """Return what is said in more words than the outcome's."""
    match manner:
        case "opts_out_number":
            said: dict[str, Any] = {"kind": "opt_out", "contact_point_id": contact_point_id}
            said["text"] = "Do not use this number again."
        case "has_attorney":
            said = {"kind": "attorney", "attorney": "Dunmarrow & Fairmoor, Attorneys at Law"}
        case "names_time":
            said = {"kind": "inconvenient_time", "windows": [WORK_HOURS]}
        case _:
            return ()
    return (said,)
