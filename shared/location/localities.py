"""Cities with rules of their own, told by ZIP code and area code.

A locality stands beside its state in the evidence, and the rules of both are asked. ZIP codes that
a city shares with its neighbors are counted to the city: those of New York City by its eastern
line, those of the others wherever the Postal Service takes the city's name for the place's.
"""

from shared.kernel.records import record, replace
from shared.location.evidence import Evidence

_PREFIX_LENGTH = 3


@record
class City:
    """A city by its code, and what shows that somebody may be there.

    `area_codes` are those that serve the city and nothing else; a city without such a one is told
    by ZIP code only.
    """

    code: str
    state: str
    zip_prefixes: frozenset[str] = frozenset()
    zip_codes: frozenset[str] = frozenset()
    area_codes: frozenset[str] = frozenset()


CITIES = (
    City(
        code="NYC",
        state="NY",
        # Manhattan, Staten Island, the Bronx; Queens; Brooklyn. USPS, L002 three-digit prefixes.
        zip_prefixes=frozenset("100 101 102 103 104 111 112 113 114 116".split()),
        # Queens by its eastern line, whose prefix is otherwise Nassau County's.
        zip_codes=frozenset("11001 11004 11005 11040".split()),
        # Numbering plan administrator, 2026-01-05.
        area_codes=frozenset("212 332 347 465 646 718 917 929".split()),
    ),
    City(
        code="CHI",
        state="IL",
        zip_prefixes=frozenset({"606"}),
        zip_codes=frozenset("60290 60701 60706 60707 60803 60804 60805 60827".split()),
        area_codes=frozenset("312 773 872".split()),
    ),
    City(code="BUF", state="NY", zip_prefixes=frozenset({"142"})),
    City(
        code="YON",
        state="NY",
        zip_codes=frozenset("10701 10702 10703 10704 10705 10706 10707 10708 10709 10710".split()),
    ),
)


def located_by_zip(evidence: Evidence, zip5: str) -> Evidence:
    """Add the city that a ZIP code lies in to evidence of its state."""
    prefix = zip5[:_PREFIX_LENGTH]
    for city in CITIES:
        if prefix in city.zip_prefixes or zip5 in city.zip_codes:
            return _in_city(evidence, city)
    return evidence


def located_by_area_code(evidence: Evidence, area_code: str) -> Evidence:
    """Add the city that an area code serves to evidence of its state."""
    for city in CITIES:
        if area_code in city.area_codes:
            return _in_city(evidence, city)
    return evidence


def _in_city(evidence: Evidence, city: City) -> Evidence:
    if city.state not in evidence.states:
        return evidence
    return replace(evidence, localities=(city.code,))
