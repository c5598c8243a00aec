"""Consent in examples: to whom it was given, and what for."""

import re
from datetime import datetime
from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.check import acts, phrases, vocabulary
from services.compliance.rules.check.story import CONSUMER, Story
from services.compliance.rules.facts import Lifted, PriorConsent

_LIFTS: tuple[tuple[frozenset[str], Lifted], ...] = (
    (
        frozenset(
            {"time", "times", "hour", "hours", "evening", "evenings", "night", "nights", "early",
             "late", "am", "pm", "midnight", "after", "before", "morning", "mornings", "weekend",
             "weekends", "noon", "unusual"}
        ),
        "time",
    ),
    (frozenset({"place", "places", "home"}), "place"),
    (frozenset({"work", "workplace", "employment", "employer", "job", "office"}), "workplace"),
    (frozenset({"attorney", "lawyer", "represented", "direct", "directly"}), "attorney"),
)  # fmt: skip
_ALL: tuple[Lifted, ...] = ("time", "place", "workplace", "attorney")
_ABOUT = frozenset(
    {"for", "scope", "about", "lifts", "covers", "act", "purpose", "with", "third", "whom"}
)
_LABEL = re.compile(r"[tsp]\d\Z")
_ANYBODY = frozenset({"third", "others", "anyone", "anybody", "relatives", "family"})
_WHOSE = frozenset({"prior", "direct", "directly", "consent", "given", "express", "to", "who"})
_GIVERS = frozenset({"collector", "creditor", "direct", "directly"})
_COURT = frozenset({"court", "judge", "judicial"})
_PERMITS = frozenset(
    {"permission", "permits", "permitted", "order", "ordered", "orders", "authorization",
     "authorized", "authorizes", "allows", "allowed", "leave"}
)  # fmt: skip
_UNLAWFUL = frozenset(
    {"inconvenient", "unlawful", "unlawfully", "violating", "violation", "violates", "violated",
     "prohibited", "barred", "illegal"}
)  # fmt: skip
_LAWFUL = frozenset({"lawful", "lawfully", "convenient", "compliant", "permitted"})


def outright(story: Story) -> None:
    """Read a consent, or a court's permission, that is stated outright."""
    for key, value in story.given.items():
        words = set(vocabulary.words(key))
        if words & _COURT and words & _PERMITS and value not in (False, None, "none", "no"):
            _tell(story, {"by": "court"}, story.start, _ALL, third_parties=_anybody(story))
        elif "consent" in words and isinstance(value, dict):
            if not read(story, value, story.start) and "given_to" in value:
                _tell(story, value, story.start, _ALL, third_parties=_anybody(story))
        elif {"consent"} <= words <= _WHOSE and set(vocabulary.words(value)) & _GIVERS:
            _tell(story, {"to": value, "given_in": value}, story.start, _ALL,
                  third_parties=_anybody(story))  # fmt: skip
        elif {"consent", "to"} <= words <= _WHOSE and "collector" in vocabulary.words(value):
            scope = [value for key, value in story.given.items()
                     if "consent" in vocabulary.words(key)
                     and {"scope", "for", "about"} & set(vocabulary.words(key))]  # fmt: skip
            item = {"to": value, "scope": scope[0] if scope else "third"}
            if not read(story, item, story.start) or not scope:
                _tell(story, item, story.start, _ALL)


def read(story: Story, item: dict[str, Any], at: datetime) -> bool:
    """Read a consent to contact that the law otherwise bars; tell whether it was one."""
    about = " ".join(
        str(value) for key, value in item.items() if _ABOUT & set(vocabulary.words(key))
    )
    words = set(vocabulary.words(about))
    is_of_clock = bool(re.search(r"\d{1,2}:\d\d|\b\d{1,2} ?[ap]\.?m\b", about))
    lifts = tuple(
        lifted for meant, lifted in _LIFTS if meant & words or (lifted == "time" and is_of_clock)
    )
    others = _third_parties(story, item, words)
    if lifts or others:
        _tell(story, item, at, lifts, third_parties=others)
    return bool(lifts or others)


def _third_parties(story: Story, item: dict[str, Any], words: set[str]) -> tuple[str, ...]:
    """Return the ids of those with whom a consent lets the debt be talked of."""
    named = {str(item[key]) for key in ("with", "third_party") if key in item}
    labels = [word.upper() for word in sorted(words | {each.lower() for each in named})
              if _LABEL.match(word)]  # fmt: skip
    if words & _ANYBODY or item.get("third_party") is True:
        labels += ["T1", "contact", "third_party"]
    persons = story.given.get("persons")
    described = {**(persons if isinstance(persons, dict) else {})}
    if "contact" in story.given:
        described["contact"] = story.given["contact"]
    meant = words | {word for each in named for word in vocabulary.words(each)}
    labels += [
        str(label)
        for label, said in described.items()
        if meant & set(vocabulary.words(said)) & set(vocabulary.STRANGERS)
    ]
    return tuple(story.name("pty", each) for each in dict.fromkeys(labels) if each != CONSUMER)


def apply(story: Story, when: dict[str, Any]) -> None:
    """Let an example that relies on consent need one: the time is inconvenient without."""
    if not any({"rely", "consent"} <= _words(each) for each in acts.said_acts(when)):
        return
    at = story.anchor
    for number, item in enumerate(story.given.get("timeline") or []):
        said = set(vocabulary.words(item.get("ev", "")))
        if "consent" in said:
            _tell(story, item, at, _ALL, str(number))
    windows = facts.InconvenientTime(windows=phrases.NEVER_CONVENIENT, received_at=story.start)
    story.tell(at, "times", windows)


def _anybody(story: Story) -> tuple[str, ...]:
    """Return the ids of those whom a permission covers that names nobody."""
    return _third_parties(story, {}, {"third"})


def _words(said: dict[str, Any]) -> set[str]:
    return set(vocabulary.words(f"{said.get('act', '')} {said.get('question', '')}"))


def _tell(
    story: Story,
    item: dict[str, Any],
    at: datetime,
    lifts: tuple[Lifted, ...],
    name: str = "",
    third_parties: tuple[str, ...] = (),
) -> None:
    to = str(item.get("to", item.get("given_to", "this_collector")))
    words = set(vocabulary.words(" ".join(f"{key} {value}" for key, value in item.items())))
    is_court = bool(words & _COURT)
    story.tell(
        at,
        f"prior-consent-{name}-{to}-{'-'.join((*lifts, *third_parties))}",
        PriorConsent(
            received_at=at,
            lifts=lifts,
            source="court" if is_court else "person",
            given_to="prior_collector" if "prior" in to
            else "creditor" if "creditor" in to else "this_collector",
            is_lawfully_given=_is_lawfully_given(item),
            third_parties=third_parties,
        ),
    )  # fmt: skip


def _is_lawfully_given(item: dict[str, Any]) -> bool:
    """Tell whether nothing says that the communication it was given in was itself barred."""
    for key, value in item.items():
        words = set(vocabulary.words(key))
        if isinstance(value, str) and not words & _ABOUT:
            words |= set(vocabulary.words(value))
        if (words & _UNLAWFUL and value is not False) or (words & _LAWFUL and value is False):
            return False
    return True
