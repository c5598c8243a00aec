"""Reads what people say about times: "weekdays except 3-5 pm; no weekends", "every Friday".

A phrase nobody understands is taken as "never": always inconvenient is the safe reading.
"""

import re
from datetime import date

from services.compliance.rules.facts import WeeklyWindow
from shared.kernel.records import replace

DAY = 1440
NEVER_CONVENIENT = (WeeklyWindow(),)

_DAYS = {
    "mon": 0, "monday": 0, "tue": 1, "tues": 1, "tuesday": 1, "wed": 2, "wednesday": 2,
    "thu": 3, "thur": 3, "thurs": 3, "thursday": 3, "fri": 4, "friday": 4,
    "sat": 5, "saturday": 5, "sun": 6, "sunday": 6,
}  # fmt: skip
_GROUPS = {
    "weekday": (0, 1, 2, 3, 4),
    "workday": (0, 1, 2, 3, 4),
    "weekend": (5, 6),
    "every day": tuple(range(7)),
    "everyday": tuple(range(7)),
    "daily": tuple(range(7)),
    "any day": tuple(range(7)),
}
_PARTS = {
    "morning": (0, 720),
    "afternoon": (720, 1080),
    "evening": (1020, DAY),
    "night": (1020, DAY),
    "lunch": (690, 840),
    "working hours": (540, 1020),
    "business hours": (540, 1020),
    "work hours": (540, 1020),
}
_DAY_NAME = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?"
_CLOCK = r"(noon|midday|midnight|\d{1,2}(?:[:.]\d{2})?\s*(?:a\.?m\.?|p\.?m\.?|o'?clock)?)"
_SPAN = re.compile(rf"{_CLOCK}\s*(?:-|–|to|until|till|and|through)\s*{_CLOCK}")
_BEFORE = re.compile(rf"(?:before|until|till|prior to|earlier than)\s+{_CLOCK}")
_AFTER = re.compile(rf"(?:after|from|past|later than|beginning at)\s+{_CLOCK}")
_NEGATIVE = re.compile(
    r"\b(no|not|never|don'?t|do not|cannot|can'?t|avoid|unavailable|busy|inconvenient|bad|stop)\b"
)
_POSITIVE = re.compile(
    r"\b(only|can call|may call|call me|reach me|available|convenient|best|good|prefers?|fine|ok)\b"
)
_EXCEPTED = re.compile(r"\b(?:other than|apart from|except)\b")
_ISO = re.compile(r"(?:through|until|till|to|by)\s+(\d{4}-\d{2}-\d{2})")
_YEAR_END = re.compile(r"(?:through|until|till)?\s*(?:the )?end of (?:the )?(?:calendar )?year")


def windows_of(
    phrase: str, *, year: int, means_convenient: bool = False
) -> tuple[WeeklyWindow, ...]:
    """Return the inconvenient times of a phrase; `means_convenient` is how a bare span is meant."""
    clauses, last_date = _clauses(phrase, year)
    barred: list[WeeklyWindow] = []
    for clause in clauses:
        found = _clause(clause, means_convenient)
        if found is None:
            return NEVER_CONVENIENT
        barred += found
    if not barred:
        return NEVER_CONVENIENT
    return tuple(replace(each, last_date=last_date) for each in barred)


def welcome_times(
    phrase: str, *, year: int, means_convenient: bool = False
) -> tuple[WeeklyWindow, ...]:
    """Return the times that suit by a phrase, where it tells them by the clock."""
    clauses, last_date = _clauses(phrase, year)
    return tuple(
        replace(each, last_date=last_date)
        for clause in clauses
        if _SPAN.search(clause)
        and _is_positive(clause, means_convenient)
        and not _EXCEPTED.search(clause)
        for each in _windows(_days(clause), _spans(clause))
    )


def _clauses(phrase: str, year: int) -> tuple[list[str], date | None]:
    plain = re.sub(r"\b([ap])\.m\.?", r"\1m", phrase.lower())
    text, last_date = _without_end(plain, year)
    clauses = re.split(r";|\.\s|,? but |,? and (?=no |not |never )", text)
    return [each for each in clauses if each.strip(" .")], last_date


def _without_end(text: str, year: int) -> tuple[str, date | None]:
    iso = _ISO.search(text)
    if iso:
        return text.replace(iso.group(0), " "), date.fromisoformat(iso.group(1))
    if _YEAR_END.search(text):
        return _YEAR_END.sub(" ", text), date(year, 12, 31)
    return text, None


