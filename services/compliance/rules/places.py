"""Places: where a contact point leads, and the time zones of states.

A state that spans two zones is ambiguous, and every one of them counts. Where only a state is
known, contact must suit all of it. An unknown state says nothing.
"""

from typing import Literal

Place = Literal["home", "mobile", "work", "elsewhere"]

_HOME_LABELS = frozenset({"home", "landline", "home_landline", "residential", "mailing"})

STATE_ZONES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        "CT DC DE GA ME MD MA NH NJ NY NC OH PA RI SC VT VA WV".split(), ("America/New_York",)
    ),
    **dict.fromkeys("NYC BUF YON".split(), ("America/New_York",)),
    "CHI": ("America/Chicago",),
    **dict.fromkeys("AL AR IL IA LA MN MS MO OK WI".split(), ("America/Chicago",)),
    **dict.fromkeys("CO MT NM UT WY".split(), ("America/Denver",)),
    **dict.fromkeys("CA WA".split(), ("America/Los_Angeles",)),
    **dict.fromkeys("FL".split(), ("America/New_York", "America/Chicago")),
    "MI": ("America/Detroit", "America/Menominee"),
    "IN": ("America/Indiana/Indianapolis", "America/Chicago"),
    "KY": ("America/Kentucky/Louisville", "America/Chicago"),
    "TN": ("America/New_York", "America/Chicago"),
    "KS": ("America/Chicago", "America/Denver"),
    "NE": ("America/Chicago", "America/Denver"),
    "ND": ("America/Chicago", "America/Denver"),
    "SD": ("America/Chicago", "America/Denver"),
    "TX": ("America/Chicago", "America/Denver"),
    "ID": ("America/Boise", "America/Los_Angeles"),
    "OR": ("America/Los_Angeles", "America/Boise"),
    "NV": ("America/Los_Angeles", "America/Denver"),
    "AZ": ("America/Phoenix", "America/Denver"),  # the Navajo Nation keeps daylight time
    "AK": ("America/Anchorage", "America/Adak", "America/Metlakatla"),
    "HI": ("Pacific/Honolulu",),
    "PR": ("America/Puerto_Rico",),
    "VI": ("America/St_Thomas",),
    "GU": ("Pacific/Guam",),
    "MP": ("Pacific/Guam",),
    "AS": ("Pacific/Pago_Pago",),
}


TRIAL = "XX"
"""A code that ISO 3166 leaves to its users and that no state has: where packs are tried out."""


def is_known(jurisdiction: str) -> bool:
    """Tell whether that is a state, a territory or a city that there is, or the one for trials."""
    return jurisdiction in STATE_ZONES or jurisdiction == TRIAL


def zones_of_state(state: str) -> tuple[str, ...]:
    """Return every zone of a state by its postal code; none when unknown."""
    return STATE_ZONES.get(state.strip().upper(), ())


def place_of(label: str) -> Place:
    """Return where a contact point of that label leads; what nobody has named may be anywhere."""
    if label in ("mobile", "work"):
        return label  # type: ignore[return-value]
    return "home" if label in _HOME_LABELS else "elsewhere"
