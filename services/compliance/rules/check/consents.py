"""Consent in examples: to whom it was given, and what for."""

from datetime import datetime
from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.check import acts, phrases, vocabulary
from services.compliance.rules.check.story import Story
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
            _tell(story, {"by": "court"}, story.start, _ALL)
        elif "consent" in words and isinstance(value, dict):
            read(story, value, story.start)


def read(story: Story, item: dict[str, Any], at: datetime) -> bool:
    """Read a consent to contact that the law otherwise bars; tell whether it was one."""
    about = " ".join(
        str(item[key]) for key in ("for", "scope", "about", "lifts", "covers") if key in item
    )
    words = set(vocabulary.words(about))
    lifts = tuple(lifted for meant, lifted in _LIFTS if meant & words)
    if lifts:
        _tell(story, item, at, lifts)
    return bool(lifts)


def apply(story: Story, when: dict[str, Any]) -> None:
    """Let an example that relies on consent need one: the time is inconvenient without."""
    if not any({"rely", "consent"} <= _words(each) for each in acts.said_acts(when)):
        return
    at = story.anchor
    for number, item in enumerate(story.given.get("timeline") or []):
        said = set(vocabulary.words(item.get("ev", "")))
        if "consent" in said:
            _tell(story, item, at, _ALL, str(number))
    windows = facts.InconvenientTime(windows=phrases.NEVER_CONVENIENT, received_at=at)
    story.tell(at, "times", windows)


def _words(said: dict[str, Any]) -> set[str]:
    return set(vocabulary.words(f"{said.get('act', '')} {said.get('question', '')}"))


def _tell(
    story: Story, item: dict[str, Any], at: datetime, lifts: tuple[Lifted, ...], name: str = ""
) -> None:
    to = str(item.get("to", item.get("given_to", "this_collector")))
    words = set(vocabulary.words(" ".join(f"{key} {value}" for key, value in item.items())))
    is_court = bool(words & _COURT)
    story.tell(
        at,
        f"prior-consent-{name}-{to}-{'-'.join(lifts)}",
        PriorConsent(
            received_at=at,
            lifts=lifts,
            source="court" if is_court else "person",
            given_to="prior_collector" if "prior" in to
            else "creditor" if "creditor" in to else "this_collector",
            is_lawfully_given=_is_lawfully_given(item),
        ),
    )  # fmt: skip


def _is_lawfully_given(item: dict[str, Any]) -> bool:
    """Tell whether nothing says that the communication it was given in was itself barred."""
    about = {"for", "scope", "about", "lifts", "covers"}
    for key, value in item.items():
        words = set(vocabulary.words(key))
        if isinstance(value, str) and key not in about:
            words |= set(vocabulary.words(value))
        if (words & _UNLAWFUL and value is not False) or (words & _LAWFUL and value is False):
            return False
    return True
