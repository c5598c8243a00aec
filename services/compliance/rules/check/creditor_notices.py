"""What a creditor's notice about an e-mail address says, as examples tell it or in its wording."""

import re
from datetime import datetime, timedelta
from typing import Any

from services.compliance.rules.check import labels, moments, vocabulary
from services.compliance.rules.check.story import Story
from services.compliance.rules.facts import CreditorNotice, MessageConsent

_LONG_AGO = timedelta(days=120)
_WHOLE = frozenset({"all", "required", "valid", "compliant", "complete", "otherwise"})
_REPLY = frozenset({"reply", "replies", "respond", "response", "responses", "return"})
_ANY_OF = frozenset({"a", "an", "another", "any", "one", "our", "some", "their", "third"})
_NAMING = frozenset(
    {"names", "named", "name", "identifies", "identified", "transferred", "transferee", "assigned",
     "assignee", "placed", "collector", "recipient"}
)  # fmt: skip
"""Words of keys that tell who the notice says the debt goes to."""
_OTHER_THINGS = frozenset({"address", "email", "date", "deadline", "creditor", "consumer", "form"})
_NOTICE_WORDS: tuple[tuple[str, tuple[set[str], ...]], ...] = (
    ("is_clear", ({"clear"}, {"conspicuous"}, {"legible"})),
    (
        "names_collector",
        (
            {"names", "collector"},
            {"collector", "name"},
            {"collector", "named"},
            {"collector", "identifies"},
            {"collector", "identified"},
            {"transferred"},
        ),
    ),
    ("says_others_may_see", ({"others"}, {"other", "people"}, {"third", "parties"})),
    ("names_deadline", ({"deadline"}, {"opt", "date"}, {"by", "when"})),
    ("explains_opt_out", ({"opt", "out"}, {"how", "opt"}, {"optout"})),
    ("is_sent_to_used_address", ({"sent", "address"}, {"sent", "used"})),
    ("names_address", ({"address"},)),
    ("is_used_about_account", ({"used"}, {"uses"})),
    ("is_obtained_from_consumer", ({"obtained"},)),
)


def notice_of(said: dict[str, Any]) -> CreditorNotice:
    """Return what is said of a creditor's notice, key by key."""
    found: dict[str, Any] = {}
    for key, value in said.items():
        words = set(vocabulary.words(key))
        if words & {"sample", "model"}:
            continue  # may be used, and need not
        if key in ("medium", "notice_medium"):
            is_paper = "paper" in str(value) or "mail" in str(value).replace("email", "")
            found["medium"] = "paper" if is_paper else "electronic"
        elif words & {"methods", "method"}:
            listed = value if isinstance(value, list) else [value]
            found["opt_out_methods"] = tuple(map(str, listed))
        elif words & _WHOLE and value is False:
            found["explains_opt_out"] = False
        elif words & _REPLY and words & {"to", "recipient", "recipients"}:
            found["is_reply_to_one"] = _is_one(value)
        elif words & _NAMING and not words & _OTHER_THINGS and isinstance(value, str):
            found["names_collector"] = _is_name(value)
        elif isinstance(value, bool):
            name = next(
                (name for name, tests in _NOTICE_WORDS if any(each <= words for each in tests)),
                None,
            )
            if name is not None:
                found[name] = value
    return CreditorNotice(**found)


def _is_one(value: Any) -> bool:
    """Tell whether a reply is to go to one recipient: to the collector or to the creditor."""
    listed = value if isinstance(value, list) else [value]
    words = {word for each in listed for word in vocabulary.words(each)}
    return "both" not in words and len(listed) == 1 and not {"collector", "creditor"} <= words


def _is_name(said: str) -> bool:
    """Tell whether words are somebody's own name: "one of our partners" names nobody.

    A capital shows a name, but for that of a first word like "a", "one" or "our".
    """
    first, *rest = said.split() or [""]
    is_first = first[:1].isupper() and vocabulary.words(first)[0] not in _ANY_OF
    return is_first or any(each[:1].isupper() for each in rest)


