"""Checks examples of what rebuts the presumptions on calls, and of patterns that harass."""

from typing import Any

from services.compliance.rules import facts, rebuttal
from services.compliance.rules.book import Book, Rule
from services.compliance.rules.check import acts, trace, vocabulary
from services.compliance.rules.check.deciding import outcome_of
from services.compliance.rules.check.driver import Decision
from services.compliance.rules.check.engine import Engine
from services.compliance.rules.check.running import DriverFactory, Run
from services.compliance.rules.contact.call_after_statement import call_after_statement
from services.compliance.rules.contact.prior_conduct import prior_conduct
from services.compliance.rules.findings import Flag
from shared.kernel.records import replace

_FREQUENCY = frozenset({"call-frequency", "call-cooldown", "call-outcome-unknown"})

_FACTORS: dict[str, str] = {
    "calls-concentrated": "high concentration of calls",
    "calls-in-rapid-succession": "calls in rapid succession",
    "voicemails-in-rapid-succession": "voicemails in rapid succession",
    "call-after-statement": "content of the person's prior communications",
    "contact-after-oral-stop": "content of the person's prior communications",
    "prior-conduct": "conduct of the collector in prior communications",
}
_SUBJECTS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"litigation", "lawsuit", "court", "suit"}), "litigation"),
    (frozenset({"law", "legal", "legally", "statute", "regulation"}), "law"),
    (frozenset({"voicemail", "voicemails"}), "voicemails"),
    (frozenset({"concentration", "concentrated"}), "concentration"),
    (frozenset({"rapid", "succession", "frequency"}), "succession"),
    (frozenset({"conduct"}), "conduct"),
    (frozenset({"request", "requested", "information"}), "request"),
    (frozenset({"time", "negative", "critical", "effect", "essence"}), "time"),
    (frozenset({"communications", "communication", "content", "said", "statement"}), "statement"),
)
_PURPOSES = {
    "litigation": "active_litigation",
    "law": "required_by_law",
    "request": "requested_information",
}
_BEFORE = frozenset(
    {"conduct", "prior", "previous", "previously", "earlier", "statements", "communications"}
)
_STATEMENTS: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"owe", "owes", "owed", "owing", "mine", "theirs", "his", "hers", "liable"}),
        "does_not_owe",
    ),
    (
        frozenset({"pay", "paying", "refuse", "refuses", "refused", "refusing", "refusal"}),
        "refuses_to_pay",
    ),
    (
        frozenset({"contact", "contacted", "contacting", "call", "called", "calling", "calls",
                   "stop", "hear", "alone", "cease", "bothered"}),
        "does_not_wish_contact",
    ),
    (frozenset({"answered", "thanks", "settled", "resolved"}), "was_answered"),
)  # fmt: skip