def _clause(clause: str, means_convenient: bool) -> list[WeeklyWindow] | None:
    main, _, excepted = _EXCEPTED.sub("except", clause).partition("except")
    days, spans = _days(main), _spans(main)
    if days is None and spans is None and not excepted:
        return None
    is_negative = bool(_NEGATIVE.search(main))
    is_positive = _is_positive(main, means_convenient)
    named = _windows(days, spans)
    if excepted:
        holes = _windows(_days(excepted) or days, _spans(excepted))
        if _days(excepted) is None and _spans(excepted) is None:
            return None
        # "Weekdays except 3-5 pm" says what suits; "not on weekdays except 3-5 pm" what does not.
        return _complement(holes, within=named) if is_negative else [*_complement(named), *holes]
    return _complement(named) if is_positive else named


def _is_positive(clause: str, means_convenient: bool) -> bool:
    is_negative = bool(_NEGATIVE.search(clause))
    return "only" in clause or (
        not is_negative and (means_convenient or bool(_POSITIVE.search(clause)))
    )


def _days(text: str) -> tuple[int, ...] | None:
    found: set[int] = set()
    for name, days in _GROUPS.items():
        if name in text:
            found.update(days)
    for first, last in re.findall(
        rf"\b({_DAY_NAME})\s*(?:-|–|through|to|until)\s*({_DAY_NAME})\b", text
    ):
        start, end = _day(first), _day(last)
        found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    found.update(_day(name) for name in re.findall(rf"\b({_DAY_NAME})\b", text))
    return tuple(sorted(found)) or None


def _day(name: str) -> int:
    return _DAYS.get(name, _DAYS.get(name.rstrip("s"), 0))


def _spans(text: str) -> list[tuple[int, int]] | None:
    found = [
        span for first, last in _SPAN.findall(text) if (span := _span(first, last)) is not None
    ]
    if found:
        return [part for span in found for part in _unwrapped(span)]
    for pattern, is_before in ((_BEFORE, True), (_AFTER, False)):
        match = pattern.search(text)
        if match and (minute := _minute(match.group(1))) is not None:
            found.append((0, minute) if is_before else (minute, DAY))
    found += [span for name, span in _PARTS.items() if name in text]
    return found or None


def _span(first: str, last: str) -> tuple[int, int] | None:
    end = _minute(last)
    start = _minute(first)
    if start is None or end is None:
        return None
    has_half = re.search(r"[ap]\.?m|noon|night|:", first)
    if not has_half and re.search(r"p\.?m", last) and start < 720 and start + 720 < end:
        start += 720  # "3-5 pm"
    return start, end


def _unwrapped(span: tuple[int, int]) -> list[tuple[int, int]]:
    start, end = span
    return [(start, end)] if start < end else [(start, DAY), (0, end)]


def _minute(clock: str) -> int | None:
    clock = clock.strip().replace(".", ":") if re.match(r"\d+\.\d\d", clock) else clock.strip()
    if clock in ("noon", "midday"):
        return 720
    if clock == "midnight":
        return DAY
    match = re.match(r"(\d{1,2})(?::(\d{2}))?\s*(a|p)?", clock)
    if match is None or int(match.group(1)) > 24:
        return None
    hour = int(match.group(1))
    if match.group(3):
        hour = hour % 12 + (12 if match.group(3) == "p" else 0)
    return hour * 60 + int(match.group(2) or 0)


def _windows(
    days: tuple[int, ...] | None, spans: list[tuple[int, int]] | None
) -> list[WeeklyWindow]:
    return [
        WeeklyWindow(weekdays=days or (), from_minute=start, until_minute=end)
        for start, end in spans or [(0, DAY)]
        if start < end
    ]


def _complement(
    windows: list[WeeklyWindow], within: list[WeeklyWindow] | None = None
) -> list[WeeklyWindow]:
    """Return the rest of the week, or the rest of some windows of it."""
    rest: list[WeeklyWindow] = []
    for weekday in range(7):
        taken = _of_day(windows, weekday)
        for start, end in _of_day(within or [WeeklyWindow()], weekday):
            moment = start
            for taken_start, taken_end in taken:
                if moment < min(taken_start, end):
                    rest.append(_piece(weekday, moment, min(taken_start, end)))
                moment = max(moment, taken_end)
            if moment < end:
                rest.append(_piece(weekday, moment, end))
    return rest


def _of_day(windows: list[WeeklyWindow], weekday: int) -> list[tuple[int, int]]:
    return sorted(
        (each.from_minute, each.until_minute)
        for each in windows
        if not each.weekdays or weekday in each.weekdays
    )


def _piece(weekday: int, start: int, end: int) -> WeeklyWindow:
    return WeeklyWindow(weekdays=(weekday,), from_minute=start, until_minute=end)