def notice_from_text(text: str) -> CreditorNotice:
    """Return what the wording of a notice says, as far as words show it."""
    said = text.lower()
    return CreditorNotice(
        is_clear=True,
        names_collector=_names_collector(text),
        names_address="@" in said or "email address" in said or "e-mail address" in said,
        says_others_may_see=any(
            each in said for each in ("others", "other people", "anyone", "someone else")
        ),
        explains_opt_out="opt out" in said or "opt-out" in said or "unsubscribe" in said,
        names_deadline=bool(
            moments.dates_of(said.strip()) or " by " in said or "before" in said or "within" in said
        ),
    )


_GOES_TO = re.compile(
    r"\b(?:transfer|assign|plac|refer|sold|sell|send|turn)\w*\b[^.;]*?\b(?:to|with)\s+([^.,;]+)"
)


def _names_collector(text: str) -> bool:
    """Tell whether a notice names the collector to whom the debt goes."""
    named = _GOES_TO.search(text)
    if named is not None:
        return _is_name(named.group(1))
    return any(each in text.lower() for each in ("transfer", "collector", "assign"))


def apply(story: Story, reference: datetime) -> None:
    """Read a notice that is stated outright; `reference` is when the acts take place."""
    given = story.given
    sent = given.get("notice_sent")
    deadline = next(
        (value for key, value in given.items() if "deadline" in vocabulary.words(key)), None
    )
    parts = [
        value
        for key, value in given.items()
        if isinstance(value, dict) and set(vocabulary.words(key)) & {"notice", "creditor"}
    ]
    said: dict[str, Any] = {key: value for key, value in given.items() if isinstance(value, bool)}
    for part in parts:
        said |= part
    sent = sent or said.get("sent")
    deadline = deadline or said.get("deadline", said.get("stated_deadline"))
    sent = sent or said.get("notice_sent")
    if deadline is None and not story.is_on_trial("email"):
        sent = None  # a notice of something else
    expired = next((value for key, value in said.items() if _is_of_expiry(key)), None)
    is_told = sent is not None or expired is not None or bool(parts)
    if not is_told:
        return
    if sent is not None:
        at = moments.instant(sent, story.where)
    else:
        at = (reference if expired is False else story.start) - (
            timedelta(days=1) if expired is False else _LONG_AGO
        )
    for label in given.get("qualifying_addresses") or [labels.label_of(given)]:
        tell(story, at, deadline, _opted(notice_of(said), {**given, **said}), label)


def _is_of_expiry(key: object) -> bool:
    """Tell whether a key says that the time to opt out is over."""
    words = set(vocabulary.words(key))
    return "expired" in words and bool(words & {"opt", "period", "deadline"})


def _opted(notice: CreditorNotice, given: dict[str, Any]) -> CreditorNotice:
    values = [value for key, value in given.items() if key in ("opted_out", "consumer_opted_out")]
    fields = {each: getattr(notice, each) for each in notice.__struct_fields__}  # type: ignore[attr-defined]
    uses = given.get("creditor_uses", given.get("creditor_used_for", fields["used_for"]))
    used_for = tuple("_".join(vocabulary.words(each)) for each in uses)
    return CreditorNotice(**{**fields, "is_opted_out": True in values, "used_for": used_for})


def tell(
    story: Story, at: datetime, deadline: object, notice: CreditorNotice, label: object
) -> None:
    """Let a creditor have sent a notice about an address, or about whichever is used."""
    story.spoken_of.add("email")
    until = moments.dates_of(deadline) if deadline is not None else None
    if until:
        # Whether a notice opens the address shows once its own last day has passed.
        after = until[-1] + timedelta(days=1)
        asked_at = datetime.combine(after, moments.ASKED_AT, tzinfo=story.where)
        story.question_at = max(asked_at, story.anchor + timedelta(hours=1))
    story.tell(
        min(at, story.start),
        f"creditor-notice-{label}",
        MessageConsent(
            medium="email",
            procedure="creditor_notice",
            given_at=at,
            given_to="creditor",
            contact_point_id=story.address(label, "email") if label else None,
            opt_out_ends_on=until[-1] if until else None,
            notice=notice,
        ),
    )
