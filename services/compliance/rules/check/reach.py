"""Answers about e-mail, texts, location, persons and consent, with the functions rules use."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Literal

from services.compliance.rules import facts, procedures
from services.compliance.rules.check import (
    acts,
    creditor_notices,
    labels,
    moments,
    people,
    provenance,
    vocabulary,
)
from services.compliance.rules.check.answers import Question, chosen
from services.compliance.rules.check.driver import Decision
from services.compliance.rules.check.engine import Engine
from services.compliance.rules.check.running import Run
from services.compliance.rules.contact import email_procedure, text_procedure
from services.compliance.rules.request import LOCATION_PURPOSES
from shared.contactpoints import domains

_PROCEDURES = frozenset(
    {"email-procedure", "text-procedure", "employer-email", "address-seen-by-others"}
)


def of_decision(key: str, decisions: list[Decision], run: Run) -> Any:
    """Return what came of another key of a decision's `then`, or None if it only explains."""
    match key:
        case "safe_harbor":
            return not any(_PROCEDURES & set(each.rules) for each in decisions)
        case "procedure":
            return _procedure(run)
        case "is_cease_notice":
            return bool(_gate(run).of(facts.CeaseNotice))
        case "treated_as":
            return "consumer" if _gate(run).is_treated_as_consumer else "third_party"
        case "is_location_information":
            return people.is_sought(run.given) is not False and (
                run.asks[0].request.purpose in LOCATION_PURPOSES
            )
        case _ if {"debt"} < (words := set(vocabulary.words(key))) and words & _SAYS:
            return "debt_owed" in run.asks[0].request.says
        case _:
            return None


_SAYS = frozenset({"states", "stating", "says", "discloses", "reveals", "mentions"})


def _gate(run: Run) -> Any:
    engine = Engine(run.given, run.when, run.book)
    engine.tell()
    (ask, *_) = engine.run.asks or run.asks
    return engine.gate(ask.request)


def _procedure(run: Run) -> str | None:
    gate, at = _gate(run), run.asks[0].at
    if run.asks[0].request.channel == "text":
        found = text_procedure.openings(run.book.federal("text-procedure"), gate, at)
    else:
        found = email_procedure.openings(run.book.federal("email-procedure"), gate, at)
    return next((path for path, since in found if since <= at), None)


# -- classifications ------------------------------------------------------------------------------


def _about(question: Question, expected: Any) -> Any:
    return chosen(_uses(question), lambda each: _opens(question, each), expected)


def _not_about(question: Question, expected: Any) -> Any:
    return chosen(_uses(question), lambda each: not _opens(question, each), expected)


def _opens(question: Question, use: Any) -> bool:
    """Tell whether an address may be written to that the creditor used for such messages alone."""
    notice = facts.CreditorNotice(used_for=("_".join(_words(use)),))
    return _may_send(question, "email", procedure="creditor_notice", notice=notice)


def _may_send(question: Question, medium: Literal["email", "text"], **known: Any) -> bool:
    """Ask to send a message whose address or number came into use in that way, long ago."""
    given = {"rule": {"email": "REGF-EMAIL-CREDITOR", "text": "REGF-TEXT-60DAY"}[medium]}
    run = Run(given, {"act": medium}, question.driver_factory(), question.book)
    known = {"given_at": run.story.start - _LONG_AGO, **known}
    consent = facts.MessageConsent(medium=medium, **known)
    run.story.tell(run.story.start, "way-into-use", consent)
    (decision,) = run.decisions()
    return decision.verdict == "permit"


_LONG_AGO = timedelta(days=120)


def _uses(question: Question) -> list[Any]:
    return next(
        (value for key, value in question.given.items()
         if isinstance(value, list) and _USES & set(_words(key))),
        [],
    )  # fmt: skip


_USES = frozenset({"uses", "communications", "messages", "emails", "documents", "sent"})


def _words(said: Any) -> list[str]:
    return vocabulary.words(said)


def _simple(question: Question, expected: Any) -> Any:
    if isinstance(expected, bool):
        return all(_is_simple(question, each) for each in _methods(question))
    return chosen(_methods(question), lambda each: _is_simple(question, each), expected)


def _not_simple(question: Question, expected: Any) -> Any:
    if isinstance(expected, bool):
        return not _simple(question, expected)
    return chosen(_methods(question), lambda each: not _is_simple(question, each), expected)


def _methods(question: Question) -> list[Any]:
    said: Any = next(
        (value for key, value in question.given.items()
         if {"method", "methods", "way", "ways"} & set(_words(key))),
        [],
    )  # fmt: skip
    return said if isinstance(said, list) else [said]


