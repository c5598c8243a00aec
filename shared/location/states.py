"""Which zones each state, district and territory keeps.

Zone boundaries are law: 49 CFR part 71, with the Uniform Time Act's exceptions (15 USC 260a) for
Arizona, Hawaii and the territories. A place is listed with every zone of any part of it.
"""

from functools import cache

from shared.location.evidence import UNKNOWN, Evidence

_EASTERN = ("America/New_York",)
_CENTRAL = ("America/Chicago",)
_MOUNTAIN = ("America/Denver",)
_PACIFIC = ("America/Los_Angeles",)
_ATLANTIC = ("America/Puerto_Rico",)
_GUAM = ("Pacific/Guam",)

STATE_ZONES: dict[str, tuple[str, ...]] = {
    "AK": (
        "America/Adak",
        "America/Anchorage",
        "America/Juneau",
        "America/Metlakatla",
        "America/Nome",
        "America/Sitka",
        "America/Yakutat",
    ),
    "AL": _CENTRAL,
    "AR": _CENTRAL,
    "AS": ("Pacific/Pago_Pago",),
    "AZ": ("America/Denver", "America/Phoenix"),  # the Navajo Nation keeps daylight time
    "CA": _PACIFIC,
    "CO": _MOUNTAIN,
    "CT": _EASTERN,
    "DC": _EASTERN,
    "DE": _EASTERN,
    "FL": ("America/Chicago", "America/New_York"),
    "GA": _EASTERN,
    "GU": _GUAM,
    "HI": ("Pacific/Honolulu",),
    "IA": _CENTRAL,
    "ID": ("America/Boise", "America/Los_Angeles"),
    "IL": _CENTRAL,
    "IN": (
        "America/Chicago",
        "America/Indiana/Indianapolis",
        "America/Indiana/Knox",
        "America/Indiana/Marengo",
        "America/Indiana/Petersburg",
        "America/Indiana/Tell_City",
        "America/Indiana/Vevay",
        "America/Indiana/Vincennes",
        "America/Indiana/Winamac",
        "America/Kentucky/Louisville",
        "America/New_York",
    ),
    "KS": ("America/Chicago", "America/Denver"),
    "KY": (
        "America/Chicago",
        "America/Kentucky/Louisville",
        "America/Kentucky/Monticello",
        "America/New_York",
    ),
    "LA": _CENTRAL,
    "MA": _EASTERN,
    "MD": _EASTERN,
    "ME": _EASTERN,
    "MI": ("America/Detroit", "America/Menominee"),
    "MN": _CENTRAL,
    "MO": _CENTRAL,
    "MP": _GUAM,
    "MS": _CENTRAL,
    "MT": _MOUNTAIN,
    "NC": _EASTERN,
    "ND": (
        "America/Chicago",
        "America/Denver",
        "America/North_Dakota/Beulah",
        "America/North_Dakota/Center",
        "America/North_Dakota/New_Salem",
    ),
    "NE": ("America/Chicago", "America/Denver"),
    "NH": _EASTERN,
    "NJ": _EASTERN,
    "NM": _MOUNTAIN,
    "NV": ("America/Denver", "America/Los_Angeles"),  # West Wendover is in the Mountain zone
    "NY": _EASTERN,
    "OH": _EASTERN,
    "OK": _CENTRAL,
    "OR": ("America/Boise", "America/Los_Angeles"),
    "PA": _EASTERN,
    "PR": _ATLANTIC,
    "RI": _EASTERN,
    "SC": _EASTERN,
    "SD": ("America/Chicago", "America/Denver"),
    "TN": ("America/Chicago", "America/New_York"),
    "TX": ("America/Chicago", "America/Denver"),
    "UT": _MOUNTAIN,
    "VA": _EASTERN,
    "VI": _ATLANTIC,
    "VT": _EASTERN,
    "WA": _PACIFIC,
    "WI": _CENTRAL,
    "WV": _EASTERN,
    "WY": _MOUNTAIN,
}

# Postal codes that name no place on a map of the United States: armed forces abroad, and the
# freely associated states. Mail goes there; where the person is, and under which law, is unknown.
UNPLACED_STATES = frozenset({"AA", "AE", "AP", "FM", "MH", "PW"})

POSTAL_STATES = tuple(sorted(STATE_ZONES.keys() | UNPLACED_STATES))


@cache
def state_evidence(state: str) -> Evidence:
    """Return every zone of a state, given by its two-letter postal code."""
    zones = STATE_ZONES.get(state)
    return UNKNOWN if zones is None else Evidence(zones=zones, states=(state,))
