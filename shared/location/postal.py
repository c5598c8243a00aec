"""Where a postal address is, by ZIP code and state.

A ZIP code's zone is *certain* when all ZIP codes that share its first three digits or its county,
within the state, keep one clock, and the prefix is not listed as doubtful. Otherwise the address
is held to every zone of its state: zone lines follow counties, ZIP codes do not, and public
tables contradict each other along those lines.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import cache
from typing import Any

import zipcodes

from shared.location.evidence import UNKNOWN, Evidence, either
from shared.location.localities import located_by_zip
from shared.location.states import STATE_ZONES, state_evidence
from shared.location.zones import clock, stated_zone

_PREFIX_LENGTH = 3

# Whole regions on which two public ZIP tables contradict each other: western Kentucky, and north-
# western and south-western Indiana.
_DOUBTFUL_PREFIXES = frozenset("420 421 422 423 424 425 426 427 463 464 475 476 477".split())

# Legal or customary clocks that the table misses: West Wendover, Nevada (64 FR 56705) and its
# neighbors on Mountain time; the Alabama towns that live by Columbus, Georgia; Kenton, Oklahoma.
_ALSO_OBSERVED = {
    "36851": "America/New_York",
    "36854": "America/New_York",
    "36856": "America/New_York",
    "36858": "America/New_York",
    "36859": "America/New_York",
    "36863": "America/New_York",
    "36867": "America/New_York",
    "36868": "America/New_York",
    "36869": "America/New_York",
    "36870": "America/New_York",
    "36871": "America/New_York",
    "36874": "America/New_York",
    "36877": "America/New_York",
    "73946": "America/Denver",
    "89825": "America/Denver",
    "89831": "America/Denver",
    "89832": "America/Denver",
    "89883": "America/Denver",
}


class ZipTable:
    """Evidence by ZIP code, from rows as the package has them (`zip_code`, `state`, …)."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        clocks: dict[tuple[str, str], set[object]] = {}
        for row in rows:
            for neighborhood in _neighborhoods(row):
                clocks.setdefault(neighborhood, set()).update(map(clock, _usable_zones(row)))
        shared = {neighborhood for neighborhood, found in clocks.items() if len(found) > 1}
        self._evidence = {row["zip_code"]: _evidence_of(row, shared) for row in rows}
        self._prefixes = {(row["zip_code"][:_PREFIX_LENGTH], row["state"]) for row in rows}

    def evidence(self, zip5: str, state: str | None) -> Evidence:
        """Return what ZIP code and state together indicate."""
        found = self._evidence.get(zip5)
        if state is None:
            return found or UNKNOWN
        stated = state_evidence(state)
        if found is None:
            return stated if (zip5[:_PREFIX_LENGTH], state) in self._prefixes else UNKNOWN
        return found if found.states == stated.states else either(found, stated)


def postal_evidence(zip5: str, state: str | None = None) -> Evidence:
    """Return the zones and states of an address.

    When ZIP code and state contradict each other the address may be in either. A ZIP code that is
    not listed, or listed without a usable zone, is held to its state if the state uses its first
    three digits; otherwise the place is unknown.
    """
    if len(zip5) != 5 or not zip5.isascii() or not zip5.isdigit():
        return UNKNOWN
    return located_by_zip(_table().evidence(zip5, state), zip5)


def preload() -> None:
    """Read the ZIP table now (about a second), so that no request has to."""
    _table()


@cache
def _table() -> ZipTable:
    list_all: Callable[[], list[dict[str, Any]]] = zipcodes.list_all  # untyped in the package
    return ZipTable(list_all())


def _evidence_of(row: Mapping[str, Any], shared: Set[tuple[str, str]]) -> Evidence:
    zones = _usable_zones(row)
    is_certain = (
        bool(zones)
        and row["zip_code"][:_PREFIX_LENGTH] not in _DOUBTFUL_PREFIXES
        and shared.isdisjoint(_neighborhoods(row))
    )
    held = zones if is_certain else zones.union(STATE_ZONES.get(row["state"], ()))
    return _indicating(held, row["state"])


@cache
def _indicating(zones: frozenset[str], state: str) -> Evidence:
    return Evidence(zones=tuple(sorted(zones)), states=(state,)) if zones else UNKNOWN


def _usable_zones(row: Mapping[str, Any]) -> frozenset[str]:
    """Return the row's zones, if its state has such a zone; blanks and junk do not pass."""
    zone = stated_zone(row["timezone"] or "")
    if zone is None or zone not in STATE_ZONES.get(row["state"], ()):
        return frozenset()
    also = _ALSO_OBSERVED.get(row["zip_code"])
    return frozenset({zone} if also is None else {zone, also})


def _neighborhoods(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    state = row["state"]
    prefix = (state, row["zip_code"][:_PREFIX_LENGTH])
    county = (row["county"] or "").replace(" ", "").casefold()  # the table writes some in two ways
    return (prefix, (state, county)) if county else (prefix,)