def _is_simple(question: Question, method: Any) -> bool:
    said = str(question.given.get("notice_medium", question.given.get("medium", "paper")))
    is_paper = "paper" in said or said in ("mail", "letter", "written")
    return procedures.is_simple_opt_out("paper" if is_paper else "electronic", _words(method))


def _valid(question: Question, expected: Any) -> bool:
    said = question.given.get("notice", question.given)
    if not isinstance(said, dict):
        return not procedures.faults(creditor_notices.notice_from_text(str(said)))
    texts = [
        each
        for key, each in said.items()
        if key.endswith(_WORDINGS)
        and isinstance(each, str)
        and not {"sample", "model"} & set(_words(each))
    ]
    notice = (
        creditor_notices.notice_from_text(texts[0]) if texts else creditor_notices.notice_of(said)
    )
    return not procedures.faults(notice) and _is_time_enough(question, {**question.given, **said})


def _is_time_enough(question: Question, said: dict[str, Any]) -> bool:
    """Tell whether the notice leaves enough days to opt out, where it is told how many it does."""
    by_words = {frozenset(vocabulary.words(key)): value for key, value in said.items()}
    sent = _date_under(by_words, {"sent", "mailed", "emailed", "provided"})
    named = _date_under(by_words, {"deadline"})
    return (
        sent is None
        or named is None
        or named >= procedures.earliest_deadline(sent, _opt_out_days(question))
    )


def _date_under(said: dict[frozenset[str], Any], meant: set[str]) -> date | None:
    dates = (moments.dates_of(value) for words, value in said.items() if words & meant)
    return next((each[-1] for each in dates if each), None)


def _clear(question: Question, expected: Any) -> bool:
    """Tell whether nothing that makes a statement clear and conspicuous is said to be missing."""
    said = question.given.get("notice", question.given)
    return all(value for value in said.values() if isinstance(value, bool))


_WORDINGS = ("text", "wording", "language", "says", "states")


def _opt_out_days(question: Question) -> int:
    return question.book.federal("email-procedure").numbers["opt_out_days_min"]


def _days_min(question: Question, expected: Any) -> int:
    return _opt_out_days(question)


def _earliest_deadline(question: Question, expected: Any) -> str:
    (sent_on,) = moments.dates_of(question.given["notice_sent"]) or []
    return procedures.earliest_deadline(sent_on, _opt_out_days(question)).isoformat()


def _consented(question: Question, expected: Any) -> bool:
    """Ask to write to an address that the consumer gave away, as the example tells it."""
    entered = {"ev": "email_address_entered", **question.given}
    given = {"rule": "REGF-EMAIL-CONSENT", "timeline": [entered]}
    run = Run(given, {"act": "email"}, question.driver_factory(), question.book)
    return all(each.verdict == "permit" for each in run.decisions())


def _public(question: Question, expected: Any) -> Any:
    if isinstance(expected, bool):
        return all(_is_public(each) for each in _domains(question))
    return chosen(_domains(question), lambda each: _is_public(str(each)), expected)


def _not_public(question: Question, expected: Any) -> Any:
    if isinstance(expected, bool):
        return not _public(question, expected)
    return chosen(_domains(question), lambda each: not _is_public(str(each)), expected)


def _domains(question: Question) -> list[str]:
    """Return the domains asked about: listed, or of the one address that is told.

    Raises:
        LookupError: none is told.
    """
    told = question.given.get("domains")
    if told is None:
        address = question.given.get("address", question.given)
        if isinstance(address, dict):
            address = address.get("domain", address.get("domain_name", labels.label_of(address)))
        told = [address]
    if told == [None]:
        raise LookupError("no domain is told")
    return [str(each).rpartition("@")[2] for each in told]


def _is_public(said: str) -> bool:
    name, _, description = said.partition("(")
    return provenance.is_public(said) if description else domains.is_public(name.strip()) is True


def _immediately_prior(question: Question, expected: Any) -> Any:
    """Return the collector whose use of an address opens it, each of a chain taken in turn."""
    chain = [str(each) for each in question.given["placement_chain"]]
    asking = question.given.get("collector", chain[-1])
    if asking in chain:
        chain = chain[: len(chain) - 1 - chain[::-1].index(asking)]
    found = [
        name
        for place, name in enumerate(chain)
        if _may_send(
            question,
            "email",
            procedure="prior_collector",
            prior_collectors=tuple(
                facts.PriorCollector(
                    obtained_properly=True,
                    used=other == place,
                    is_return="creditor" in _words(chain[other]),
                )
                for other in range(len(chain))
            ),
        )
    ]
    return found[0] if len(found) == 1 else found or None


