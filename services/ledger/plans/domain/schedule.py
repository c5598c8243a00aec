"""When an instalment falls due and when it counts as missed, as instants.

A date begins and ends at another instant in every zone. Nobody is told that an instalment is due,
or missed, before that is true in every zone the consumer may be in, so the westernmost decides.
"""

from datetime import UTC, date, datetime, time, timedelta

from shared.location.zones import load

# Policy: an instalment may arrive this many whole days after its due date without being missed.
GRACE_DAYS = 3

# Where no zone is known: the last place in the United States where a day ends.
WESTERNMOST_ZONE = "Pacific/Pago_Pago"


def due_at(due_date: date, zones: tuple[str, ...]) -> datetime:
    """Return the instant from which the due date has begun everywhere it may be."""
    return _begins(due_date, zones)


def missed_at(due_date: date, zones: tuple[str, ...]) -> datetime:
    """Return the instant at which the due date and the days of grace are over everywhere."""
    return _begins(due_date + timedelta(days=1 + GRACE_DAYS), zones)


def earliest_today(now: datetime, zones: tuple[str, ...]) -> date:
    """Return the earliest date that it may be for the consumer."""
    return min(now.astimezone(load(zone)).date() for zone in _known(zones))


def _begins(day: date, zones: tuple[str, ...]) -> datetime:
    return max(
        datetime.combine(day, time(), tzinfo=load(zone)).astimezone(UTC) for zone in _known(zones)
    )


def _known(zones: tuple[str, ...]) -> tuple[str, ...]:
    return zones or (WESTERNMOST_ZONE,)
