"""Answers examples that classify or calculate, key by key, with the functions decisions use."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.compliance.rules import counting, local_time
from services.compliance.rules.book import Book
from services.compliance.rules.check import acts, asked, deciding, moments, trace, vocabulary
from services.compliance.rules.check.engine import Engine
from services.compliance.rules.check.running import DriverFactory, Run
from services.compliance.rules.outcomes import OUTCOMES
from services.compliance.rules.request import TELEPHONE
from services.compliance.rules.slots import Slot
from shared.kernel.records import record


@record
class Question:
    """One example to classify or calculate."""

    given: dict[str, Any]
    when: dict[str, Any]
    then: dict[str, Any]
    book: Book
    driver_factory: DriverFactory

    def engine(self) -> Engine:
        """Return the example's story, told to its end."""
        engine = Engine(self.given, self.when, self.book)
        engine.tell()
        return engine


Answers = Mapping[str, Callable[[Question, Any], Any]]


def mismatches(question: Question, known: Answers) -> tuple[list[str], list[str]]:
    """Return what differs from what the example expects, and keys that no known answer is for."""
    differing, unanswered = [], []
    for key, expected in question.then.items():
        answer = asked.answer_to(known, key)
        if answer is not None:
            found = answer(question, expected)
        elif (number := _of_person(question, key)) is not None:
            found = number
        elif key.startswith("violates_") and acts.tells_what_is_said(question.given, question.when):
            found = _violates(question, key.removeprefix("violates_"))
        else:
            unanswered.append(key)
            continue
        trace.answer(key, found)
        if not is_same(expected, found):
            differing.append(f"{key}: expected {expected}, got {found}")
    return differing, unanswered


def _violates(question: Question, paragraph: str) -> bool:
    """Ask for the act itself, or for one that says what the example tells."""
    run = Run(question.given, question.when, question.driver_factory(), question.book)
    run.asks = run.asks or acts.of_question(run.story)
    return deciding.violates(paragraph, run.decisions(), run)


def is_same(expected: Any, found: Any) -> bool:
    """Compare an answer with what was expected; lists of labels in any order, of yes and no not."""
    if isinstance(expected, list) and isinstance(found, list):
        if any(isinstance(each, bool) for each in (*expected, *found)):
            return expected == found
        return sorted(map(str, expected)) == sorted(map(str, found))
    return bool(expected == found) or str(expected) == str(found)


# -- calls and conversations ----------------------------------------------------------------------


def _counts(question: Question, expected: Any) -> Any:
    given = question.given
    if isinstance(expected, int) and not isinstance(expected, bool):
        return _number_of_calls(question)
    if "contacts" in given:
        return [kind for kind in _kinds(given["contacts"]) if _is_call(kind)]
    outcomes = next((given[key] for key in _OUTCOMES if isinstance(given.get(key), list)), None)
    if outcomes is not None:
        return chosen(outcomes, _connects, expected)
    return _connects(given.get("outcome", given.get("call", {})))


def _number_of_calls(question: Question) -> int:
    """Count the calls among contacts told by their kinds, or those of the story."""
    for key, said in question.given.items():
        if "contacts" not in vocabulary.words(key):
            continue
        if isinstance(said, dict):
            return sum(count for kind, count in said.items() if _is_call(str(kind)))
        return sum(_is_call(kind) for kind in _kinds(said))
    engine = question.engine()
    if "at" in question.when:
        at = moments.instant(question.when["at"], engine.story.where)
        return engine.count_with(engine.call(), at) - 1
    return sum(engine.calls(each) for each in engine.labels())


_OUTCOMES = ("outcomes", "calls", "results", "call_outcomes", "attempts")


def chosen(among: list[Any], holds: Callable[[Any], bool], expected: Any) -> Any:
    """Return those of a list for which something holds, in the form in which that is expected."""
    good = [each for each in among if holds(each)]
    if expected in ("all", "none"):
        return {len(among): "all", 0: "none"}.get(len(good), good)
    is_in_bits = isinstance(expected, list) and any(isinstance(each, bool) for each in expected)
    return [holds(each) for each in among] if is_in_bits else good


def _does_not_count(question: Question, expected: Any) -> Any:
    given = question.given
    if "contacts" in given:
        return [kind for kind in _kinds(given["contacts"]) if not _is_call(kind)]
    outcomes = given[listing(given, _OUTCOMES)]
    return chosen(outcomes, lambda each: not _connects(each), expected)


def _kinds(contacts: Any) -> list[str]:
    return [str(each.get("kind", each)) if isinstance(each, dict) else str(each)
            for each in contacts]  # fmt: skip


