"""Examples of what a collector may ask in a conversation: each question is asked to be cleared."""

from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.act_request import ActRequest, AskInConversation, Question
from services.compliance.rules.book import Book
from services.compliance.rules.check import acts, deciding, phrases, vocabulary
from services.compliance.rules.check.driver import Decision
from services.compliance.rules.check.running import DriverFactory, Run
from services.compliance.rules.check.said import Said
from services.compliance.rules.check.story import Story

_INCONVENIENT = facts.InconvenientTime | facts.InconvenientPlace


def are_asked(vector: dict[str, Any]) -> bool:
    """Tell whether an example only asks what may be asked in a conversation."""
    said = acts.said_acts(vector["when"])
    return bool(said) and all({"ask", "asks"} & _words(each) for each in said)


def mismatches(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    """Return what differs from what an example expects, and its keys that nobody compared."""
    run = Run(vector["given"], vector["when"], driver_factory(), book)
    _tell_inconvenience(run.story)
    decisions = [
        _cleared(run, _question(_words(said)), ask)
        for said, ask in zip(acts.said_acts(run.when), run.asks, strict=True)
    ]
    return deciding.compare(vector["then"], decisions, run)


def _cleared(run: Run, question: Question, ask: acts.Ask) -> Decision:
    run.tell_until(ask.at)
    request = ActRequest(
        consumer_id=ask.request.consumer_id,
        account_ids=ask.request.account_ids,
        party_id=ask.request.party_id,
        act=AskInConversation(question=question),
    )
    return run.driver.clear(ask.at, request)


def _tell_inconvenience(story: Story) -> None:
    """Let it be known what an example says the collector learned of the conversation itself."""
    if any(isinstance(story.latest(each), _INCONVENIENT) for each in story.labels()):
        return
    for entry in Said(story.given).entries:
        words = {*entry.words, *vocabulary.words(entry.value)}
        if "inconvenient" not in words or entry.value is False:
            continue
        if "place" in words and "time" not in words:
            place = facts.InconvenientPlace(
                place="work" if "work" in words else "home",
                received_at=story.anchor,
                is_present=True,
            )
            story.tell(story.anchor, "learned-place", place)
        else:
            windows = phrases.NEVER_CONVENIENT
            time = facts.InconvenientTime(windows=windows, received_at=story.anchor)
            story.tell(story.anchor, "learned-time", time)


def _question(words: set[str]) -> Question:
    if "consent" not in words and words & {"when", "where", "convenient", "time", "place", "times"}:
        return "convenient_time_or_place"
    return "consent_to_later_contact" if "later" in words else "consent_to_continue"


def _words(said: dict[str, Any]) -> set[str]:
    return set(vocabulary.words(f"{said.get('act', '')} {said.get('question', '')}"))
