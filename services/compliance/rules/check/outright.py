"""Facts that an example states outright under keys of its own, told by the words of the keys.

What protects the consumer is looked for in any wording; a fact already read by its name stays.
"""

from datetime import datetime
from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.check import givens, moments, phrases, statements, vocabulary
from services.compliance.rules.check.story import CONSUMER, Story
from services.compliance.rules.facts import Channel

_WRITING = frozenset({"writing", "written", "letter", "wrote", "mail"})
_STOPS = frozenset({"stop", "stopped", "refuses", "refused", "refusal", "cease", "ceased"})
_SPOKEN = frozenset({"oral", "orally", "verbal", "spoken", "telephone", "phone"})
_OPTED = frozenset({"opted", "optout", "unsubscribed", "unsubscribe"})
_FORBIDS = frozenset(
    {
        "prohibits",
        "prohibited",
        "prohibition",
        "forbids",
        "forbidden",
        "disallows",
        "bans",
        "objects",
    }
)
_DISPUTED = frozenset({"dispute", "disputed", "disputes"})
_SAYERS = frozenset({"said", "says", "notes", "note", "statement", "states"})
_SPEAKERS = frozenset({"consumer", "creditor", "prior", "collector", "placement", "spouse"})
_OTHERS = frozenset({"else", "another", "other", "stranger", "someone"})
_NO = (False, None, "none", "no", "")


def apply(story: Story) -> None:
    """Read every key of `given` that states a fact in words of its own."""
    for key, value in story.given.items():
        words = set(vocabulary.words(key))
        if value in _NO or isinstance(value, dict):
            continue
        for is_meant, read in _READERS:
            if is_meant(words, value):
                read(story, words, value)
                break


def _at(story: Story, value: Any) -> datetime:
    """Return when something happened, where its value is a date; else long before."""
    try:
        return moments.instant(value, story.where)
    except (TypeError, ValueError):
        return story.start


def _is_cease(words: set[str], value: Any) -> bool:
    if words & (_SPOKEN | {"identifies", "until"}) or not words & _STOPS:
        return False
    said = words | (set(vocabulary.words(value)) if isinstance(value, str) else set())
    return "cease" in words or bool(said & _WRITING)


def _cease(story: Story, words: set[str], value: Any) -> None:
    if "cease" not in story.labels() and "oral-stop" not in story.labels():
        at = _at(story, value)
        story.tell(at, "cease", facts.CeaseNotice(received_at=at))


def _is_opt_out(words: set[str], value: Any) -> bool:
    return bool(words & _OPTED) or {"opt", "out"} <= words or bool(_refused(words, value))


def _refused(words: set[str], value: Any) -> Channel | None:
    """Return the medium that a key refuses: "do not text", "no calls", "requested no: calls"."""
    if not words & {"no", "not", "stop"} or words & {"recorded", "recording", "answered"}:
        return None
    if not words & {"do", "requested", "asked", "wants", "stop"} and value is not True:
        return None
    return next((medium for each in words if (medium := vocabulary.medium_in(each))), None) or (
        vocabulary.medium_in(value) if isinstance(value, str) else None
    )


def _opt_out(story: Story, words: set[str], value: Any) -> None:
    if any(each.startswith("opt-out") for each in story.labels()) or "period" in words:
        return
    refused = _refused(words, value)
    if refused is not None:
        statements.opt_out(story, story.start, refused, None)
        return
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str):
            givens.opt_out(story, story.start, each, None)


def _is_employers(words: set[str], value: Any) -> bool:
    return "employer" in words and bool(words & _FORBIDS)


def _employers(story: Story, words: set[str], value: Any) -> None:
    if "employer" not in story.labels():
        story.tell(story.start, "employer", facts.EmployerProhibition(received_at=story.start))


def _is_dispute(words: set[str], value: Any) -> bool:
    return bool(words & _DISPUTED and words & _WRITING)


