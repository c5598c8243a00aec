"""What is a stop, and what only looks like one."""

import pytest

from services.contact.profiles.stop_words import STOP_WORDS, is_stop


@pytest.mark.parametrize("word", STOP_WORDS)
def test_each_word_by_itself_is_a_stop(word: str) -> None:
    for text in (word, word.upper(), f"  {word}! ", f"{word}.\n\nSent from my phone"):
        assert is_stop(text), text


@pytest.mark.parametrize(
    "text",
    [
        "Please stop texting me",
        "STOP STOP STOP",
        "stop calling and emailing me please",
        "Opt-out",
        "I want to opt out of these messages",
        "optout",
        "unsubscribe me from this list",
        "Thanks. Stop.",
        "Stop\n> On Monday we wrote: pay now",
        "ＳＴＯＰ",  # full-width letters
        "stop e-mailing me",
    ],
)
def test_small_talk_around_a_word_changes_nothing(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I will stop by on Monday",
        "Can I pay at the end of the month?",
        "Cancel my payment plan",
        "Please do not stop the plan",
        "When does this end for my mother",
        "I quit my job last week",
        "hello, it is me",
        "> STOP",
        "On Monday you wrote:\nreply STOP to opt out",
    ],
)
def test_other_uses_of_the_words_are_no_stop(text: str) -> None:
    assert not is_stop(text)
