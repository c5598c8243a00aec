"""Turns what an example asks into contact requests with their instants."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.compliance.rules import local_time
from services.compliance.rules.act_request import Question
from services.compliance.rules.check import (
    labels,
    messages,
    moments,
    people,
    questions,
    vocabulary,
)
from services.compliance.rules.check.said import Said
from services.compliance.rules.check.story import CONSUMER, Past, Story
from services.compliance.rules.facts import Channel
from services.compliance.rules.message import Envelope, Message
from services.compliance.rules.request import LOCATION_PURPOSES, ContactRequest
from services.compliance.rules.weekly import AssumedHours
from shared.kernel.records import record


@record
class Ask:
    """One act: asked for at `asked_at`, dispatched at `at`, and what comes of it if permitted.

    A `question` is no contact of its own: it is put in a conversation that goes on. A `message` is
    what is sent, where that is told: it must be fit, too.
    """

    at: datetime
    asked_at: datetime
    request: ContactRequest
    outcome: str
    question: Question | None = None
    message: Message | None = None


_APART = timedelta(minutes=10)
"""Between acts without a time: far enough that no rule on rapid succession has anything to say."""

_OUTCOMES: dict[str, str] = {
    "call": "no_answer",
    "voicemail": "voicemail_no_message",
    "email": "email_sent",
    "text": "text_sent",
    "letter": "letter_sent",
    "portal": "unknown",
    "in_person": "no_answer",
    "social": "social_sent",
}


def said_acts(when: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the acts of `when` as they are written; none for a mere question."""
    if "acts" in when:
        return [each for each in when["acts"] if isinstance(each, dict)]
    return [when] if "act" in when else []


def anchor_of(given: dict[str, Any], when: dict[str, Any], where: Any) -> datetime:
    """Return an instant before everything dated, to hang the undated on."""
    said = [item["at"] for item in given.get("timeline") or [] if "at" in item]
    said += [value for key, value in given.items() if _is_dated(key, value)]
    dates = [
        day
        for key in (*(given.get("calls") or {}), given.get("window", ""),
                    *(item.get("period", "") for item in given.get("timeline") or []))
        for day in moments.dates_of(key) or []
    ]  # fmt: skip
    found = [moments.instant(each, where) for each in (*said, *dates)]
    acts = [
        moments.instant(each[key], where, moments.ASKED_AT)
        for each in said_acts(when)
        for key in ("at", "send_at")
        if key in each
    ]
    reference = min(acts, default=moments.instant(moments.UNDATED, where, moments.ASKED_AT))
    if found:
        return min(*found, reference) - timedelta(hours=1)
    return reference - timedelta(hours=1)


_LATER = frozenset({"deadline", "end", "ends", "until", "through", "effective", "learned"})
_HAPPENED = frozenset(
    {"received", "revoked", "consent", "approved", "mailed", "emailed", "texted", "posted", "sent",
     "provided", "notified", "opted", "conversation", "spoke", "spoken", "talked"}
)  # fmt: skip


def _is_dated(key: object, value: object) -> bool:
    """Tell whether a key says when something happened that acts come after."""
    words = set(vocabulary.words(key))
    if isinstance(value, list | dict | bool) or not words & _HAPPENED or words & _LATER:
        return False
    try:
        moments.instant(value, ZoneInfo("UTC"))
    except ValueError:
        return False
    return True


def asks(story: Story, when: dict[str, Any]) -> list[Ask]:
    """Return the acts in order; one without a time follows at a permitted time."""
    found: list[Ask] = []
    before: datetime | None = None
    channel: Channel = "letter"
    for said in said_acts(when):
        at = _instant(story, said, before, bool(found))
        channel = _channel(said, channel)
        request = _request(story, said, channel)
        approved = story.given.get("approved_at")
        found.append(
            Ask(
                at=at,
                asked_at=moments.instant(approved, story.where) if approved else at,
                request=request,
                outcome=_OUTCOMES[channel],
                question=questions.question_of(said),
                message=_outside(said) or _asking_where(said, request),
            )
        )
        before = at
    return found


def _outside(said: dict[str, Any]) -> Message | None:
    """Return what is seen of a letter from outside, where an act tells of it."""
    text = " ".join(
        f"{key} {value}" if value is True else str(value)
        for key, value in said.items()
        if value is not False
    )
    is_postcard = bool({"postcard", "postcards"} & set(vocabulary.words(text)))
    marks = [
        str(each)
        for key, value in said.items()
        if "envelope" in vocabulary.words(key) and value not in (False, None, "none", "blank")
        for each in (value if isinstance(value, list) else [value])
    ]
    if not is_postcard and not marks:
        return None
    outside = Envelope(is_postcard=is_postcard, marks=tuple(marks))
    return Message(channel="letter", envelope=outside)


def _asking_where(said: dict[str, Any], request: ContactRequest) -> Message | None:
    """Return what a request for location information says besides, where an act tells of it."""
    if request.purpose not in LOCATION_PURPOSES:
        return None
    told = messages.location_of(Said(said))
    if not told.names_employer:
        return None
    return Message(channel="call", audience="third_party", location=told)


def judged_past(story: Story) -> list[Ask]:
    """Take the past attempts out of a story, to be judged one after the other."""
    past = [step for step in story.in_order() if isinstance(step, Past)]
    story.steps = [step for step in story.steps if not isinstance(step, Past)]
    return [
        Ask(at=each.at, asked_at=each.at, request=each.attempt.request,
            outcome=each.attempt.outcome)
        for each in past
    ]  # fmt: skip