def _qualifies(question: Question, expected: Any) -> Any:
    """Return the databases whose check keeps a number in use that has been silent for long."""
    said = question.given["databases"]
    good = [each for each in said if _refreshes(question, each)]
    if expected in ("all", "none"):
        return {len(said): "all", 0: "none"}.get(len(good), good)
    is_listed = isinstance(expected, list) and all(isinstance(each, bool) for each in expected)
    return [each in good for each in said] if is_listed else good


def _refreshes(question: Question, database: Any) -> bool:
    return _may_send(
        question,
        "text",
        procedure="direct_consent",
        confirmed_at=question.engine().story.start,
        confirmed_by="_".join(_words(database)),
    )


def _knows(question: Question, expected: Any) -> Any:
    """Tell whether anybody's word has made it known that an employer provides the address."""
    engine = question.engine()
    named = [labels.label_of(each) for each in question.given.get("addresses") or [{}]]
    found = [
        email_procedure.is_employer_provided(
            engine.gate(engine.story.request("P1", "email", (), label))
        )
        for label in named
    ]
    return found if "addresses" in question.given else found[0]


def _review(question: Question, expected: Any) -> bool:
    """Tell whether an address may be written to only once somebody has looked at its domain.

    Comments 6(d)(4)(ii)(E)-2 and 22(f)(3)-1 ask nobody to.
    """
    return not _may_send(question, "email", procedure="creditor_notice")


def _counted_apart(question: Question, expected: Any) -> bool:
    """Tell whether each person of the consumer's has a count of calls of their own."""
    engine = question.engine()
    persons = list(engine.story.persons)
    return len({engine.call(each).party_id for each in persons}) == len(persons)


def _associated(question: Question, expected: Any) -> Any:
    """Return the media that are left alone once the place that they lead to is inconvenient."""
    return [each for each in question.given["media"] if _is_tied(question, each)]


def _not_associated(question: Question, expected: Any) -> Any:
    return [each for each in question.given["media"] if not _is_tied(question, each)]


def _is_tied(question: Question, medium: Any) -> bool:
    words = set(vocabulary.words(medium))
    place = "work" if words & {"work", "workplace", "office", "employer"} else "home"
    act = {"act": vocabulary.channel_of(medium, "letter"), "to": medium}
    run = Run({"inconvenient_places": [place]}, act, question.driver_factory(), question.book)
    return any("inconvenient-place" in each.rules for each in run.decisions())


def _are_location(question: Question, expected: Any) -> Any:
    """Tell which of what is sought somebody else may be asked for (12 CFR 1006.10(a))."""
    said = question.given.get("sought", question.given.get("items", question.when.get("sought")))
    if said is None:
        run = Run(question.given, question.when, question.driver_factory(), question.book)
        run.asks = run.asks or acts.of_question(run.story)
        return run.asks[0].request.purpose in LOCATION_PURPOSES
    listed = said if isinstance(said, list) else [said]
    found = chosen(listed, lambda each: _may_ask_for(question, each), expected)
    return found == listed if isinstance(expected, bool) else found


def _may_ask_for(question: Question, item: Any) -> bool:
    words = set(_words(item))
    if not people.is_of_location(item):
        return False
    is_estates = bool(words & {"estate", "representative", "executor", "administrator"})
    purpose = "estate representative" if is_estates else "location"
    given = {key: value for key, value in question.given.items() if key != "sought"}
    act = {"act": "call", "person": "T1", "purpose": purpose}
    run = Run(given, act, question.driver_factory(), question.book)
    (decision,) = run.decisions()
    return decision.verdict == "permit"


ANSWERS: dict[str, Callable[[Question, Any], Any]] = {
    "associated": _associated,
    "not_associated": _not_associated,
    "is_location_information": _are_location,
    "location_information": _are_location,
    "about_account": _about,
    "not_about_account": _not_about,
    "ok": _simple,
    "not_ok": _not_simple,
    "valid": _valid,
    "min_days_after_sent": _days_min,
    "earliest_deadline": _earliest_deadline,
    "consented": _consented,
    "consented_directly": _consented,
    "direct_consent": _consented,
    "public": _public,
    "not_public": _not_public,
    "immediately_prior": _immediately_prior,
    "qualifies": _qualifies,
    "knows_employer_provided": _knows,
    "known_employer_provided": _knows,
    "collector_knows": _knows,
    "manual_review_required": _review,
    "duty_to_review": _review,
    "duty_of_manual_review": _review,
    "must_review": _review,
    "clear_and_conspicuous": _clear,
    "knows": _knows,
    "counted_separately": _counted_apart,
}
