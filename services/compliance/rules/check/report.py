"""Checks a whole file of examples and says, by area, what holds and what does not."""

from collections.abc import Callable, Mapping
from typing import Any

from services.compliance.rules.book import Book
from services.compliance.rules.check import (
    acting,
    alternatives,
    answers,
    asked,
    contents,
    deciding,
    itemwise,
    messages,
    overlays,
    precedence,
    reach,
    rebuttal,
    requests,
    trace,
    unread,
    validating,
)
from services.compliance.rules.check.driver import CallRefused, DeciderDriver
from services.compliance.rules.check.running import DriverFactory
from shared.kernel.records import record


@record
class Failure:
    """One example that does not hold."""

    vector_id: str
    area: str
    reasons: tuple[str, ...]


@record
class AreaCount:
    """How many examples of an area were run, held, and are still to be built."""

    passed: int = 0
    failed: int = 0
    not_built: int = 0


@record
class Report:
    """What came of a file.

    `not_read` names, by example that holds, what it says that nothing here reads: its verdict rests
    on the rest of it.
    """

    areas: dict[str, AreaCount]
    failures: tuple[Failure, ...]
    not_built: tuple[str, ...]
    not_compared: dict[str, tuple[str, ...]]
    not_read: dict[str, tuple[str, ...]]

    @property
    def passed(self) -> int:
        """How many examples hold."""
        return sum(each.passed for each in self.areas.values())

    @property
    def is_run(self) -> bool:
        """Whether any example was run."""
        return any(each.passed or each.failed for each in self.areas.values())

    @property
    def not_built_areas(self) -> tuple[str, ...]:
        """Areas with examples that nothing judges yet."""
        return tuple(area for area, count in sorted(self.areas.items()) if count.not_built)

    def is_good(self, *, is_all_asked: bool = False, is_strict: bool = False) -> bool:
        """Tell whether every example of the built areas holds, or every one there is.

        With `is_strict` each must have been read to its last word, too.
        """
        is_lacking = (is_all_asked and self.not_built) or (is_strict and self.not_read)
        return not self.failures and not is_lacking


def check_file(
    document: Mapping[str, Any],
    driver_factory: DriverFactory,
    book: Book,
    *,
    kinds: frozenset[str] = frozenset({"decision", "classification", "calculation"}),
    is_reading_checked: bool = True,
) -> Report:
    """Run a parsed file of examples; `kinds` narrows it to what a driver can be asked.

    With `is_reading_checked` it is seen whether each example that holds was read to its last word.
    """
    default_zone = (document.get("meta") or {}).get("default_timezone")
    areas: dict[str, AreaCount] = {}
    failures: list[Failure] = []
    not_built: list[str] = []
    not_compared: dict[str, tuple[str, ...]] = {}
    not_read: dict[str, tuple[str, ...]] = {}
    for vector in document["vectors"]:
        area, kind = str(vector["area"]), str(vector["kind"])
        count = areas.get(area, AreaCount())
        if not is_built(vector):
            not_built.append(str(vector["id"]))
            areas[area] = _more(count, "not_built")
            continue
        if kind not in kinds:
            continue
        whole = _whole(vector, default_zone)
        reasons, unchecked = _check(whole, driver_factory, book)
        if is_reading_checked and not reasons and (unread_parts := _all_unread(whole, book)):
            not_read[str(vector["id"])] = unread_parts
        areas[area] = _more(count, "failed" if reasons else "passed")
        if reasons:
            failures.append(Failure(vector_id=str(vector["id"]), area=area, reasons=tuple(reasons)))
        if unchecked:
            not_compared[str(vector["id"])] = tuple(unchecked)
    return Report(
        areas=areas,
        failures=tuple(failures),
        not_built=tuple(not_built),
        not_compared=not_compared,
        not_read=not_read,
    )


def is_built(vector: Mapping[str, Any]) -> bool:
    """Tell whether the rules of an example are in force yet."""
    return vector["area"] in CHECKERS


def _whole(vector: Mapping[str, Any], default_zone: object) -> dict[str, Any]:
    given = dict(vector.get("given") or {})
    if default_zone:
        given.setdefault("default_tz", default_zone)
    if "rule" in vector:
        given.setdefault("rule", vector["rule"])
    return {**vector, "given": given, "when": dict(vector.get("when") or {})}