def of_question(story: Story) -> list[Ask]:
    """Return what a question that names no act is about: the past, or plain collection."""
    if story.question_at is not None:
        return [any_act(story)]
    return judged_past(story) or [any_act(story)]


def any_act(story: Story, purpose: str | None = None) -> Ask:
    """Return an act of plain collection, or of that purpose, for a question that names none."""
    at = story.question_at or _after_timeline(story)
    person = people.contacted(story)
    if story.given.get("rule") == "REGF-LOCATION" and person in (CONSUMER, people.ESTATE):
        person = "third_party"
    purpose = purpose or vocabulary.purpose_of(people.purpose_of(story, person))
    if people.is_sought(story.given) is False:
        purpose = vocabulary.purpose_of("")  # what else is asked for is not location information
    says = people.sayings(story.given)
    channel: Channel = "letter"
    for medium in ("email", "text"):
        channel = medium if story.is_on_trial(medium) else channel
    request = story.request(person, channel, (), purpose=purpose, says=says)
    return Ask(at=at, asked_at=at, request=request, outcome=_OUTCOMES[channel])


def any_call(story: Story) -> Ask:
    """Return a call after all that is told."""
    at = _after_timeline(story)
    request = story.request(str(story.given.get("person", CONSUMER)), "call", ())
    return Ask(at=at, asked_at=at, request=request, outcome=_OUTCOMES["call"])


def _instant(
    story: Story, said: dict[str, Any], before: datetime | None, has_before: bool
) -> datetime:
    for key in ("send_at", "at"):
        if key in said:
            return moments.instant(said[key], story.where, moments.ASKED_AT)
    if before is not None and has_before:
        return before + _APART
    return _after_timeline(story)


def _after_timeline(story: Story) -> datetime:
    last = max((each.at for each in story.steps), default=story.anchor)
    at = last + timedelta(hours=1)
    hours = AssumedHours(480, 1260)
    found = local_time.first_clear([(story.where, hours)], at, timedelta(hours=1))
    return found or at


def _channel(said: dict[str, Any], before: Channel) -> Channel:
    act = str(said.get("act", ""))
    named = vocabulary.channel_of(act) or vocabulary.channel_of(said.get("medium", ""))
    if named is not None:
        return named
    # "Send" and "collect" leave the medium open; a second of something is of the same medium.
    return before if vocabulary.words(act)[:1] == ["second"] else "letter"


_GROUNDS = ("basis", "exception", "ground", "reason")


def _request(story: Story, said: dict[str, Any], channel: Channel) -> ContactRequest:
    person = people.meant(said) or str(story.given.get("person", people.contacted(story)))
    return story.request(
        person,
        channel,
        story.accounts(said.get("debts", said.get("debt", [])) or []),
        labels.label_by_way(said) or labels.label_of(said),
        act=vocabulary.act_of(said.get("act", ""), said.get("content", "")),
        renewed_for=people.renewed_for(said)
        or ("asked_again" if people.has_asked_back(story, person) else None),
        says=people.sayings(said),
        purpose=vocabulary.purpose_of(
            said.get("purpose", people.purpose_of(story, person, said.get("act"))),
            *(said.get(key) for key in _GROUNDS),
            said.get("doc"),
            said.get("act"),
            "required by law" if _is_required(said, story.given, channel) else None,
        ),
        portion=_portion(story.given, said),
    )


def _is_required(said: dict[str, Any], given: dict[str, Any], channel: Channel) -> bool:
    """Tell whether a law requires the act, through this medium where it names one."""
    documents = [
        each for each in given.values() if isinstance(each, dict) and _is_same_document(said, each)
    ]
    return any(
        set(vocabulary.words(key)) & {"required", "requires"}
        and value not in (False, None)
        and vocabulary.channel_of(value, channel) == channel
        and _is_of_document(value, said)
        for each in (said, given, *documents)
        for key, value in each.items()
        if not isinstance(value, dict) or (value in documents and each is given)
    )


_DOCUMENTS = frozenset(
    {"statement", "statements", "notice", "notices", "disclosure", "disclosures", "bill", "letter"}
)


def _is_of_document(value: object, said: dict[str, Any]) -> bool:
    """Tell whether what a law is said to require is what an act sends, where both name it."""
    required = set(vocabulary.words(value)) & _DOCUMENTS if isinstance(value, str) else set()
    sent = {word for key in ("doc", "document", "kind", "purpose")
            for word in vocabulary.words(said.get(key, ""))}  # fmt: skip
    return not required or not sent or bool(required & sent)


def _is_same_document(said: dict[str, Any], document: dict[str, Any]) -> bool:
    """Tell whether what `given` says of a document is of the one that an act sends."""
    named = {str(document[key]) for key in ("kind", "name", "doc", "document") if key in document}
    sent = {str(said[key]) for key in ("doc", "document", "kind") if key in said}
    return bool(named & sent) or not named or not sent


def tells_what_is_said(given: dict[str, Any], when: dict[str, Any]) -> bool:
    """Tell whether an example asks for an act, or of what is said to somebody."""
    return bool(said_acts(when)) or any(
        set(vocabulary.words(key)) & {"statement", "statements", "says", "said", "states"}
        for key in given
    )


def _portion(given: dict[str, Any], said: dict[str, Any]) -> str:
    debt = given.get("debt")
    if not isinstance(debt, dict) or "portion" not in said:
        return "whole"
    rest = debt.get("total", 0) - debt.get("disputed_portion", 0)
    return "undisputed" if said["portion"] in (rest, "undisputed") else "whole"
