"""Cities with contact rules of their own, told by ZIP code and area code: New York City so far.

A locality stands beside its state in the evidence, and the rules of both are asked. ZIP codes that
the city shares with Nassau County are counted to the city.
"""

from shared.kernel.records import replace
from shared.location.evidence import Evidence

NEW_YORK_CITY = "NYC"

# Manhattan, Staten Island, the Bronx; Queens; Brooklyn. USPS, L002 three-digit prefixes.
_ZIP_PREFIXES = frozenset("100 101 102 103 104 111 112 113 114 116".split())
# Queens by its eastern line, whose prefix is otherwise Nassau County's.
_ZIP_CODES = frozenset("11001 11004 11005 11040".split())

AREA_CODES = frozenset("212 332 347 465 646 718 917 929".split())
"""All that serve the city and nothing else (numbering plan administrator, 2026-01-05)."""

_PREFIX_LENGTH = 3


def located_by_zip(evidence: Evidence, zip5: str) -> Evidence:
    """Add the city that a ZIP code lies in to evidence of its state."""
    is_in_city = zip5[:_PREFIX_LENGTH] in _ZIP_PREFIXES or zip5 in _ZIP_CODES
    return _in_new_york_city(evidence) if is_in_city else evidence


def located_by_area_code(evidence: Evidence, area_code: str) -> Evidence:
    """Add the city that an area code serves to evidence of its state."""
    return _in_new_york_city(evidence) if area_code in AREA_CODES else evidence


def _in_new_york_city(evidence: Evidence) -> Evidence:
    if "NY" not in evidence.states:
        return evidence
    return replace(evidence, localities=(NEW_YORK_CITY,))