def _is_call(kind: str) -> bool:
    channel = vocabulary.channel_of(kind)
    outcome = "voicemail_left" if channel == "voicemail" else "no_answer"
    return channel in TELEPHONE and OUTCOMES[outcome].counts


_NO_CALLS = frozenset({"text", "texts", "sms", "email", "emails", "letter", "mail"})


def _connects(said: object) -> bool:
    if isinstance(said, str) and _NO_CALLS & set(vocabulary.words(said)) and not _is_call(said):
        return False
    return OUTCOMES[vocabulary.outcome_of(said)].counts


def _counted(question: Question, expected: Any) -> Any:
    if "calls_to" in question.given:
        return question.engine().limited_calls()
    for key in _OUTCOMES:
        if isinstance(told := question.given.get(key), dict) and _is_tally(told):
            return sum(count for outcome, count in told.items() if _connects(outcome))
    engine = question.engine()
    if isinstance(expected, int):
        return sum(engine.calls(each) for each in engine.labels())
    slot = _told_call(question, engine)
    return _toward(engine, slot, counting.accounts_called(slot), expected)


def _is_tally(told: dict[str, Any]) -> bool:
    """Tell whether results of calls are told with how many there were of each."""
    return all(isinstance(each, int) for each in told.values()) and not any(
        moments.dates_of(each) or len(str(each)) == 2 for each in told
    )


def _conversation_debts(question: Question, expected: Any) -> Any:
    engine = question.engine()
    slot = _told_call(question, engine)
    talked_of = counting.accounts_discussed(slot, with_raised=engine.is_raised_counted)
    return _toward(engine, slot, talked_of, expected)


def _toward(engine: Engine, slot: Slot, accounts: tuple[str, ...], expected: Any) -> Any:
    """Return the debts something counts toward, or the example's own word for how many or which."""
    words = set(vocabulary.words(expected)) if isinstance(expected, str) else set()
    is_open = not slot.raised and not slot.discussed
    if {"least", "one"} <= words and accounts:
        return expected
    if words & {"either", "any"} and is_open and len(accounts) == 1:
        return expected
    return _labels(engine, accounts)


def _counted_at_least(question: Question, expected: Any) -> int:
    """Return how many debts a call or conversation counts toward, whatever it was about."""
    engine = question.engine()
    slot = _told_call(question, engine)
    is_talk = "conversation" in question.given
    if not slot.raised and not slot.discussed:
        return 1  # toward whichever of them the collector chooses
    found = counting.accounts_discussed(slot) if is_talk else counting.accounts_called(slot)
    return len(found)


def _may_count_to(question: Question, expected: Any) -> list[str]:
    """Return the debts of which a call that raised none may be counted toward any."""
    engine = question.engine()
    slot = _told_call(question, engine)
    if slot.raised or slot.discussed:
        return _labels(engine, counting.accounts_called(slot))
    return engine.labels()


def _choice(question: Question, expected: Any) -> str:
    """Return who chooses the debt: the collector, who names it, unless it was brought up."""
    slot = _told_call(question, question.engine())
    return "none" if slot.raised or slot.discussed else "collector"


_RAISED = frozenset({"raised", "initiated"})
_MEANT = frozenset({"intended", "intends", "meant", "planned"})
_NAMING_DEBTS = frozenset(
    {"discussed", "refers", "referred", "mentions", "names", "debts", "about", "counted"}
)


def _told_call(question: Question, engine: Engine) -> Slot:
    """Return the call that an example tells of: the debts raised by us, and all that came up."""
    raised: list[str] = []
    discussed: list[str] = []
    for part in ("call", "conversation"):
        said = question.given.get(part)
        for key, value in (said if isinstance(said, dict) else {}).items():
            words = set(vocabulary.words(key))
            if words & _MEANT:
                continue  # what a call was for is not what it raised
            by = value if isinstance(value, dict) else {}
            ours = [str(each) for each, who in by.items() if "collector" in str(who)]
            is_of_debts = bool(by) or bool(words & _NAMING_DEBTS)
            named = [
                str(each)
                for each in (by or listed(value))
                if str(each) in engine.labels() or (is_of_debts and each != "collector")
            ]
            discussed += named
            if part == "call" or words & _RAISED:
                raised += ours if by else [] if words & {"consumer", "discussed"} else named
    return _slot(
        engine,
        raised=tuple(dict.fromkeys(raised)),
        discussed=tuple(dict.fromkeys(discussed)),
    )


