"""What the people are like: how they take being contacted, and what they do by themselves."""

from typing import Literal

from services.command.demo.draws import Draws, weighted
from shared.kernel.records import record

Manner = Literal[
    "evades",
    "refuses",
    "negotiates",
    "agrees_plan",
    "pays_on_call",
    "pays_online",
    "promises",
    "disputes_on_call",
    "disputes_in_writing",
    "ceases_on_call",
    "ceases_in_writing",
    "has_attorney",
    "opts_out_number",
    "opts_out_calls",
    "unsubscribes",
    "replies_stop",
    "names_time",
    "wrong_number",
    "employer_objects",
]

MANNERS: dict[Manner, float] = {
    "evades": 29,
    "refuses": 9,
    "negotiates": 10,
    "agrees_plan": 13,
    "pays_on_call": 6,
    "pays_online": 6,
    "promises": 7,
    "disputes_on_call": 3,
    "disputes_in_writing": 5,
    "ceases_on_call": 2,
    "ceases_in_writing": 2,
    "has_attorney": 2,
    "opts_out_number": 1.5,
    "opts_out_calls": 1,
    "unsubscribes": 2,
    "replies_stop": 2,
    "names_time": 2,
    "wrong_number": 4,
    "employer_objects": 0.5,
}
PICKS_UP: dict[Manner, float] = {"evades": 0.06, "agrees_plan": 0.6, "wrong_number": 0.5}
PICKS_UP_ELSE = 0.42
RELIABLE_SHARE = 0.7


@record
class Character:
    """One person's ways. `picks_up` is how likely a call is answered."""

    manner: Manner
    picks_up: float
    is_reliable: bool


def character_of(draws: Draws, reference: str) -> Character:
    """Draw the character of the person whom the creditor refers to so."""
    chance = draws.of("character", reference)
    manner = weighted(chance, MANNERS)
    return Character(
        manner=manner,
        picks_up=PICKS_UP.get(manner, PICKS_UP_ELSE),
        is_reliable=chance.random() < RELIABLE_SHARE,
    )
