"""That a consumer has an attorney, on which debts, and that there is none any more."""

import re
from datetime import datetime
from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.check import vocabulary
from services.compliance.rules.check.said import Said
from services.compliance.rules.check.story import Story
from services.compliance.rules.facts import PriorConsent

_ATTORNEY = frozenset(
    {"attorney", "attorneys", "lawyer", "counsel", "represented", "representation", "represents"}
)
_AGREES = frozenset(
    {"consents", "consented", "agrees", "agreed", "permission", "permits", "permitted", "allows",
     "allowed", "authorizes", "authorized"}
)  # fmt: skip
_ANSWERS = frozenset(
    {"respond", "responds", "responded", "response", "reply", "replies", "replied", "answer",
     "answers", "answered", "responsive"}
)  # fmt: skip
_NEGATED = frozenset({"not", "no", "never", "without", "failed", "fails", "declined", "ignored"})
_OVER = frozenset(
    {"ended", "ends", "withdrew", "withdraws", "withdrawn", "withdrawal", "terminated",
     "terminates", "former", "formerly", "dismissed", "fired", "unresponsive", "unrepresented",
     "over", "ceased", "stopped"}
)  # fmt: skip
_COVERED = frozenset({"for", "on", "about", "debt", "debts", "accounts", "regarding"})
_ENDS = re.compile(
    r"\b(no longer|not any ?more|any ?more|not|never|does ?n'?t|do ?n'?t|withdr\w+|terminat\w+"
    r"|ended|fired|dismissed|stopped|ceased|without)\b"
)
OF_ATTORNEYS = re.compile(r"\b(attorney|lawyer|counsel|represent\w*)\b")


def apply(story: Story) -> None:
    """Read what is stated outright, unless the attorney does not answer or agrees to contact."""
    at = story.start
    entries = [
        each for each in Said(story.given).entries
        if _ATTORNEY & set(each.words) and "timeline" not in each.words
    ]  # fmt: skip
    if not any(each.value not in (False, None, "none", 0, "no", []) for each in entries):
        return
    if any(_is_over(set(each.words), each.value) for each in entries):
        return
    said = Said(story.given)
    is_reachable = bool(said.tells("ascertain")) or not any(
        each.value is False and set(each.words) & {"address", "contact", "ascertainable"}
        for each in said.entries
    )
    named = [
        label
        for each in entries
        if set(each.words) & _COVERED
        for label in (each.value if isinstance(each.value, list) else [each.value])
        if str(label) in story.debts
    ]
    retained = facts.AttorneyRetained(
        received_at=at, account_ids=story.accounts(named), is_reachable=is_reachable
    )
    story.tell(at, "attorney", retained)


def read(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    """Read an event of a timeline: who is represented, is not any more, or may be spoken with."""
    text = " ".join(str(value) for key, value in item.items() if key not in ("ev", "at"))
    words = said | {word for key in item for word in vocabulary.words(key) if item[key] is True}
    if _is_over(words - _AGREES, True) or (OF_ATTORNEYS.search(text) and _ENDS.search(text)):
        story.end(at, "attorney")
    elif words & _AGREES and not words & _NEGATED:
        consent = PriorConsent(received_at=at, lifts=("attorney",))
        story.tell(at, "attorney-agrees", consent)
    elif not words & (_NEGATED | _ANSWERS):
        labels = item.get("debts", item.get("debt", item.get("for"))) or []
        named = [each for each in (labels if isinstance(labels, list) else [labels])
                 if str(each) in story.debts]  # fmt: skip
        retained = facts.AttorneyRetained(received_at=at, account_ids=story.accounts(named))
        story.tell(at, "attorney", retained)


def hear(story: Story, at: datetime, said: str) -> None:
    """Read a person's words about an attorney: "I have one", or "she no longer represents me"."""
    if _ENDS.search(said):
        story.end(at, "attorney")
    else:
        story.tell(at, "attorney", facts.AttorneyRetained(received_at=at))


def _is_over(words: set[str], value: Any) -> bool:
    """Tell whether a key says that the bar has ended; "responded: false" says it, too."""
    if value is False:
        return not words & _NEGATED and bool(
            words & (_ANSWERS | {"still", "represented", "represents"})
        )
    if value is not True:
        return False
    if words & _ANSWERS and words & _NEGATED:
        return True
    if {"no", "longer"} <= words or ("not" in words and words & {"represented", "represents"}):
        return True
    return bool(words & (_AGREES | _OVER))
