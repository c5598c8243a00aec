"""The initial communication and the validation notices of an example, as facts of its story."""

from datetime import datetime, time, timedelta
from typing import Any, Literal

from services.compliance.rules import definitions, facts, validation
from services.compliance.rules.check import moments, vocabulary
from services.compliance.rules.check.said import Said
from services.compliance.rules.check.story import Story
from services.compliance.rules.message import Document
from services.compliance.rules.outcomes import OUTCOMES

_JUDGED_AT = time(8, 0, 1)
_LONG_AGO = timedelta(days=30)


def apply(story: Story) -> None:
    """Tell the initial communication and the notices of an example about validation."""
    if story.given.get("rule") != "REGF-VALIDATION":
        return
    (account, *_) = story.default_account()
    _already_provided(story, account)
    initial = initial_communication(story.given, story)
    if initial is not None:
        at, is_oral = initial
        known = facts.InitialCommunication(
            account_id=account,
            at=at,
            is_oral=is_oral,
            holds_validation=_held_validation(story.given),
        )
        story.tell(at, "initial-communication", known)
        after = validation.due_on(story.today(at)) + timedelta(days=1)
        # Whether all was in order shows once the notice would be overdue.
        story.question_at = datetime.combine(after, _JUDGED_AT, tzinfo=story.where)
    paid_on = moments.dates_of(story.given.get("paid"))
    if paid_on:
        story.change(
            moments.instant(paid_on[-1], story.where, moments.ASKED_AT),
            f"standing-{next(iter(story.debts))}",
            lifecycle="closed",
            owes=False,
            reason="paid_in_full",
        )
    for number, (at, item) in enumerate(notices(story.given, story)):
        notice = facts.ValidationNotice(account_id=account, provided_at=at, carries=_carries(item))
        story.tell(at, f"validation-notice-{number}", notice)


def _held_validation(given: dict[str, Any]) -> bool:
    return any(
        value is True and {"validation", "given"} <= set(vocabulary.words(key))
        for key, value in given.items()
    )


def _already_provided(story: Story, account_id: str) -> None:
    """Let collection have begun, where it is said whether validation information was given then."""
    provided = Said(story.given).tells("validation", "provided")
    if provided is None or story.given.get("timeline"):
        return
    begun = facts.InitialCommunication(
        account_id=account_id, at=story.start - _LONG_AGO, holds_validation=provided
    )
    story.tell(story.start, "initial-communication", begun)
    story.question_at = story.anchor


def initial_communication(given: dict[str, Any], story: Story) -> tuple[datetime, bool] | None:
    """Return when the first communication was, and whether it was oral."""
    said = given.get("initial_communication")
    if said is not None:
        spoken = vocabulary.channel_of(given.get("medium", "")) == "call"
        return moments.instant(said, story.where), spoken
    if _told_notice(given) is not None:
        return story.anchor, False
    for item in given.get("timeline") or []:
        if _is_communication(item):
            return _at(item, story), vocabulary.channel_of(item.get("ev", "")) == "call"
    return None


def _is_communication(item: dict[str, Any]) -> bool:
    """Tell whether an event was a communication: it conveyed something of the debt."""
    words = set(vocabulary.words(item.get("ev", "")))
    if document_of(f"{item.get('kind', '')} {item.get('doc', '')}") in _STARTING_NOTHING:
        return False
    if "validation" in words:
        return False
    if words & {"voicemail"}:
        return OUTCOMES["voicemail_left"].reached
    if "call" in words:
        return vocabulary.is_conversation(item)
    return bool(words & {"sent", "mailed"}) and vocabulary.channel_of(item["ev"]) is not None


_DOCUMENTS: tuple[tuple[frozenset[str], Document], ...] = (
    (frozenset({"limited"}), "limited_content_message"),
    (frozenset({"lcm"}), "limited_content_message"),
    (frozenset({"proof", "claim"}), "proof_of_claim"),
    (frozenset({"pleading"}), "formal_pleading"),
    (frozenset({"pleadings"}), "formal_pleading"),
    (frozenset({"complaint"}), "formal_pleading"),
    (frozenset({"privacy"}), "privacy_notice"),
    (frozenset({"irs"}), "tax_notice"),
    (frozenset({"tax"}), "tax_notice"),
    (frozenset({"breach"}), "breach_notice"),
)
_STARTING_NOTHING = definitions.NEVER_INITIAL | {"limited_content_message"}


def document_of(text: str) -> Document:
    """Return which kind of document words name."""
    words = set(vocabulary.words(text))
    return next((document for names, document in _DOCUMENTS if names <= words), "message")


def _told_notice(given: dict[str, Any]) -> tuple[dict[str, Any], bool] | None:
    """Return a notice of which is said how it was provided, and whether as the first of all."""
    notice = given.get("notice", given.get("notices"))
    said = notice.get("provided_in", notice.get("provided")) if isinstance(notice, dict) else None
    words = set(vocabulary.words(said)) if isinstance(said, str) else set()
    is_first = notice.get("is_initial_communication") if isinstance(notice, dict) else None
    if isinstance(notice, dict) and isinstance(is_first, bool):
        return notice, is_first
    is_later = bool(words & {"within", "after", "following", "later", "days"})
    if not isinstance(notice, dict) or not ({"initial", "communication"} <= words or is_later):
        return None
    return notice, not is_later


def _provided_in(given: dict[str, Any], story: Story) -> list[tuple[datetime, dict[str, Any]]]:
    told = _told_notice(given)
    if told is None:
        return []
    notice, is_first = told
    return [(story.anchor + timedelta(days=0 if is_first else 2), notice)]


def is_notice(item: dict[str, Any]) -> bool:
    """Tell whether an event of a timeline was the provision of a validation notice."""
    words = set(vocabulary.words(item.get("ev", "")))
    is_provided = bool(words & {"sent", "resent", "provided", "mailed"})
    return is_provided and bool({"validation", "notice"} & words)


def notices(given: dict[str, Any], story: Story) -> list[tuple[datetime, dict[str, Any]]]:
    """Return the notices provided, those that came back left out."""
    found: list[tuple[datetime, dict[str, Any]]] = [
        *_provided_in(given, story),
        *(
            (moments.instant(value, story.where), {"ev": f"validation_{key}"})
            for key, value in given.items()
            if "notice" in vocabulary.words(key)
            and set(vocabulary.words(key)) & {"sent", "mailed", "provided", "emailed"}
            and moments.dates_of(value)
        ),
    ]
    for item in given.get("timeline") or []:
        words = set(vocabulary.words(item.get("ev", "")))
        if (
            words & {"undeliverable", "returned", "bounced", "bounce"}
            or {"not", "received"} <= words
        ):
            found = found[:-1]
        elif is_notice(item):
            found.append((_at(item, story), item))
    return found


def _carries(item: dict[str, Any]) -> Literal["initial", "later", "none"]:
    said = str(item.get("disclosure", "initial")).lower()
    if "none" in said or said in ("false", "missing"):
        return "none"
    is_later = "later" in said or "subsequent" in said or "18e2" in said or "18(e)(2)" in said
    return "later" if is_later and "18e1" not in said else "initial"


def _at(item: dict[str, Any], story: Story) -> datetime:
    return moments.instant(item["at"], story.where) if "at" in item else story.anchor
