"""People react by their character, the same way for the same chance."""

from collections import Counter
from random import Random

import pytest

from services.command.demo.characters import MANNERS, Character, Manner, character_of
from services.command.demo.conduct import take_call
from services.command.demo.draws import Draws
from services.contact.attempts.domain.outcomes import CALL_OUTCOMES

POINT = "cp_01h455vb4pex5vsknk084sn02q"


def outcomes(manner: Manner, conversations: int = 0, picks_up: float = 1.0) -> Counter[str]:
    character = Character(manner=manner, picks_up=picks_up, is_reliable=True)
    return Counter(
        take_call(character, Random(number), conversations, POINT).outcome for number in range(300)
    )


class TestTakeCall:
    @pytest.mark.parametrize("manner", sorted(MANNERS))
    @pytest.mark.parametrize("conversations", [0, 1])
    def test_comes_to_what_can_come_of_a_call(self, manner: Manner, conversations: int) -> None:
        assert set(outcomes(manner, conversations)) <= CALL_OUTCOMES
        assert set(outcomes(manner, conversations, picks_up=0.0)) <= CALL_OUTCOMES

    def test_is_not_answered_by_who_never_picks_up(self) -> None:
        assert not {each for each in outcomes("refuses", picks_up=0.0) if "right_party" in each}

    def test_lets_who_disputes_dispute_in_the_first_conversation_only(self) -> None:
        character = Character(manner="disputes_on_call", picks_up=1.0, is_reliable=True)
        first, second = (
            [take_call(character, Random(number), before, POINT).follow_up for number in range(50)]
            for before in (0, 1)
        )
        assert "dispute" in first
        assert set(second) == {None}

    def test_names_the_number_that_is_not_to_be_used(self) -> None:
        character = Character(manner="opts_out_number", picks_up=1.0, is_reliable=True)
        reaction = take_call(character, Random(1), 0, POINT)
        assert reaction.statements[0]["contact_point_id"] == POINT


class TestCharacter:
    def test_is_the_same_for_the_same_seed_and_person(self) -> None:
        assert character_of(Draws(1), "C-1") == character_of(Draws(1), "C-1")

    def test_is_of_every_manner_among_many(self) -> None:
        drawn = {character_of(Draws(1), f"C-{number}").manner for number in range(3_000)}
        assert drawn == set(MANNERS)
