"""What a collector asks in a conversation, in examples: cleared, and no contact of its own."""

from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.act_request import ActRequest, AskInConversation, Question
from services.compliance.rules.check import phrases, vocabulary
from services.compliance.rules.check.said import Said
from services.compliance.rules.check.story import Story
from services.compliance.rules.request import ContactRequest

_INCONVENIENT = facts.InconvenientTime | facts.InconvenientPlace
_ASKING = frozenset({"ask", "asks", "asking", "inquire", "inquires", "question"})
_SUITS = frozenset(
    {"when", "where", "which", "what", "convenient", "time", "times", "place", "places", "suits",
     "suit", "prefer", "prefers", "preferred", "preference", "preferences", "medium", "media",
     "clarify", "clarifying", "follow", "employer", "employers", "work", "workplace", "prohibition",
     "prohibitions", "limitation", "limitations", "personal", "mean", "means", "meant", "home",
     "mail", "email", "text", "telephone", "phone"}
)  # fmt: skip
_GOES_ON = frozenset({"consent", "continue", "continuing", "keep", "going", "proceed"})


def question_of(said: dict[str, Any]) -> Question | None:
    """Return the question that an act puts to somebody spoken with; None for a contact."""
    named = vocabulary.words(said.get("act", ""))
    if not set(named[:2]) & _ASKING and named[:2] != ["follow", "up"]:
        return None
    words = {*named, *vocabulary.words(f"{said.get('question', '')} {said.get('content', '')}")}
    if words & _GOES_ON:
        return "consent_to_later_contact" if "later" in words else "consent_to_continue"
    return "convenient_time_or_place" if words & _SUITS else "consent_to_continue"


def request_of(request: ContactRequest, question: Question) -> ActRequest:
    """Return the question as an act to clear, toward the person and debts of a contact."""
    return ActRequest(
        consumer_id=request.consumer_id,
        account_ids=request.account_ids,
        party_id=request.party_id,
        act=AskInConversation(question=question),
    )


def apply(story: Story) -> None:
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
