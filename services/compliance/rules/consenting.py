"""What may be asked of somebody who is spoken with at an inconvenient time or place.

A collector may ask when and where contact would suit, never whether to go on with a conversation
that is itself inconvenient: consent is good only from a communication that is lawful
(12 CFR 1006.6(b)(4)(i), comment -1).
"""

from typing import Literal

Question = Literal["convenient_time_or_place", "consent_to_later_contact", "consent_to_continue"]


def may_ask(question: Question, *, is_inconvenient_now: bool) -> bool:
    """Tell whether a question may be put during a conversation."""
    return question == "convenient_time_or_place" or not is_inconvenient_now
