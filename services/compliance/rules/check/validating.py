"""Examples of the validation notice and its period: due when, to whom, and until when it runs."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Literal

from services.compliance.rules import facts, validation
from services.compliance.rules.check import (
    acts,
    moments,
    people,
    specimens,
    told_validation,
    vocabulary,
)
from services.compliance.rules.check.answers import Question
from services.compliance.rules.check.driver import Decision
from services.compliance.rules.check.running import Run
from services.compliance.rules.contact import dispute_open
from services.compliance.rules.message import Message


def _day(said: object) -> date | None:
    dates = moments.dates_of(said) if said is not None else None
    if dates:
        return dates[-1]
    return date.fromisoformat(str(said)[:10]) if said is not None else None


def _initial_day(question: Question) -> date | None:
    story = question.engine().story
    initial = told_validation.initial_communication(question.given, story)
    return story.today(initial[0]) if initial else None


def sent_days(when: dict[str, Any]) -> list[date]:
    """Return the days on which the acts asked about are said to send something."""
    said = [each for each in when.get("acts", []) if isinstance(each, dict)] or [when]
    return [
        day
        for each in said
        for key, value in each.items()
        if {"send", "sent", "at", "provide", "provided"} & set(vocabulary.words(key))
        and (day := _day(value)) is not None
    ]


def _on_time(question: Question, expected: Any) -> Any:
    """Ask to send the notice on each day: one that goes out late is flagged."""
    story = question.engine().story
    sent = sent_days(question.when) or [
        story.today(at) for at, _ in told_validation.notices(question.given, story)
    ]
    decided = [_sending_notice(question, "P1", each) for each in sent]
    found = [each.verdict == "permit" and _DUE not in each.flags for each in decided]
    return found if isinstance(expected, list) else found[0]


def _sending_notice(question: Question, person: str, day: date | None = None) -> Decision:
    """Ask to send a validation notice, none having been sent before."""
    timeline = question.given.get("timeline") or []
    given = {
        **question.given,
        "timeline": [each for each in timeline if not told_validation.is_notice(each)],
    }
    act = {"act": "mail", "doc": "validation_notice", "person": person}
    run = Run(
        given,
        {"acts": [{**act, "at": day.isoformat()} if day else act]},
        question.driver_factory(),
        question.book,
    )
    (decision,) = run.decisions()
    return decision


_DUE = "validation-due"


def _due(question: Question, expected: Any) -> str:
    initial = _initial_day(question)
    return validation.due_on(initial).isoformat() if initial else "none"


def _required(question: Question, expected: Any) -> bool:
    """Ask for plain collection on the day after the notice was due: without one, it is refused."""
    run = Run(question.given, {}, question.driver_factory(), question.book)
    run.asks = acts.of_question(run.story)
    return any(_DUE in each.rules for each in run.decisions())


def _is_satisfied(question: Question, expected: Any) -> bool:
    """Tell whether nothing is due any more of the notice that was to be provided.

    Raises:
        LookupError: nothing is told of a first communication.
    """
    if _initial_day(question) is None:
        raise LookupError("nothing is told of a first communication")
    return not _required(question, expected)


def _addressee(question: Question, expected: Any) -> Any:
    """Return to whom a validation notice may be sent."""
    found = [
        name
        for person, name in (
            ("P1", "consumer"),
            (people.ESTATE, "named_person_authorised_for_estate"),
        )
        if _sending_notice(question, person).verdict == "permit"
    ]
    return found[0] if len(found) == 1 else found


def _is_initial(question: Question, expected: Any) -> Any:
    said = next(
        (
            value
            for key, value in question.given.items()
            if key in _SENT_KEYS or (_MESSAGES & set(vocabulary.words(key)) and _is_words(value))
        ),
        None,
    )
    if said is None:
        return _initial_day(question) is not None
    listed = said if isinstance(said, list) else [said]
    found = [_starts(question, str(each)) for each in listed]
    return found if isinstance(expected, list) else found[0]


_MESSAGES = frozenset({"message", "messages", "document", "documents"})


def _is_words(value: object) -> bool:
    return bool(value) and all(
        isinstance(each, str) for each in (value if isinstance(value, list) else [value])
    )


_SENT_KEYS = ("sent", "document", "documents", "doc", "communications", "communication", "filed")


def _starts(question: Question, what: str) -> bool:
    """Tell whether what goes out about a debt may be its initial communication."""
    document = told_validation.document_of(what)
    message = Message(channel="letter", document=document)
    if document == "limited_content_message":
        message = specimens.limited_content()
    checked = question.driver_factory().check(question.engine().story.anchor, message)
    return bool(checked.may_be_initial)


def _provided(question: Question) -> date:
    sent = [
        day
        for key, value in question.given.items()
        if set(vocabulary.words(key)) & {"provided", "sent", "mailed", "resent"}
        and moments.dates_of(value)
        and (day := _day(value)) is not None
    ]
    if sent:
        return max(sent)  # one sent again starts the period again
    story = question.engine().story
    (*_, (at, _)) = told_validation.notices(question.given, story)
    return story.today(at)


def _period(question: Question) -> validation.Period:
    """Return the earliest period where that is asked for, else the one the engine goes by."""
    if "earliest" in str(question.when.get("question", "")).lower():
        return validation.period(_provided(question), "literal")
    return validation.safe_period(_provided(question))


def _assumed(question: Question, expected: Any) -> str:
    return _period(question).assumed_receipt.isoformat()


def _end(question: Question, expected: Any) -> str:
    return _period(question).ends_on.isoformat()


def _both(reading: Literal["literal", "observed"]) -> Callable[[Question, Any], Any]:
    def answer(question: Question, expected: Any) -> dict[str, str]:
        found = validation.period(_provided(question), reading)
        return {
            "assumed_receipt": found.assumed_receipt.isoformat(),
            "end_date": found.ends_on.isoformat(),
        }

    return answer


def _ends_with(question: Question, *notices: facts.ValidationNotice) -> date | None:
    engine = question.engine()
    for number, notice in enumerate(notices):
        engine.driver.apply_fact(engine.end(), f"notice-{number}", notice)
    gate = engine.gate(engine.call())
    return dispute_open.validation_period_end(gate, engine.story.default_account()[0])


def _recomputed(question: Question, expected: Any) -> bool:
    """Compare the end of the period before and after what was learned later."""
    engine = question.engine()
    (account, *_) = engine.story.default_account()
    first = facts.ValidationNotice(account_id=account, provided_at=engine.end())
    again = facts.ValidationNotice(account_id=account, provided_at=engine.end() + timedelta(days=9))
    said = " ".join(f"{key} {value}" for key, value in question.given.items())
    words = set(vocabulary.words(said))
    is_again = bool(
        words & {"resent", "second", "redelivered", "again", "subsequent", "undeliverable"}
    )
    before = _ends_with(question, first)
    return before != _ends_with(question, first, *((again,) if is_again else ()))


def _good_ends(question: Question, expected: Any) -> list[Any]:
    """Return the dates given that may be stated as the end: none before the period's own."""
    ends = _period(question).ends_on
    return [each for each in _ends_listed(question) if (_day(each) or ends) >= ends]


def _bad_ends(question: Question, expected: Any) -> list[Any]:
    good = _good_ends(question, expected)
    return [each for each in _ends_listed(question) if each not in good]


def _ends_listed(question: Question) -> list[Any]:
    return next(
        value
        for key, value in question.given.items()
        if isinstance(value, list) and {"end", "ends"} & set(vocabulary.words(key))
    )


ANSWERS: dict[str, Callable[[Question, Any], Any]] = {
    "on_time": _on_time,
    "due": _due,
    "due_on": _due,
    "due_by": _due,
    "required": _required,
    "satisfied": _is_satisfied,
    "addressee": _addressee,
    "is_initial_communication": _is_initial,
    "initial_communication": _is_initial,
    "assumed_receipt": _assumed,
    "end_date": _end,
    "validation_period_end": _end,
    "literal_6103a": _both("literal"),
    "conservative_observed_holiday": _both("observed"),
    "ok": _good_ends,
    "not_ok": _bad_ends,
    "recompute": _recomputed,
    "restart": _recomputed,
    "restarts": _recomputed,
    "period_restarts": _recomputed,
    "validation_period_restarts": _recomputed,
    "validation_required": _required,
    "notice_required": _required,
}
