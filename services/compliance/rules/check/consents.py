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
            {
                "time",
                "times",
                "hour",
                "hours",
                "evening",
                "night",
                "early",
                "late",
                "am",
                "pm",
                "midnight",
            }
        ),
        "time",
    ),
    (frozenset({"place", "home"}), "place"),
    (frozenset({"work", "workplace", "employment", "employer", "job"}), "workplace"),
    (frozenset({"attorney", "lawyer", "represented", "direct", "directly"}), "attorney"),
)
_ALL: tuple[Lifted, ...] = ("time", "place", "workplace", "attorney")


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
    is_court = "court" in words
    story.tell(
        at,
        f"prior-consent-{name}-{to}-{'-'.join(lifts)}",
        PriorConsent(
            received_at=at,
            lifts=lifts,
            source="court" if is_court else "person",
            given_to="prior_collector" if "prior" in to
            else "creditor" if "creditor" in to else "this_collector",
            is_lawfully_given=not words & {"inconvenient", "unlawful"},
        ),
    )  # fmt: skip
