"""What gates learn of disputes: how one is answered depends on what it says."""

from typing import Any

import pytest

from services.compliance.facts import from_disputes
from services.compliance.facts.from_disputes import DisputeAnswered, DisputeOpened
from tests.unit.compliance.facts.test_from_contact import envelope, learned
from tests.unit.compliance.samples import CONSUMER, NOON, World, letter

WHAT = letter(purpose="duplicative_dispute_notice")


def dispute(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "dispute_id": f"dsp_{number}",
        "account_id": "acct_1",
        "consumer_ids": (CONSUMER,),
        "in_writing": True,
        "received_at": NOON,
        **changes,
    }


def after_an_answer(**second: Any) -> World:
    world = World()
    first = dispute(1)
    learned(world, from_disputes.opened(DisputeOpened(**first), envelope("dispute-dsp_1")))
    answered = from_disputes.answered(DisputeAnswered(**first), envelope("dispute-dsp_1", 2))
    learned(world, answered)
    opened = DisputeOpened(**dispute(2, **second))
    learned(world, from_disputes.opened(opened, envelope("dispute-dsp_2")))
    return world


@pytest.mark.parametrize(
    ("second", "is_refused"),
    [
        ({}, False),
        ({"says_the_same": True, "brings_new": False}, False),
        ({"brings_new": True}, True),
        ({"says_the_same": False}, True),
    ],
)
def test_what_is_new_is_not_answered_by_an_earlier_answer(
    second: dict[str, bool], is_refused: bool
) -> None:
    world = after_an_answer(**second)
    assert ("duplicative-notice" in world.objecting(WHAT)) is is_refused
    if not is_refused:
        assert world.flags(WHAT) == set()