def _all_unread(whole: dict[str, Any], book: Book) -> tuple[str, ...]:
    variant = whole.get("variant")
    varied = _unread(_varied(whole, variant), book) if variant else []
    return tuple(dict.fromkeys([*_unread(whole, book), *varied]))


def _unread(whole: dict[str, Any], book: Book) -> list[str]:
    """Return what of an example nothing reads: its verdict rests on the rest of it."""

    def run(vector: dict[str, Any]) -> None:
        _judged(vector, lambda: DeciderDriver(book, "none"), book)

    return unread.parts(whole, run)


def _check(
    whole: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    differing, unanswered = _told(whole, driver_factory, book)
    if variant := whole.get("variant"):
        more, _ = _told(_varied(whole, variant), driver_factory, book)
        differing += [f"variant: {each}" for each in more]
    return differing, unanswered


def _varied(whole: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    """Return the same example with what its variant says otherwise."""
    return {
        **whole,
        "given": {**whole["given"], **variant.get("given", {})},
        "when": {**whole["when"], **variant.get("when", {})},
        "then": variant["then"],
        "variant": None,
    }


def _told(
    whole: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    try:
        differing, unanswered = _judged(whole, driver_factory, book)
    except CallRefused as error:
        return [f"refused: {error}"], []
    except _NOT_UNDERSTOOD as error:
        # A file may say what nothing here understands; that is a finding, not a crash.
        return [f"not understood: {type(error).__name__}: {error}"], []
    if len(unanswered) == len(whole["then"]):
        differing.append(f"nothing here answers {', '.join(unanswered)}")
    return differing, unanswered


def _judged(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    """Judge an example, entry by entry where nothing reads a list as a whole."""
    is_apart = vector["area"] in _APART or alternatives.is_act_shared(vector)
    apart = itemwise.alternatives(vector) if is_apart else []
    if apart:
        judged = [_judged_whole(each, driver_factory, book) for each in apart]
        return [each for differing, _ in judged for each in differing], []
    vector = alternatives.with_shared_act(vector)
    several = {key: found for key in vector["then"] if (found := itemwise.parts(vector, key))}
    rest = {key: each for key, each in vector["then"].items() if key not in several}
    differing: list[str] = []
    unchecked: list[str] = []
    if rest or not several:
        differing, unchecked = _judged_whole({**vector, "then": rest}, driver_factory, book)
    for key, each_alone in several.items():
        whole = {**vector, "then": {key: vector["then"][key]}}
        if key != "decisions" and _is_read_as_list(whole, key, driver_factory, book):
            each_alone = [whole]
        for one in each_alone:
            more, left = _judged_whole(one, driver_factory, book)
            differing += more
            unchecked += [key] if left and key not in unchecked else []
    return differing, unchecked


def _is_read_as_list(
    whole: dict[str, Any], key: str, driver_factory: DriverFactory, book: Book
) -> bool:
    """Tell whether an answer comes for each entry by itself: by its form alone."""
    try:
        found, (_, unanswered) = trace.answers(lambda: _judged_whole(whole, driver_factory, book))
    except _NOT_UNDERSTOOD:
        return False
    if key not in found:
        return key not in unanswered
    answer = found[key]
    expected = whole["then"][key]
    return isinstance(answer, type(expected)) and len(answer) == len(expected)


def _judged_whole(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    differing, unchecked = CHECKERS[str(vector["area"])](vector, driver_factory, book)
    unanswered = []
    for key in unchecked:
        found = _of_other_areas(vector, key, driver_factory, book)
        if found is None:
            unanswered.append(key)
        else:
            differing += found
    return differing, unanswered


def _of_other_areas(
    vector: dict[str, Any], key: str, driver_factory: DriverFactory, book: Book
) -> list[str] | None:
    """Return what differs for a key that the answers of another area know; None if none do.

    The same is asked in several areas; whichever table understands the question answers it.
    """
    if key in asked.EXPLAINING:
        return None
    whole = {**vector, "kind": "classification", "then": {key: vector["then"][key]}}
    for checker in _FAMILIES:
        try:
            differing, unchecked = checker(whole, driver_factory, book)
        except _NOT_UNDERSTOOD:
            continue
        if not unchecked:
            return differing
    return None


def _more(count: AreaCount, what: str) -> AreaCount:
    return AreaCount(
        passed=count.passed + (what == "passed"),
        failed=count.failed + (what == "failed"),
        not_built=count.not_built + (what == "not_built"),
    )


def _check_contact(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    if vector["kind"] == "decision":
        return deciding.mismatches(vector, driver_factory, book)
    return answers.mismatches(
        _question(vector, driver_factory, book), {**answers.ANSWERS, **requests.ANSWERS}
    )


def _check_reach(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    if vector["kind"] == "decision":
        return deciding.mismatches(vector, driver_factory, book, reach.of_decision)
    return answers.mismatches(
        _question(vector, driver_factory, book),
        {**answers.ANSWERS, **requests.ANSWERS, **reach.ANSWERS},
    )


def _check_validation(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    if vector["kind"] == "decision" and messages.tells_stated_end(vector["given"], vector["when"]):
        return contents.mismatches(vector, driver_factory, book)
    if vector["kind"] == "decision":
        return deciding.mismatches(vector, driver_factory, book, reach.of_decision)
    return answers.mismatches(
        _question(vector, driver_factory, book),
        {**answers.ANSWERS, **requests.ANSWERS, **validating.ANSWERS},
    )


def _question(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> answers.Question:
    return answers.Question(
        given=vector["given"],
        when=vector["when"],
        then=vector["then"],
        book=book,
        driver_factory=driver_factory,
    )


def _check_content(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    if contents.is_about_contact(vector):
        return _check_contact(vector, driver_factory, book)
    return contents.mismatches(vector, driver_factory, book)


def _check_contact_or_words(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    if messages.tells_words(vector["given"], vector["when"]):
        return contents.mismatches(vector, driver_factory, book)
    return _check_contact(vector, driver_factory, book)


def _check_overlay(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    if acting.is_about_other_acts(vector):
        return acting.mismatches(vector, driver_factory, book)
    if precedence.asks_who_gives_way(vector):
        return precedence.mismatches(vector, driver_factory, book)
    return overlays.mismatches(vector, driver_factory, book)


def _check_conduct(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    is_of_words = messages.tells_words(vector["given"], vector["when"])
    is_of_words = is_of_words or messages.tells_conduct(vector["when"])
    if vector["kind"] == "decision" and not is_of_words:
        return rebuttal.mismatches(vector, driver_factory, book)
    return contents.mismatches(vector, driver_factory, book)


Checker = Callable[[dict[str, Any], DriverFactory, Book], tuple[list[str], list[str]]]
"""Returns what differs from what an example expects, and its keys that nobody compared."""

_NOT_UNDERSTOOD = (
    ArithmeticError, AttributeError, LookupError, StopIteration, TypeError, ValueError,
)  # fmt: skip

_CONTACT = (
    "call_frequency",
    "call_frequency_consent",
    "particular_debt",
    "call_outcome",
    "inconvenient_time",
    "time_zone_conflict",
    "dst",
    "cease",
    "attorney",
    "media_optout",
)
_ACTS = (
    "furnishing",
    "debt_transfer",
    "time_barred",
    "payments",
    "retention",
    "bankruptcy",
    "scra",
)
_CONTENT = (
    "definitions",
    "limited_content_message",
    "mini_miranda",
    "optout_notice",
    "mail",
    "social_media",
    "validation_content",
    "validation_form",
    "itemization",
    "sending",
    "false_representations",
)
_REACH = (
    "email_text",
    "location_info",
    "who_is_consumer",
    "consent",
    "inconvenient_place",
    "workplace",
    "third_party",
)
_VALIDATION = ("validation", "validation_period")

CHECKERS: dict[str, Checker] = {
    **dict.fromkeys(_CONTACT, _check_contact),
    "disputes": _check_contact_or_words,
    "harassment": _check_conduct,
    **dict.fromkeys(_ACTS, acting.mismatches),
    **dict.fromkeys(_CONTENT, _check_content),
    **dict.fromkeys(_REACH, _check_reach),
    **dict.fromkeys(_VALIDATION, _check_validation),
    "state_overlay": _check_overlay,
    "tcpa": overlays.mismatches,
    "call_frequency_rebuttal": rebuttal.mismatches,
    "precedence": precedence.mismatches,
}
"""Who checks the examples of an area."""

_APART = frozenset({*_CONTACT, *_REACH, *_VALIDATION})
"""Areas of contacts, whose acts without a time stand beside each other."""

_FAMILIES: tuple[Checker, ...] = (
    _check_reach,
    _check_validation,
    contents.mismatches,
    acting.mismatches,
    rebuttal.mismatches,
    overlays.mismatches,
    precedence.mismatches,
)
"""Each table of answers once, in the order in which a key that its own area leaves is tried."""
