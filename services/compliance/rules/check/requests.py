"""Answers about what consumers ask and say: disputes, cease notices, in writing or not, by whom.

And about what may still be sent after that.
"""

from collections.abc import Callable
from typing import Any

from services.compliance.rules import exceptions, facts
from services.compliance.rules.check import acts, moments, vocabulary, writing
from services.compliance.rules.check.answers import Question, chosen, listed, listing
from services.compliance.rules.check.deciding import outcome_of
from services.compliance.rules.check.engine import Engine
from services.compliance.rules.check.running import Run
from services.compliance.rules.contact.dispute_open import is_timely


def _violations(question: Question, expected: dict[Any, bool]) -> dict[Any, bool]:
    """Judge an act on each date: that of the timeline if it has one, or another like it."""
    sent = [each for each in question.given.get("timeline", []) if "sent" in str(each.get("ev"))]
    like = vocabulary.channel_of(sent[0]["ev"]) if sent else "email"
    given = {
        **question.given,
        "timeline": [each for each in question.given.get("timeline", []) if each not in sent],
    }
    when = {"acts": [{"at": str(day), "act": like} for day in sorted(map(str, expected))]}
    run = Run(given, when, question.driver_factory(), question.book)
    decided = [outcome_of(each) == "deny" for each in run.decisions()]
    by_day = dict(zip(sorted(map(str, expected)), decided, strict=True))
    return {day: by_day[str(day)] for day in expected}


def _required(question: Question, expected: Any) -> Any:
    engine = question.engine()
    gate = engine.gate(engine.call())
    (account,) = engine.story.default_account()
    if "dispute_received" not in question.given:
        return _is_collection_stopped(question)
    said = question.given["dispute_received"]
    received = [moments.instant(each, engine.story.where) for each in listed(said)]
    timely = [is_timely(gate, account, None, each) for each in received]
    return timely if isinstance(expected, list) else timely[0]


def _is_collection_stopped(question: Question) -> bool:
    """Tell whether plain collection is barred for a dispute, or for a request not answered."""
    run = Run(question.given, question.when, question.driver_factory(), question.book)
    run.asks = [acts.any_act(run.story)]
    stops = {"dispute-open", "original-creditor-request"}
    return any(stops & set(each.rules) for each in run.decisions())


_SUBMITTED = frozenset(
    {"submission", "submissions", "notice", "notices", "notification", "notifications", "request",
     "requests", "dispute", "disputes", "media", "ways", "letters"}
)  # fmt: skip


def _submitted(given: dict[str, Any]) -> list[Any] | None:
    """Return what came in, where an example lists several."""
    return next(
        (
            value
            for key, value in given.items()
            if isinstance(value, list)
            and (words := set(vocabulary.words(key))) & _SUBMITTED
            and not any(each.startswith("accept") for each in words)
        ),
        None,
    )


def _in_writing(question: Question, expected: Any) -> Any:
    given = question.given
    several = _submitted(given)
    if several is not None:
        return chosen(several, lambda each: writing.is_written(given, each), expected)
    notice = given.get("notice", given.get("submission", given))
    medium = notice.get("medium", notice) if isinstance(notice, dict) else notice
    text = medium if isinstance(medium, str) else " ".join(map(str, _values(given)))
    return writing.is_written(given, text)


def _not_in_writing(question: Question, expected: Any) -> Any:
    given = question.given
    several = _submitted(given)
    if several is None:
        return not _in_writing(question, expected)
    return chosen(several, lambda each: not writing.is_written(given, each), expected)


def _values(said: dict[str, Any]) -> list[Any]:
    return [
        f"{' '.join(vocabulary.words(key))} {value}"
        for key, value in writing.flat(said)
        if not isinstance(value, dict) and not str(key).startswith(("default", "rule"))
    ]