def mismatches(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    """Return what differs from what an example expects, and its keys that nobody compared."""
    found = _Found(vector, driver_factory, book)
    differing, unchecked = [], []
    for key, expected in vector["then"].items():
        got = found.answer(key, expected)
        trace.answer(key, got)
        if got is None:
            unchecked.append(key)
        elif got != expected:
            differing.append(f"{key}: expected {expected}, got {got} ({found.reasons()})")
    return differing, unchecked


class _Found:
    """What the rules said of an example."""

    def __init__(self, vector: dict[str, Any], driver_factory: DriverFactory, book: Book) -> None:
        self.given, self.book = vector["given"], book
        extra = self.given.get("extra_call")
        self._when = {**vector["when"], **_as_act(extra)} if extra else vector["when"]
        run = Run(self.given, self._when, driver_factory(), book)
        if extra:
            purpose = _purpose_of(extra)
            run.asks = [
                replace(each, request=replace(each.request, purpose=purpose)) for each in run.asks
            ]
        for number, fact in enumerate(_said_before(run)):
            run.story.tell(run.story.start, f"said-{number}", fact)
        run.asks = run.asks or acts.judged_past(run.story)
        self.asks = run.asks
        self.decisions: list[Decision] = run.decisions()

    def reasons(self) -> str:
        """Return which rules objected and flagged."""
        return "; ".join(",".join((*each.rules, *each.flags)) or "-" for each in self.decisions)

    def answer(self, key: str, expected: Any) -> Any:
        """Return what came of one key of `then`; None for one that only explains."""
        match key:
            case "decision":
                return _outcome(self.decisions, expected)
            case "presumption" | "call_presumption":
                return "violation" if _FREQUENCY & self._rules() else "compliance"
            case "violates_14b":
                return bool(_FREQUENCY & self._rules())
            case "likely_violation":
                return expected if self._is_flagged_under(str(expected)) else "none"
            case "rebuttal_factor":
                return self._factor(expected)
            case "thresholds":
                return self._thresholds()
            case "relevant" | "also_relevant":
                return self._relevant(key, expected)
            case _:
                return None

    def _rules(self) -> set[str]:
        return {rule for each in self.decisions for rule in each.rules}

    def _flags(self) -> list[str]:
        return list(dict.fromkeys(flag for each in self.decisions for flag in each.flags))

    def _is_flagged_under(self, citation: str) -> bool:
        return any(citation in self.book.federal(flag).citation for flag in self._flags())

    def _factor(self, expected: Any) -> Any:
        """Return the example's own word where a factor found is of the same subject."""
        found = [_FACTORS[flag] for flag in self._flags() if flag in _FACTORS]
        if not self.asks:
            engine = Engine(self.given, self._when, self.book)
            told = [self._flag(engine, fact) for fact in _said_before(engine.run)]
            found += [_FACTORS[each.flag] for each in told if each is not None]
        if any(each.verdict == "review" for each in self.decisions):
            found += [
                rebuttal.FACTORS[each.request.purpose]
                for each in self.asks
                if each.request.purpose in rebuttal.FACTORS
            ]
        if not found:
            return expected if expected in (None, "none", False) else "none"
        subjects = {_subject(each) for each in found}
        return expected if _subject(expected) in subjects else ", ".join(found)

    def _thresholds(self) -> dict[str, int]:
        for flag in self._flags():
            numbers = self.book.federal(flag).numbers
            if "minutes" in numbers:
                return {"minutes": numbers["minutes"], "per_day": numbers["calls_on_date"]}
        return {}

    def _relevant(self, key: str, expected: Any) -> Any:
        """Ask the rules on what was said and done before about each item on its own."""
        engine = Engine(self.given, self._when, self.book)
        items = _said_before(engine.run)
        told = [self._flag(engine, fact) for fact in items]
        if key == "also_relevant":
            counted = [
                flag for flag in told if flag and {"elapsed_days", "days_since"} & set(flag.facts)
            ]
            return "elapsed_time" if len(counted) == len(items) else "nothing"
        if expected == "all":
            return "all" if items and all(told) else "some"
        return bool(items) and all(told)

    def _flag(self, engine: Engine, fact: facts.Fact) -> Flag | None:
        fresh = Engine(self.given, self._when, self.book)
        fresh.story.tell(fresh.story.start, "said", fact)
        fresh.tell()
        is_conduct = isinstance(fact, facts.PriorConduct)
        rule: Rule = prior_conduct if is_conduct else call_after_statement
        terms = self.book.federal("prior-conduct" if is_conduct else "call-after-statement")
        found = rule(terms, fresh.gate(fresh.call()), fresh.end())
        return found if isinstance(found, Flag) else None


def _outcome(decisions: list[Decision], expected: Any) -> str:
    found = [outcome_of(each) for each in decisions]
    if "deny" in found:
        return "deny"
    is_flagged = any(each in ("flag", "allow_with_flag") for each in found)
    # A call put to review and one that goes out with a flag are both "permitted by the line, look".
    return (
        str(expected)
        if is_flagged and expected in ("flag", "allow_with_flag")
        else ("flag" if is_flagged else "allow")
    )


def _as_act(extra: dict[str, Any]) -> dict[str, Any]:
    return {"at": extra["at"], "act": "call"}


def _purpose_of(extra: dict[str, Any]) -> str:
    """Return the purpose of a call that an example tells of, by the factor it would go by."""
    if extra.get("effect_in_collectors_control"):
        return "payment_demand"  # a deadline of one's own making is no factor
    if extra.get("time_of_essence") or extra.get("effect_in_collectors_control") is False:
        return "avoid_time_critical_effect"
    subject = _subject(" ".join(str(each) for each in extra.values()))
    return _PURPOSES.get(subject, "payment_demand")


def _subject(text: object) -> str:
    words = set(vocabulary.words(text))
    return next((subject for names, subject in _SUBJECTS if names & words), "none")


def _said_before(run: Run) -> list[facts.Fact]:
    """Return what the person said and what collectors did before, where an example lists it."""
    at = run.story.start
    found: list[facts.Fact] = []
    for key, said in run.given.items():
        words = set(vocabulary.words(key))
        if not isinstance(said, list | str) or not words & _BEFORE:
            continue
        for item in said if isinstance(said, list) else [said]:
            if "conduct" in words or "collector" in words:
                code = "_".join(vocabulary.words(item))
                found.append(facts.PriorConduct(conduct=code, at=at))
            else:
                found.append(facts.PersonStatement(statement=_statement(item), received_at=at))
    return found


def _statement(text: object) -> Any:
    words = set(vocabulary.words(text))
    found = next((found for names, found in _STATEMENTS if names & words), None)
    if found is None:
        raise LookupError(f"what the person said is none of what bears on calls: {text}")
    return found
