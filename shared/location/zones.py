"""The time zones of the United States and its territories, and their pinned data.

Rules are read from the `tzdata` package, never from the operating system, so the version that a
decision names is the version that it used.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module, resources
from zoneinfo import ZoneInfo

# zone.tab, countries US, PR, VI, GU, AS and MP. Zones, not clocks: two that agree today may part.
US_ZONES = frozenset(
    {
        "America/Adak",
        "America/Anchorage",
        "America/Boise",
        "America/Chicago",
        "America/Denver",
        "America/Detroit",
        "America/Indiana/Indianapolis",
        "America/Indiana/Knox",
        "America/Indiana/Marengo",
        "America/Indiana/Petersburg",
        "America/Indiana/Tell_City",
        "America/Indiana/Vevay",
        "America/Indiana/Vincennes",
        "America/Indiana/Winamac",
        "America/Juneau",
        "America/Kentucky/Louisville",
        "America/Kentucky/Monticello",
        "America/Los_Angeles",
        "America/Menominee",
        "America/Metlakatla",
        "America/New_York",
        "America/Nome",
        "America/North_Dakota/Beulah",
        "America/North_Dakota/Center",
        "America/North_Dakota/New_Salem",
        "America/Phoenix",
        "America/Puerto_Rico",
        "America/Sitka",
        "America/Yakutat",
        "Pacific/Guam",
        "Pacific/Honolulu",
        "Pacific/Pago_Pago",
    }
)

# zone.tab names these for the Virgin Islands and the Northern Marianas; tzdata keeps no rules of
# their own for them. Every other link, and every name that is not Area/City, is refused.
_LINKS = {
    "America/St_Thomas": "America/Puerto_Rico",
    "Pacific/Saipan": "Pacific/Guam",
}

STATED_ZONES = tuple(sorted(US_ZONES | _LINKS.keys()))


def canonical(zone: str) -> str:
    """Return the name under which the rules of a zone are kept."""
    return _LINKS.get(zone, zone)


def stated_zone(text: str) -> str | None:
    """Return the canonical name of a zone that someone stated, or nothing if it is not accepted."""
    name = canonical(text)
    return name if name in US_ZONES else None


def data_version() -> str:
    """Return the version of the time-zone data, such as `2026f`."""
    version: str = import_module("tzdata").IANA_VERSION  # the package carries no types
    return version


@cache
def load(zone: str) -> ZoneInfo:
    """Return the rules of one of our zones from the pinned data.

    Raises:
        LookupError: not one of our zones.
    """
    if zone not in US_ZONES:
        raise LookupError("not a time zone of the United States")
    path = resources.files("tzdata").joinpath("zoneinfo", *zone.split("/"))
    with path.open("rb") as file:
        return ZoneInfo.from_file(file, key=zone)


_CLOCK_YEARS = range(2026, 2038)


@cache
def clock(zone: str) -> tuple[timedelta | None, ...]:
    """Return what tells this zone's clock from another's from 2026 on: its offsets by month."""
    rules = load(zone)
    return tuple(
        datetime(year, month, 15, tzinfo=UTC).astimezone(rules).utcoffset()
        for year in _CLOCK_YEARS
        for month in range(1, 13)
    )
