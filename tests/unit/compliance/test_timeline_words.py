"""Every line of a timeline is a sentence, from the event as it is stored."""

from typing import Any

import pytest

from services.compliance.timeline.words import WORDS
from tests.schemas import event_types
from tests.schemas.examples import example_of

TOLD = [each for each in event_types.every() if each.name in WORDS]


def test_is_of_events_that_there_are() -> None:
    assert {each.name for each in TOLD} == WORDS.keys()


@pytest.mark.parametrize("event", TOLD, ids=lambda each: each.name)
def test_is_a_sentence(event: Any) -> None:
    words = WORDS[event.name](example_of(event.cls))
    assert words[0].isupper()
    assert words.endswith(".")
    assert "{" not in words
