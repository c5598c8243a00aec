"""Checks examples of how the answers of several rules combine, through the judge itself."""

from datetime import UTC, date, datetime
from typing import Any, Literal

from services.compliance.rules import rulebook
from services.compliance.rules.book import Book, Bound, Rule
from services.compliance.rules.check.deciding import outcome_of
from services.compliance.rules.check.driver import Decision
from services.compliance.rules.check.engine import Engine
from services.compliance.rules.check.running import DriverFactory
from services.compliance.rules.findings import Flag, Judgement, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import FEDERAL, Terms

_AT = datetime(2026, 6, 10, 16, tzinfo=UTC)
_VERDICTS: dict[str, Literal["defer", "review", "deny"]] = {
    "deny": "deny",
    "require": "deny",
    "defer": "defer",
    "review": "review",
}


def mismatches(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    """Return what differs from what an example expects, and its keys that nobody compared."""
    said: dict[str, str] = vector["given"]["rules_evaluated"]
    asked: list[str] = []
    bound = [_bound(law, str(verdict), asked) for law, verdict in said.items()]
    engine = Engine(vector["given"], vector["when"], book)
    engine.tell()
    judged = rulebook.judge(engine.gate(engine.call()), Book((), bound), _AT)
    differing, unchecked = [], []
    for key, expected in vector["then"].items():
        match key:
            case "decision":
                found: Any = _combined(judged)
            case "cite":
                found = [each.law for each in judged.objections if each.verdict == judged.verdict]
            case "log_all_evaluations":
                found = sorted(asked) == sorted(said)
            case _:
                unchecked.append(key)
                continue
        if found != expected:
            differing.append(f"{key}: expected {expected}, got {found}")
    return differing, unchecked


def _combined(judged: Judgement) -> str:
    found = outcome_of(
        Decision(
            verdict=judged.verdict, permit_id="", flags=tuple(each.flag for each in judged.flags)
        )
    )
    return "flag" if found == "allow_with_flag" else found


def _bound(law: str, verdict: str, asked: list[str]) -> Bound[Rule]:
    """Return a rule that answers as the example says, and that notes that it was asked."""

    def rule(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
        asked.append(terms.law)
        if verdict in _VERDICTS:
            return terms.objection(_VERDICTS[verdict], "The example says so.")
        return terms.flag("The example says so.") if verdict == "flag" else None

    terms = Terms(rule=law.lower(), law=law, citation=law, effective_from=date(2021, 11, 30))
    return Bound(jurisdiction=FEDERAL, terms=terms, rule=rule)
