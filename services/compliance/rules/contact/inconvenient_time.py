"""No contact at times known to be inconvenient, until the person says otherwise.

When the person writes at such a time, one reply in the same medium is allowed while the same bar
lasts; the designation goes on. Consent lifts what was said before it, not what was said after.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.compliance.rules import counting, exceptions, local_time
from services.compliance.rules.facts import InconvenientTime, PriorConsent, WeeklyWindow
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate, Known
from services.compliance.rules.pack import Terms
from services.compliance.rules.weekly import NamedTimes

_SOURCES = ("person", "court")


def inconvenient_time(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object within a window the person named (12 CFR 1006.6(b)(1), comments -1 and -2)."""
    consents = tuple(exceptions.consents_in_force(gate, at))
    bars = _bars(
        gate,
        consents,
        [fact for fact in _of_person(gate) if not _is_lifted(terms, fact, consents)],
    )
    if not bars:
        return None
    bound = counting.bound(gate)
    earliest = local_time.first_clear(bars, at, bound)
    if earliest == at or _is_in_session(gate, at) or _answers_within_bar(gate, bars, at):
        return None
    again = exceptions.once_expired(gate, at, lambda when: _answers_within_bar(gate, bars, when))
    if again is not None:
        earliest = again if earliest is None else min(earliest, again)
    return terms.objection(
        "deny" if earliest is None else "defer",
        "The person has said, or it is otherwise known, that this time is inconvenient.",
        {"fact": ", ".join(key for key, _ in gate.of(InconvenientTime))},
        earliest,
    )


def named_times(
    gate: Known[Any], consents: Iterable[PriorConsent]
) -> list[tuple[ZoneInfo, local_time.Bar]]:
    """Return the person's windows for each zone whose clock they may mean, but for the times at
    which later consents say to reach them.
    """
    return _bars(gate, tuple(consents), _of_person(gate))


def _of_person(gate: Known[Any]) -> list[InconvenientTime]:
    return [fact for _, fact in gate.of(InconvenientTime) if gate.is_about(fact.party_id)]


def _is_lifted(terms: Terms, fact: InconvenientTime, consents: Sequence[PriorConsent]) -> bool:
    since = exceptions.since(terms, fact.received_at)
    return any(exceptions.lifts(each, "time", since) for each in consents)


def _bars(
    gate: Known[Any], consents: Sequence[PriorConsent], named: Iterable[InconvenientTime]
) -> list[tuple[ZoneInfo, local_time.Bar]]:
    """Return a bar for each zone and each time at which the person has spoken of it."""
    bars: list[tuple[ZoneInfo, local_time.Bar]] = []
    for fact in named:
        later = [each for each in consents if each.received_at >= fact.received_at]
        welcome = exceptions.convenient_times(later, _SOURCES)
        by_zone: dict[ZoneInfo, list[WeeklyWindow]] = {}
        for window in fact.windows:
            stated = local_time.zone(window.zone) if window.zone else None
            for where in (stated,) if stated else gate.counting_zones:
                by_zone.setdefault(where, []).append(window)
        bars += (
            (where, exceptions.yielding(where, NamedTimes(windows), welcome))
            for where, windows in by_zone.items()
        )
    return bars


def _answers_within_bar(
    gate: Gate, bars: list[tuple[ZoneInfo, local_time.Bar]], at: datetime
) -> bool:
    message = exceptions.reply_to(gate, at)
    if message is None:
        return False
    since = local_time.first_clear(bars, message.received_at, counting.bound(gate))
    return since is None or since > at


def _is_in_session(gate: Gate, at: datetime) -> bool:
    return gate.request.channel == "portal" and exceptions.is_in_portal(gate, at)
