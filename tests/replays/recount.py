"""What a stricter pack would change, recounted from the events alone and by hand.

The pack allows five calls about a debt in seven days where the law allows seven, and contact from
nine to seven where the law has eight to nine. No rule, fold or decider of the services is asked:
the log is read as the oracle reads it, and every window is counted naively.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle import places
from tests.oracle.calls import calls_about
from tests.oracle.gate import Aim, Gate, apply, read_aim
from tests.oracle.log import Event, LoggedEvent, instant, instant_or_none, parse
from tests.oracle.outcomes import TELEPHONE

CALLS, HOURS = "HOUSE-CALLS", "HOUSE-HOURS"
CALLS_MAX = 5
OPENS, CLOSES = 9, 19
PACK = f"""
pack: house
version: "1"
jurisdiction: US
rules:
- rule: call-frequency
  law: {CALLS}
  citation: house policy 7
  effective_from: 2026-01-01
  parameters: {{calls_max: {CALLS_MAX}, days: 7, consent_days: 7}}
- rule: permitted-hours
  law: {HOURS}
  citation: house policy 8
  effective_from: 2026-01-01
  parameters: {{opens_minute: {OPENS * 60}, closes_minute: {CLOSES * 60}}}
"""
SECOND = timedelta(seconds=1)
HORIZON_DAYS = 12
STAGES = {
    "permit-granted": ("permit", True),
    "permit-refused": ("permit", False),
    "permit-redeemed": ("redemption", True),
    "redemption-refused": ("redemption", False),
}


@dataclass(frozen=True)
class Expected:
    """One decision that differs under the pack."""

    consumer_id: str
    version: int
    stage: str
    kind: str
    laws: frozenset[str]
    earliest: datetime | None


@dataclass
class Recount:
    """All that differs, and how many decisions there were."""

    decisions: int
    differing: list[Expected]


def recount(streams: Iterable[list[LoggedEvent]]) -> Recount:
    """Go through the log of each gate."""
    found = Recount(decisions=0, differing=[])
    for log in streams:
        gate = Gate(tenant=log[0].tenant, consumer_id=log[0].stream.removeprefix("gate-"))
        for event in map(parse, log):
            if event.name in STAGES:
                found.decisions += 1
                found.differing.extend(_differs(gate, event))
            if event.name in ("fact-recorded", "fact-released"):
                gate.take(event)
            else:
                apply(gate, event)
    return found


def _differs(gate: Gate, event: Event) -> Iterator[Expected]:
    stage, is_granted = STAGES[event.name]
    aim, own, at = read_aim(event.body["request"]), event.body["permit_id"], event.at
    laws = frozenset(_objecting(gate, aim, own, at))
    earliest = _earliest(gate, event, aim, own)
    if laws and is_granted:
        kind = "granted_to_refused"
    elif laws:
        kind = "other_reasons"
    elif earliest != instant_or_none(event.body.get("earliest_permitted_at")):
        kind = "other_earliest"
    elif event.name == "permit-granted" and _lapses_sooner(gate, event, aim):
        kind = "other_details"
    else:
        return
    yield Expected(gate.consumer_id, event.logged.version, stage, kind, laws, earliest)


def _objecting(gate: Gate, aim: Aim, own: str, at: datetime) -> Iterator[str]:
    if not all(_is_open(where, at, at + aim.slack) for where in _zones(gate, aim)):
        yield HOURS
    if aim.channel in TELEPHONE and not _has_room(gate, aim, own, at):
        yield CALLS


def _is_open(where: ZoneInfo, first: datetime, last: datetime) -> bool:
    """Tell whether the clock there is between the hours from `first` up to `last`."""
    begins, ends = first.astimezone(where), last.astimezone(where)
    day = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    is_after = begins > day.replace(hour=OPENS)
    return is_after and ends <= day.replace(hour=CLOSES) and ends.date() == begins.date()


def _has_room(gate: Gate, aim: Aim, own: str, at: datetime) -> bool:
    for debt in {gate.debt(each) for each in aim.account_ids}:
        calls = [
            each
            for each in calls_about(gate, aim.party_id, debt, at, with_open=True)
            if each.permit_id != own
        ]
        for where in _calendars(gate, aim):
            since = places.local_date(where, at) - timedelta(days=6)
            if sum(places.local_date(where, each.latest) >= since for each in calls) >= CALLS_MAX:
                return False
    return True


def _earliest(gate: Gate, event: Event, aim: Aim, own: str) -> datetime | None:
    """Return when a refused permit would be granted: no sooner than the law alone has it.

    From that instant on only the clock can forbid again, by the hours or by times that the person
    has named. So the answer is where the hours open, a named time ends, a date begins or an unused
    permit lapses, whichever comes first with nothing against it.
    """
    recorded = instant_or_none(event.body.get("earliest_permitted_at"))
    if event.name != "permit-refused":
        return _from_nothing(gate, event, aim, own)
    if recorded is None:
        return None
    return _first(gate, aim, own, recorded)


def _from_nothing(gate: Gate, event: Event, aim: Aim, own: str) -> datetime | None:
    if event.name == "permit-granted" and any(_objecting(gate, aim, own, event.at)):
        return _first(gate, aim, own, event.at)
    return None


def _first(gate: Gate, aim: Aim, own: str, start: datetime) -> datetime | None:
    for candidate in _candidates(gate, aim, start):
        if not any(_objecting(gate, aim, own, candidate)) and not _is_named(gate, aim, candidate):
            return candidate
    return None


def _is_named(gate: Gate, aim: Aim, at: datetime) -> bool:
    """Tell whether the person has named a time that the dispatch would fall into."""
    return any(
        first < at + aim.slack and at < last
        for where in _zones(gate, aim)
        for first, last in _named(gate, aim, at.astimezone(where))
    )


def _named(gate: Gate, aim: Aim, day: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the named times of a local day: minutes of every day, as the population has them."""
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    for fact in gate.of("inconvenient-time"):
        if not gate.is_of(fact, aim.party_id):
            continue
        for window in fact.body["windows"]:
            first, last = window["from_minute"], window["until_minute"]
            yield (
                midnight.replace(hour=first // 60, minute=first % 60),
                midnight.replace(hour=last // 60, minute=last % 60),
            )


def _candidates(gate: Gate, aim: Aim, start: datetime) -> list[datetime]:
    found = {start}
    for where in _calendars(gate, aim):
        midnight = start.astimezone(where).replace(hour=0, minute=0, second=0, microsecond=0)
        for days in range(HORIZON_DAYS + 1):
            day = midnight + timedelta(days=days)
            found.add(day.astimezone(start.tzinfo))
            found.add((day.replace(hour=OPENS) + SECOND).astimezone(start.tzinfo))
            found.update(last.astimezone(start.tzinfo) for _, last in _named(gate, aim, day))
    for attempt in gate.attempts.values():
        if attempt.expires_at is not None:
            found.add(_whole(attempt.expires_at))
    return sorted(each for each in found if each >= start)


def _whole(at: datetime) -> datetime:
    return at if at.microsecond == 0 else at.replace(microsecond=0) + SECOND


def _lapses_sooner(gate: Gate, event: Event, aim: Aim) -> bool:
    """Tell whether the permit would have ended with the shorter hours."""
    expires_at = instant(event.body["expires_at"])
    return any(
        expires_at.astimezone(where)
        > event.at.astimezone(where).replace(hour=CLOSES, minute=0, second=0, microsecond=0)
        for where in _zones(gate, aim)
    )


def _zones(gate: Gate, aim: Aim) -> list[ZoneInfo]:
    return places.known_zones(gate.zone_names(aim.party_id))


def _calendars(gate: Gate, aim: Aim) -> list[ZoneInfo]:
    return places.calendar_zones(gate.zone_names(aim.party_id))