def _dispute(story: Story, words: set[str], value: Any) -> None:
    if "dispute" in story.labels():
        return
    at = _at(story, value)
    (account_id,) = story.default_account()
    timely = story.given.get("within_validation_period")
    story.tell(
        at,
        "dispute",
        facts.Dispute(account_id=account_id, in_writing=True, received_at=at, timely=timely),
    )
    for key, sent in story.given.items():
        said = set(vocabulary.words(key))
        if said & {"verification", "judgment"} and "sent" in said and moments.dates_of(sent):
            story.change(moments.instant(sent, story.where), "dispute", answered=True)


def _is_inconvenient(words: set[str], value: Any) -> bool:
    return "inconvenient" in words and isinstance(value, str | list)


def _inconvenient(story: Story, words: set[str], value: Any) -> None:
    if any(each == "times" or each.startswith("place-") for each in story.labels()):
        return
    for each in value if isinstance(value, list) else [value]:
        said = set(vocabulary.words(each))
        if said & (statements.PLACES["home"] | statements.PLACES["work"]):
            statements.hear(story, story.start, f"do not contact me at {each}")
            continue
        year = story.today(story.start).year
        windows = phrases.windows_of(str(each), year=year)
        times = facts.InconvenientTime(windows=windows, received_at=story.start)
        story.tell(story.start, f"times-{each}", times)


def _is_wrong_number(words: set[str], value: Any) -> bool:
    is_anothers = {"number", "belongs"} <= words and bool(words & _OTHERS)
    return value is True and (is_anothers or {"wrong", "number"} <= words)


def _wrong_number(story: Story, words: set[str], value: Any) -> None:
    point = story.point("call", None, CONSUMER) or ""
    wrong = facts.WrongNumber(contact_point_id=point, learned_at=story.start)
    story.tell(story.start, "wrong-number", wrong)


def _is_saying(words: set[str], value: Any) -> bool:
    return isinstance(value, str) and bool(words & _SAYERS and words & _SPEAKERS)


def _saying(story: Story, words: set[str], value: Any) -> None:
    statements.hear(story, story.start, value)


def _is_leak(words: set[str], value: Any) -> bool:
    is_told = value is True or (isinstance(value, str) and bool(words & {"by", "informed", "told"}))
    return (
        is_told
        and str(value).lower() not in ("nobody", "no_one")
        and "disclosure" in words
        and bool(words & {"prohibited", "third"})
    )


def _leak(story: Story, words: set[str], value: Any) -> None:
    point = story.address(story.given.get("address"), "email")
    seen = facts.ThirdPartyDisclosure(contact_point_id=point, learned_at=story.start)
    story.tell(story.start, "seen", seen)


def _is_asked_before(words: set[str], value: Any) -> bool:
    is_contact = words & {"contact", "contacted", "communication", "asked"}
    return bool(
        value is True
        and "location" in words
        and is_contact
        and words & {"earlier", "prior", "previous", "already", "once"}
    )


def _asked_before(story: Story, words: set[str], value: Any) -> None:
    for label in ("T1", "third_party"):
        request = story.request(label, "call", (), purpose="location_information")
        story.make(story.start, request, "right_party_contact")


def _is_talk(words: set[str], value: Any) -> bool:
    return bool(words & {"conversation", "spoke", "spoken", "talked"} and moments.dates_of(value))


def _talk(story: Story, words: set[str], value: Any) -> None:
    person = str(story.given.get("person", CONSUMER))
    request = story.request(person, "call", ())
    story.make(moments.instant(value, story.where), request, "right_party_contact")


_READERS = (
    (_is_talk, _talk),
    (_is_asked_before, _asked_before),
    (_is_saying, _saying),
    (_is_cease, _cease),
    (_is_dispute, _dispute),
    (_is_employers, _employers),
    (_is_inconvenient, _inconvenient),
    (_is_wrong_number, _wrong_number),
    (_is_leak, _leak),
    (_is_opt_out, _opt_out),
)
