"""Checks examples of how the answers of several rules combine, by a pack loaded at run time.

For each law that an example names, a pack of the trial jurisdiction gives a rule terms by which it
answers as the example says; a call there is then asked for like any other.
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.book import Book
from services.compliance.rules.check import asked, deciding, trace, vocabulary
from services.compliance.rules.check.answers import is_same
from services.compliance.rules.check.driver import Decision, Driver
from services.compliance.rules.check.running import DriverFactory, Run
from services.compliance.rules.check.said import Said
from services.compliance.rules.pack import FEDERAL
from services.compliance.rules.places import TRIAL

_AT = datetime(2026, 6, 10, 16, tzinfo=UTC)
_SINCE = date(2021, 11, 30)
_NOON = 720
_OPENS_FROM, _OPENS_APART = 780, 30
"""From which minute of the day on, and how far apart, laws that put off open."""
_FIRST_CALL = timedelta(days=30)

_ANSWERING: dict[str, tuple[str, dict[str, Any]]] = {
    "allow": ("permitted-hours", {"opens_minute": 0, "closes_minute": 1440}),
    "deny": ("licence-needed", {"authorities": ["TRIAL-NONE"]}),
    "require": ("disclosures-due", {"days": 1, "notices": ["trial_notice"]}),
    "defer": ("permitted-hours", {"opens_minute": 1200, "closes_minute": 1260}),
    "flag": ("calls-concentrated", {"calls_on_date": 1}),
}
"""A rule, and terms by which it answers so of a call at noon by an agency without that licence."""


def mismatches(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    """Return what differs from what an example expects, and its keys that nobody compared."""
    if "rules_evaluated" not in vector["given"]:
        return _beside_federal_law(vector, driver_factory(), book)
    evaluated: dict[str, Any] = vector["given"]["rules_evaluated"]
    said = {law: _verdict(answer) for law, answer in evaluated.items()}
    deferrals = _deferrals(evaluated)
    driver = driver_factory()
    decision = _decided(said, driver, book, deferrals)
    trace.note(said, decision.verdict)
    differing, unchecked = [], []
    for key, expected in vector["then"].items():
        match key:
            case "decision":
                found: Any = deciding.outcome_of(decision)
                if deciding.is_met(str(expected), decision):
                    continue
            case "cite":
                found = [law for law in decision.cited if law in said and _decides(law, said)]
            case "next_allowed" | "retry_at":
                found = _put_off_until(decision, deferrals)
            case "log_all_evaluations":
                found = set(said) <= _laws_on_record(driver, decision)
            case _:
                unchecked.append(key)
                continue
        if not is_same(expected, found):
            differing.append(f"{key}: expected {expected}, got {found}")
    return differing, unchecked


def asks_who_gives_way(vector: dict[str, Any]) -> bool:
    """Tell whether it is asked if a state's law yields to the federal one."""
    return any(set(vocabulary.words(key)) & set(_GIVING_WAY) for key in vector["then"])


def _beside_federal_law(
    vector: dict[str, Any], driver: Driver, book: Book
) -> tuple[list[str], list[str]]:
    """Let a state's law forbid what federal law does not: the law that protects more is kept."""
    said = Said(vector["given"])
    is_greater = said.mentions(*_MORE) and not said.mentions("less", "lesser", "weaker", "fewer")
    if not said.mentions("protect") or said.tells("protect") is False or not is_greater:
        raise LookupError("nothing says that the state's law protects more")
    is_required = _is_of_duty(vector["when"]) and said.tells("required") is not False
    answer = "require" if is_required else "deny"
    is_kept = _decided({"STATE-LAW": answer}, driver, book).cited == ("STATE-LAW",)
    found = {
        "decision": ("require" if is_required else "allow") if is_kept else "deny",
        **dict.fromkeys(_GIVING_WAY, not is_kept),
        **dict.fromkeys(_KEPT, is_kept),
        "comply_with": "both" if is_kept else "federal",
    }
    trace.note(found)
    known = {key: _answer_to(found, key) for key in vector["then"]}
    differing = [
        f"{key}: expected {expected}, got {known[key]}"
        for key, expected in vector["then"].items()
        if known[key] is not None and known[key] != expected
    ]
    return differing, [key for key in known if known[key] is None]


