"""Local dates and times where a person may be, by the oracle's own table of states."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_WHOLE = {
    "America/New_York": "CT DC DE GA ME MD MA NH NJ NY NC OH PA RI SC VT VA WV",
    "America/Chicago": "AL AR IL IA LA MN MS MO OK WI",
    "America/Denver": "CO MT NM UT WY",
    "America/Los_Angeles": "CA WA",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
_SPLIT = {
    "America/New_York America/Chicago": "FL IN KY TN MI",
    "America/Chicago America/Denver": "KS NE ND SD TX",
    "America/Denver America/Los_Angeles": "ID OR NV",
    "America/Phoenix America/Denver": "AZ",
    "America/Anchorage America/Adak": "AK",
}
STATE_ZONES: dict[str, tuple[str, ...]] = {
    state: tuple(zones.split())
    for table in (_WHOLE, _SPLIT)
    for zones, states in table.items()
    for state in states.split()
}


def zone_names(zones: Iterable[str], states: Iterable[str]) -> set[str]:
    """Return the zones an indication of place points to: those it names, else its states'."""
    named = set(zones)
    if named:
        return named
    found: set[str] = set()
    for state in states:
        found.update(STATE_ZONES.get(state.strip().upper(), (f"state {state}",)))
    return found


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo | None:
    """Return the zone of that name, or None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def known_zones(names: Iterable[str]) -> list[ZoneInfo]:
    """Return those zones that exist."""
    found = (zone(each) for each in sorted(names))
    return [each for each in found if each is not None]


def calendar_zones(names: Iterable[str]) -> list[ZoneInfo]:
    """Return the zones whose calendars count; where none is known, that of UTC."""
    return known_zones(names) or [ZoneInfo("UTC")]


def local_date(where: ZoneInfo, at: datetime) -> date:
    """Return the date there."""
    return at.astimezone(where).date()


def local_minute(where: ZoneInfo, at: datetime) -> float:
    """Return how many minutes of the day the clock there shows."""
    wall = at.astimezone(where)
    return wall.hour * 60 + wall.minute + (wall.second + wall.microsecond / 1e6) / 60