_NEWS = frozenset(
    {"new", "material", "additional", "encloses", "enclosed", "enclosure", "attaches", "attachment",
     "attached", "evidence", "documents"}
)  # fmt: skip
"""Words of what a later dispute brings that the earlier one did not."""


def _duplicative(question: Question, expected: Any) -> bool:
    """Ask to answer the second dispute by reference to the answer to the first."""
    given = question.given
    second = _second(given)
    is_new = any(
        second[key] and set(vocabulary.words(key)) & _NEWS
        for key in second
        if "already" not in str(key)
    )
    is_writing = given.get("both_in_writing_within_validation_period", True)
    run = Run({}, {}, question.driver_factory(), question.book)
    (account, *_) = run.story.default_account()
    for name, said in (
        ("first", {"answered": given.get("first_answered", bool(given.get("first_answer")))}),
        (
            "second",
            {
                "says_the_same": second.get("same_substance", second.get("substantially_same")),
                "brings_new": is_new,
            },
        ),
    ):
        dispute = facts.Dispute(
            account_id=account, in_writing=is_writing, received_at=run.story.start, **said
        )
        run.story.tell(run.story.start, name, dispute)
    run.asks = [acts.any_act(run.story, "duplicative_dispute_notice")]
    (decision,) = run.decisions()
    return decision.verdict == "permit" and "duplicative-notice" not in decision.flags