def _slot(engine: Engine, *, raised: tuple[str, ...] = (), discussed: tuple[str, ...] = ()) -> Slot:
    request = engine.call()
    return Slot(
        permit_id="example",
        request=request,
        status="redeemed",
        granted_at=engine.story.start,
        expires_at=engine.story.start,
        raised=engine.story.accounts(raised),
        discussed=engine.story.accounts(discussed),
    )


def _labels(engine: Engine, accounts: tuple[str, ...]) -> list[str]:
    by_id = {engine.story.account(label): label for label in engine.labels()}
    return [by_id[each] for each in accounts]


def _calls(question: Question, expected: dict[str, int] | int) -> Any:
    engine = question.engine()
    if isinstance(expected, int):
        return sum(engine.calls(each) for each in engine.labels())
    return {each: _tally(engine, engine.calls, each) for each in expected}


def _conversations(question: Question, expected: dict[str, int] | int) -> Any:
    engine = question.engine()
    if isinstance(expected, int):
        return sum(engine.conversations(each) for each in engine.labels())
    return {each: _tally(engine, engine.conversations, each) for each in expected}


def _tally(engine: Engine, count: Callable[..., int], label: str) -> int:
    """Count toward a debt, or to a person over all debts, whichever a label is of."""
    if label in engine.story.persons:
        return sum(count(debt, label) for debt in engine.labels())
    return count(label)


def _of_person(question: Question, key: str) -> int | None:
    """Count the calls to, or conversations with, the one person whom a key names; else None."""
    words = vocabulary.words(key)
    counted = next((each for each in words if each in ("calls", "conversations")), None)
    labels = [
        "P1" if each == "consumer" else each.upper()
        for each in words
        if each == "consumer" or re.fullmatch(r"[pst]\d", each)
    ]
    if counted is None or len(labels) != 1:
        return None
    engine = question.engine()
    count = engine.calls if counted == "calls" else engine.conversations
    engine.story.party(labels[0])
    return _tally(engine, count, labels[0])


def _count_with_this(question: Question, expected: Any) -> int:
    engine = Engine(question.given, question.when, question.book)
    ask = engine.run.asks[0]
    engine.tell(ask.at)
    return engine.count_with(ask.request, ask.at)


def _is_single_debt(question: Question, expected: Any) -> bool:
    engine = question.engine()
    gate = engine.gate(engine.call())
    return len({gate.debt_of(engine.story.account(each)) for each in engine.labels()}) == 1


def _max_calls_total(question: Question, expected: Any) -> int:
    engine = question.engine()
    gate = engine.gate(engine.call())
    debts = {gate.debt_of(engine.story.account(each)) for each in engine.labels()}
    return len(debts) * question.book.federal("call-frequency").numbers["calls_max"]


def _blocks_all(question: Question, expected: Any) -> bool:
    engine = question.engine()
    first, *others = engine.labels()
    at = engine.end() + timedelta(hours=6)
    request = engine.call(debt=first)
    engine.story.make(at, request, "right_party_contact")
    engine.driver.made(at, engine.story.in_order()[-1].attempt)  # type: ignore[union-attr]
    later = at + timedelta(hours=1)
    return all(
        "call-cooldown" in engine.driver.ask(later, engine.call(debt=each)).rules for each in others
    )


def _presumption(question: Question, expected: Any) -> str:
    run = Run(question.given, question.when, question.driver_factory(), question.book)
    run.asks = run.asks or acts.judged_past(run.story)
    frequency = {"call-frequency", "call-cooldown", "call-outcome-unknown"}
    is_over = any(frequency & set(each.rules) for each in run.decisions())
    return "violation" if is_over else "compliance"


def _next_allowed(question: Question, expected: Any) -> Any:
    """Ask for a call after all that is told, and return from when it is permitted."""
    run = Run(question.given, question.when, question.driver_factory(), question.book)
    run.asks = run.asks or [acts.any_call(run.story)]
    at = run.asks[-1].at
    earliest = run.decisions()[-1].earliest or at
    if isinstance(expected, str) and len(expected) > len("2026-01-01"):
        return earliest
    return earliest.astimezone(run.story.where).date().isoformat()


def _location_used(question: Question, expected: Any) -> bool:
    engine = question.engine()
    persons = [each for each, role in engine.story.persons.items() if role == "third_party"]
    return any(engine.conversations(debt, person) for person in persons for debt in engine.labels())


# -- consent --------------------------------------------------------------------------------------


def _last_excluded(question: Question, expected: Any) -> str:
    return question.engine().consent_last_date()


