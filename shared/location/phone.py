"""Where a telephone number was issued, by exchange (the first six digits after +1).

The package's table has rows by exchange, by ten or a hundred exchanges and by area code, and the
longest that fits is its answer. Only a row for the exchange itself is believed here. The others
generalize: 423 means Chicago to it, and 850-68x too, where 850-681 is in Tallahassee. They only
add to the zones that the numbering plan gives the area code.
"""

from functools import cache, lru_cache

from phonenumbers.tzdata import TIMEZONE_DATA

from shared.location.area_codes import AREA_CODE_STATES, area_code_zones
from shared.location.evidence import UNKNOWN, Evidence
from shared.location.localities import located_by_area_code
from shared.location.zones import US_ZONES, canonical, clock

_EXCHANGE_LENGTH = len("+1212555")
_AREA_CODE_LENGTH = len("1212")


def phone_evidence(e164: str) -> Evidence:
    """Return the zones and the state of a number in E.164 form.

    A foreign, toll-free, premium or otherwise non-geographic number indicates no place. It is
    evidence, not proof: a mobile number says where it was issued, not where its owner went.
    """
    if len(e164) != len("+12125550100") or not e164.startswith("+1"):
        return UNKNOWN
    # Only the exchange is kept in the cache: it belongs to thousands, a whole number to a person.
    return _exchange_evidence(e164[1:_EXCHANGE_LENGTH])


@lru_cache(maxsize=16_384)
def _exchange_evidence(exchange: str) -> Evidence:
    area_code = exchange[1:_AREA_CODE_LENGTH]
    if area_code not in AREA_CODE_STATES:
        return UNKNOWN
    plausible = set(area_code_zones(area_code))
    zones = _usable_zones(exchange)
    if not zones:
        zones = plausible | _all_listed_zones().get(area_code, set())
    elif not {clock(zone) for zone in zones} <= {clock(zone) for zone in plausible}:
        zones = plausible | zones  # the two sources contradict each other, so hold both
    found = Evidence(zones=tuple(sorted(zones)), states=(AREA_CODE_STATES[area_code],))
    return located_by_area_code(found, area_code)


@cache
def _all_listed_zones() -> dict[str, set[str]]:
    """Return all zones that any row of the table gives for each area code."""
    found: dict[str, set[str]] = {}
    for prefix in TIMEZONE_DATA:
        if prefix.startswith("1") and len(prefix) >= _AREA_CODE_LENGTH:
            found.setdefault(prefix[1:_AREA_CODE_LENGTH], set()).update(_usable_zones(prefix))
    return found


def _usable_zones(prefix: str) -> set[str]:
    return {canonical(zone) for zone in TIMEZONE_DATA.get(prefix, ())} & US_ZONES