def _second(given: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of the later dispute; what comes with it alone is something it brings."""
    for key, value in given.items():
        if {"second", "later", "then", "again", "next"} & set(vocabulary.words(key)):
            if isinstance(value, dict):
                return value
            if isinstance(value, str) and value not in ("none", "nothing", "no"):
                return {"encloses": value}
    return {}


def _is_cease_notice(question: Question, expected: Any) -> bool:
    engine = question.engine()
    return bool(engine.gate(engine.call()).of(facts.CeaseNotice))


def _is_consumer(question: Question, expected: Any) -> bool:
    engine = question.engine()
    person = "contact" if "contact" in engine.story.persons else "P1"
    return engine.gate(engine.call(person)).is_treated_as_consumer


def _treated_as(question: Question, expected: Any) -> str:
    return "consumer" if _is_consumer(question, expected) else "third_party"


_LISTED_PERSONS = ("persons", "contacts", "people", "recipients")


def _treated_as_consumer(question: Question, expected: Any) -> Any:
    """Tell which of the persons listed count as the consumer, or whether the one contacted does."""
    if not any(isinstance(question.given.get(each), list) for each in _LISTED_PERSONS):
        return _is_consumer(question, expected)
    key = listing(question.given, _LISTED_PERSONS)
    told = {name: value for name, value in question.given.items() if name != key}

    def is_treated_so(each: Any) -> bool:
        engine = Engine({**told, "contact": each}, {}, question.book)
        engine.tell()
        return engine.gate(engine.call("contact")).is_treated_as_consumer

    return chosen(question.given[key], is_treated_so, expected)


def _knows_prohibition(question: Question, expected: Any) -> bool:
    engine = question.engine()
    return bool(engine.gate(engine.call()).of(facts.EmployerProhibition))


def _is_prior_consent(question: Question, expected: Any) -> bool:
    engine = question.engine()
    known = engine.gate(engine.call()).of(facts.PriorConsent)
    return any(each.source == "court" or exceptions.is_direct(each) for _, each in known)


def _may_contact(question: Question, expected: Any) -> bool:
    run = Run(question.given, question.when, question.driver_factory(), question.book)
    run.asks = run.asks or [acts.any_act(run.story)]
    return all(each.verdict == "permit" for each in run.decisions())


def _knows_represented(question: Question, expected: Any) -> bool:
    engine = question.engine()
    return bool(engine.gate(engine.call()).of(facts.AttorneyRetained))


def _is_opt_out(question: Question, expected: Any) -> bool:
    engine = question.engine()
    gate = engine.gate(engine.call())
    return bool(gate.of(facts.OptOut) or gate.of(facts.OralStop))


_ACTS_OFFERED = (
    "docs", "documents", "communications", "letters", "notices", "messages", "media", "acts",
    "purposes", "procedures", "paths", "statements", "times", "instants",
)  # fmt: skip


def _permitted(question: Question, expected: Any) -> Any:
    """Ask leave for each of the documents or media that an example lists, one by one."""
    given = question.given
    key = listing(given, _ACTS_OFFERED)
    told = {name: value for name, value in given.items() if name != key}

    def is_permitted(each: Any) -> bool:
        act = {"act": each if key in ("media", "acts") else "send", "doc": each}
        if key == "media":
            act["to"] = each
        if key in ("procedures", "paths"):
            act = {"act": "email", "procedure": each}
        elif key in ("times", "instants"):
            act = {"act": "call", "at": each}
        elif key == "statements":
            act = {"act": "call", "person": "T1", "says": each}
        run = Run(told, act, question.driver_factory(), question.book)
        return all(each.verdict == "permit" for each in run.decisions())

    return chosen(given[key], is_permitted, expected)


def _not_permitted(question: Question, expected: Any) -> Any:
    given = question.given
    key = listing(given, _ACTS_OFFERED)
    permitted = _permitted(question, [])
    return chosen(given[key], lambda each: each not in permitted, expected)


_INCONVENIENT = (facts.InconvenientTime, facts.InconvenientPlace)


def _knows_inconvenient(question: Question, expected: Any) -> bool:
    engine = question.engine()
    gate = engine.gate(engine.call())
    return any(gate.of(kind) for kind in _INCONVENIENT)


def _may_ask(question: Question, expected: Any) -> bool:
    """Ask to put a question to the person about what time, place or medium suits."""
    act = {"act": "ask_follow_up_question_what_is_convenient"}
    run = Run(question.given, act, question.driver_factory(), question.book)
    (decision,) = run.decisions()
    return decision.verdict == "permit"


ANSWERS: dict[str, Callable[[Question, Any], Any]] = {
    "violations": _violations,
    "permitted": _permitted,
    "allowed": _permitted,
    "may_send": _permitted,
    "may_still_send": _permitted,
    "not_permitted": _not_permitted,
    "not_allowed": _not_permitted,
    "prohibited": _not_permitted,
    "barred": _not_permitted,
    "required": _required,
    "in_writing": _in_writing,
    "not_in_writing": _not_in_writing,
    "duplicative": _duplicative,
    "is_cease_notice": _is_cease_notice,
    "treated_as_consumer": _treated_as_consumer,
    "consumers": _treated_as_consumer,
    "is_consumer": _treated_as_consumer,
    "is_prior_consent": _is_prior_consent,
    "prior_consent": _is_prior_consent,
    "consent_valid": _is_prior_consent,
    "knows_represented": _knows_represented,
    "represented": _knows_represented,
    "is_opt_out": _is_opt_out,
    "opted_out": _is_opt_out,
    "treated_as": _treated_as,
    "operates_as": _treated_as,
    "is_written": _in_writing,
    "written": _in_writing,
    "collection_stops": _required,
    "cease_until_verification": _required,
    "knows_inconvenient": _knows_inconvenient,
    "should_know_inconvenient": _knows_inconvenient,
    "knows_or_should_know": _knows_inconvenient,
    "known_inconvenient": _knows_inconvenient,
    "may_contact": _may_contact,
    "may_communicate": _may_contact,
    "may_ask": _may_ask,
    "may_ask_follow_up": _may_ask,
    "may_ask_follow_up_question": _may_ask,
    "follow_up_allowed": _may_ask,
    "follow_up_questions_allowed": _may_ask,
    "knows_employer_prohibits": _knows_prohibition,
    "reason_to_know": _knows_prohibition,
    "knows_or_has_reason_to_know": _knows_prohibition,
}
