"""When worlds begin: mostly in the week before clocks go forward, some around a new law's day."""

from datetime import UTC, datetime

from shared.testing.simulation import BEGINS

CITY_LAW_DAY = datetime(2026, 9, 1, tzinfo=UTC)
"""When New York City's amended rules take effect (6 RCNY 5-77)."""

_BEGINNINGS = (BEGINS, BEGINS, BEGINS, datetime(2026, 8, 30, tzinfo=UTC))


def begins(seed: int) -> datetime:
    """Return when the world of a seed begins."""
    return _BEGINNINGS[seed % len(_BEGINNINGS)]


def is_season_of_city_law(beginning: datetime) -> bool:
    """Tell whether the city's law begins while a world lasts, so that its people matter there."""
    return beginning != BEGINS