def _answer_to(found: dict[str, Any], key: str) -> Any:
    exact = asked.answer_to(found, key)
    return asked.nearest(found, key) if exact is None else exact


_MORE = ("great", "more", "strong", "addition", "exceed", "beyond", "broad", "higher", "further",
         "extra", "strict", "better")  # fmt: skip
"""Beginnings of words by which a state's law protects more."""
_GIVING_WAY = ("inconsistent", "preempted", "displaced", "annulled", "overridden", "exempt",
               "altered")  # fmt: skip
_KEPT = ("consistent", "must_comply", "still_required", "required", "must_be_given", "must_give",
         "applies", "still_applies", "in_force", "must_still_be_given", "survives")  # fmt: skip
_DUTY = frozenset(
    {"must", "required", "require", "duty", "obliged", "needed", "comply", "mandatory"}
)


def _is_of_duty(when: dict[str, Any]) -> bool:
    """Tell whether it is asked if something must be done, not if it may be."""
    return bool(_DUTY & set(vocabulary.words(when.get("question", ""))))


def _verdict(answer: Any) -> str:
    return str(answer.get("decision") if isinstance(answer, dict) else answer)


def _deferrals(evaluated: dict[str, Any]) -> dict[str, str]:
    """Return until when laws put off, where that is told, the earliest first."""
    said = {
        law: str(answer["next_allowed"])
        for law, answer in evaluated.items()
        if isinstance(answer, dict) and "next_allowed" in answer
    }
    return dict(sorted(said.items(), key=lambda each: datetime.fromisoformat(each[1])))


def _decides(law: str, said: dict[str, str]) -> bool:
    """Tell whether a law is one of those for which it is decided so.

    Where something is denied, what another law asks for besides does not deny it.
    """
    return said[law] != "require" or "deny" not in said.values()


def _put_off_until(decision: Decision, deferrals: dict[str, str]) -> str | None:
    """Return the instant that the hour stands for at which the call is next permitted."""
    if decision.earliest is None:
        return None
    minutes = round((decision.earliest - _AT).total_seconds() / 60)
    number = (_NOON + minutes - _OPENS_FROM) // _OPENS_APART
    return list(deferrals.values())[number] if 0 <= number < len(deferrals) else None


def _decided(
    said: dict[str, str], driver: Driver, book: Book, deferrals: Iterable[str] = ()
) -> Decision:
    """Decide on a call where a pack makes each of those laws answer so.

    Laws that put off until an instant of their own open at an hour each, in the same order.
    """
    numbers = {law: number for number, law in enumerate(deferrals)}
    driver.adopt(_AT - timedelta(days=60), _document(said, numbers))
    given = {"tz": "America/New_York", "state": TRIAL}
    run = Run(given, {"act": "call", "at": _AT.isoformat()}, driver, book)
    first = facts.InitialCommunication(
        account_id=run.story.default_account()[0], at=_AT - _FIRST_CALL, holds_validation=True
    )
    run.story.tell(run.story.start, "initial-communication", first)
    (decision,) = run.decisions()
    return decision


def _document(said: dict[str, str], deferred: dict[str, int]) -> str:
    """Return a pack by whose terms each law answers as it is said to."""
    rows = []
    for law, verdict in said.items():
        rule, parameters = _ANSWERING[verdict]
        if law in deferred:
            opens = _OPENS_FROM + _OPENS_APART * deferred[law]
            parameters = {**parameters, "opens_minute": opens}
        rows.append(
            {
                "rule": rule,
                "law": law,
                "citation": law,
                "effective_from": _SINCE.isoformat(),
                "parameters": parameters,
            }
        )
    return json.dumps({"pack": "trial", "version": "1", "jurisdiction": TRIAL, "rules": rows})


def _laws_on_record(driver: Driver, decision: Decision) -> set[str]:
    """Return the laws of all rules that were asked, by the book that the decision names."""
    asked: Iterable[Any] = driver.book(decision.rule_pack).contact.applicable(
        frozenset({FEDERAL, TRIAL}), _AT.date(), _AT.date()
    )
    return {each.terms.law for each in asked}