def _counting_resumes(question: Question, expected: Any) -> str:
    last = date.fromisoformat(question.engine().consent_last_date())
    return (last + timedelta(days=1)).isoformat()


def _excluded(question: Question, expected: Any) -> Any:
    engine = question.engine()
    if isinstance(expected, int) and not isinstance(expected, bool):
        return engine.made() - sum(engine.calls(each) for each in engine.labels())
    holds = [engine.consent_holds(each.at) for each in engine.run.asks]
    return holds if len(holds) > 1 and isinstance(expected, list) else holds[0]


# -- times ----------------------------------------------------------------------------------------

_ZONES = {
    "et": "America/New_York", "eastern": "America/New_York", "est": "America/New_York",
    "edt": "America/New_York", "ct": "America/Chicago", "central": "America/Chicago",
    "cst": "America/Chicago", "cdt": "America/Chicago", "mt": "America/Denver",
    "mountain": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver",
    "pt": "America/Los_Angeles", "pacific": "America/Los_Angeles", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "at": "America/Puerto_Rico", "hawaii": "Pacific/Honolulu",
    "hst": "Pacific/Honolulu", "alaska": "America/Anchorage", "utc": "UTC",
}  # fmt: skip
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})\s*([A-Za-z/_]+)")


def _bounds(question: Question) -> tuple[datetime, datetime]:
    said = question.when.get("date")
    day = date.fromisoformat(str(said)) if said else moments.UNDATED
    return question.engine().window_from(datetime(day.year, day.month, day.day, 10, tzinfo=UTC))


def _like(text: str, at: datetime) -> str:
    """Write an instant the way the example writes its own: "HH:MM ET"."""
    match = _CLOCK.search(text)
    if match is None:
        return at.isoformat()
    zone = local_time.zone(_ZONES.get(match.group(3).lower(), match.group(3)))
    wall = local_time.wall_time(zone or local_time.UNIVERSAL, at)
    return text.replace(match.group(0), f"{wall:%H:%M} {match.group(3)}")


def _window_start(question: Question, expected: str) -> str:
    return _like(expected, _bounds(question)[0])


def _window_end(question: Question, expected: str) -> str:
    return _like(expected, _bounds(question)[1])


def _window(question: Question, expected: str) -> str:
    start, _, end = expected.partition(" and ")
    opens, closes = _bounds(question)
    return f"{_like(start, opens)} and {_like(end, closes)}"


def _utc(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _after_utc(question: Question, expected: Any) -> str:
    return _utc(_bounds(question)[0])


def _before_utc(question: Question, expected: Any) -> str:
    return _utc(_bounds(question)[1])


def listing(given: dict[str, Any], names: tuple[str, ...]) -> str:
    """Return the first of those keys that holds a list.

    Raises:
        LookupError: none of them does.
    """
    for name in names:
        if isinstance(given.get(name), list):
            return name
    raise LookupError(f"nothing is listed as {', '.join(names)}")


def listed(said: Any) -> list[Any]:
    """Return a list as it is, and one thing as a list of it."""
    return said if isinstance(said, list) else [said]


ANSWERS: dict[str, Callable[[Question, Any], Any]] = {
    "counts": _counts,
    "does_not_count": _does_not_count,
    "not_counted": _does_not_count,
    "connected": _counts,
    "connects": _counts,
    "not_connected": _does_not_count,
    "counted_at_least": _counted_at_least,
    "choice": _choice,
    "may_be_counted_to": _may_count_to,
    "may_count_to": _may_count_to,
    "may_count_toward": _may_count_to,
    "chosen_by": _choice,
    "counted": _counted,
    "conversation_debts": _conversation_debts,
    "calls": _calls,
    "conversations": _conversations,
    "count_including_this": _count_with_this,
    "count_in_window_including_this": _count_with_this,
    "treated_as_single_debt": _is_single_debt,
    "max_calls_7_days_total": _max_calls_total,
    "conversation_about_any_blocks_all": _blocks_all,
    "presumption": _presumption,
    "next_allowed_date": _next_allowed,
    "next_allowed": _next_allowed,
    "earliest_next_call": _next_allowed,
    "location_contact_limit_reached": _location_used,
    "last_excluded_date": _last_excluded,
    "excluded": _excluded,
    "counting_resumes": _counting_resumes,
    "counts_again_from": _counting_resumes,
    "opens_after": _window_start,
    "closes_before": _window_end,
    "window_start_after": _window_start,
    "window_end_before": _window_end,
    "window": _window,
    "after_utc": _after_utc,
    "before_utc": _before_utc,
}
