"""Compares the decisions of an example with what it expects of them."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.compliance.rules.book import Book
from services.compliance.rules.check import acts, alternatives, moments, vocabulary
from services.compliance.rules.check.driver import Decision
from services.compliance.rules.check.engine import Engine
from services.compliance.rules.check.running import DriverFactory, Run
from services.compliance.rules.findings import Verdict

_FREQUENCY = frozenset({"call-frequency", "call-cooldown", "call-outcome-unknown"})
_RANK: dict[Verdict, int] = {"permit": 0, "defer": 1, "review": 2, "deny": 3}


Other = Callable[[str, list[Decision], Run], Any]
"""Returns what came of another key of `then`, or None for one that only explains."""


def mismatches(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book, other: Other | None = None
) -> tuple[list[str], list[str]]:
    """Run an example of decisions; return what differs, and keys that were not compared."""
    run = Run(vector["given"], vector["when"], driver_factory(), book)
    is_summed = False
    if not run.asks:
        run.asks = acts.of_question(run.story)
        is_summed = True
    apart = alternatives.each_alone(run.given, run.when)
    decisions = [
        each
        for given, when in apart
        for each in Run(given, when, driver_factory(), book).decisions()
    ] or run.decisions()
    if is_summed:
        decisions = [_sum(decisions)]
    return compare(vector["then"], decisions, run, other)


def compare(
    then: dict[str, Any], decisions: list[Decision], run: Run, other: Other | None = None
) -> tuple[list[str], list[str]]:
    """Compare what was decided with what is expected; return what differs, and keys left out."""
    expected = then.get("decisions", [then["decision"]] if "decision" in then else [])
    differing = []
    got = [outcome_of(each) for each in decisions]
    is_asked = "decision" in then or "decisions" in then
    if is_asked and (len(expected) != len(got) or not all(map(is_met, expected, decisions))):
        reasons = [",".join(each.rules or each.flags) or "-" for each in decisions]
        differing.append(f"expected {expected}, got {got} ({'; '.join(reasons)})")
    unchecked = []
    for key, value in then.items():
        if key in ("decision", "decisions"):
            continue
        found = _other(key, value, decisions, run)
        if found is None and other is not None:
            found = other(key, decisions, run)
        if found is None:
            unchecked.append(key)
        elif not _is_same(key, value, found, run.story.where):
            differing.append(f"{key}: expected {value}, got {found}")
    return differing, unchecked


def outcome_of(decision: Decision) -> str:
    """Return a decision in the examples' words."""
    if decision.verdict == "permit":
        return "allow_with_flag" if decision.flags else "allow"
    return "deny" if decision.verdict != "review" else "flag"


def is_met(expected: str, decision: Decision) -> bool:
    """Tell whether a decision is the one expected; what is required or deferred is a no."""
    got = outcome_of(decision)
    if expected == "flag":
        return got in ("flag", "allow_with_flag")
    return got == {"require": "deny", "defer": "deny"}.get(expected, expected)


def _sum(decisions: list[Decision]) -> Decision:
    """Return the most restrictive of several, with all their flags and rules."""
    worst = max(decisions, key=lambda each: _RANK[each.verdict])
    return Decision(
        verdict=worst.verdict,
        permit_id=worst.permit_id,
        flags=tuple(dict.fromkeys(flag for each in decisions for flag in each.flags)),
        rules=tuple(dict.fromkeys(rule for each in decisions for rule in each.rules)),
        earliest=worst.earliest,
    )


def _other(key: str, expected: Any, decisions: list[Decision], run: Run) -> Any:
    """Return what came of another key of `then`, or None for one that only explains."""
    if isinstance(expected, list):
        return _of_each(key, decisions, run)
    match key:
        case "presumption" | "presumptions" | "call_presumption":
            return _presumption(_sum(decisions))
        case "presumption_first":
            return _presumption(decisions[0])
        case _ if key.startswith("next_allowed"):
            return _as_asked(key, _next(decisions, run), run)
        case "count_including_this" | "count_in_window_including_this":
            return _counts(run, decisions)[0]
        case "calls" | "conversations":
            engine = _engine(run, None)
            count = engine.calls if key == "calls" else engine.conversations
            return {label: count(label) for label in engine.labels()}
        case "local" | "effective_time":
            return run.story.local(run.asks[0].at)
        case _ if key.startswith("violates_"):
            return violates(key.removeprefix("violates_"), decisions, run)
        case _:
            return None


def _of_each(key: str, decisions: list[Decision], run: Run) -> list[Any] | None:
    """Return what came of a key for each act, or None for one that only explains."""
    words = {each.rstrip("s") for each in vocabulary.words(key)}
    if "presumption" in words:
        return [_presumption(each) for each in decisions]
    if {"count", "including"} <= words:
        return _counts(run, decisions)
    if words & {"local", "effective"}:
        return [run.story.local(each.at) for each in run.asks]
    if {"next", "allowed"} <= words:
        return [
            _as_asked(key, decision.earliest or ask.at, run)
            for decision, ask in zip(decisions, run.asks, strict=True)
        ]
    return None


def _as_asked(key: str, at: datetime, run: Run) -> datetime | str:
    """Return an instant, or its date where a key asks for that."""
    return run.story.local(at).date().isoformat() if "_date" in key else at


def violates(paragraph: str, decisions: list[Decision], run: Run) -> bool:
    """Tell whether a rule that cites the paragraph objects: "14b" is 12 CFR 1006.14(b)."""
    cited = [run.book.federal(rule).citation for each in decisions for rule in each.rules]
    return any(f"1006{paragraph}" in re.sub(r"[^a-z0-9]", "", each.lower()) for each in cited)


def _engine(run: Run, at: datetime | None) -> Engine:
    engine = Engine(run.given, run.when, run.book)
    engine.tell(at)
    return engine


def _counts(run: Run, decisions: list[Decision]) -> list[int]:
    """Count, for each act, the calls of its window with it; what was permitted before was made."""
    found = []
    for number, ask in enumerate(run.asks):
        engine = _engine(run, ask.at)
        for before, decision in zip(run.asks[:number], decisions, strict=False):
            if decision.verdict == "permit" and before.at <= ask.at:
                engine.make(before)
        found.append(engine.count_with(engine.run.asks[number].request, ask.at))
    return found


def _next(decisions: list[Decision], run: Run) -> datetime:
    earliest = [each.earliest for each in decisions if each.earliest is not None]
    return earliest[-1] if earliest else run.asks[0].at


def _presumption(decision: Decision) -> str:
    return "violation" if _FREQUENCY & set(decision.rules) else "compliance"


def _is_same(key: str, expected: Any, found: Any, where: ZoneInfo) -> bool:
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(
            _is_same(key, one, other, where) for one, other in zip(expected, found, strict=True)
        )
    if isinstance(found, datetime):
        meant = moments.instant(expected, where)
        is_offset_same = True
        if isinstance(expected, str) and key == "local":
            said = datetime.fromisoformat(expected)
            is_offset_same = said.utcoffset() == found.utcoffset()
        return is_offset_same and abs((found - meant).total_seconds()) < 60 * (key == "local") + 1
    if key == "presumption_first":
        return str(expected).startswith(str(found))
    return bool(expected == found) or str(expected) == str(found)
