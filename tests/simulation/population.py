"""The people of a world: where they are, how they can be reached, what they owe."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation.chance import Chance
from tests.unit.ledger.samples import party, row

PLACES = {
    "NY": ("212", "10001", "New York", ("America/New_York",)),
    "IL": ("217", "62701", "Springfield", ("America/Chicago",)),
    "CA": ("213", "90012", "Los Angeles", ("America/Los_Angeles",)),
    "HI": ("808", "96813", "Honolulu", ("Pacific/Honolulu",)),
    "AZ": ("602", "85003", "Phoenix", ("America/Phoenix",)),
}
OPENS_MINUTE, CLOSES_MINUTE = 480, 1260


class Person:
    """One consumer as a client knows them before anything is placed."""

    telephones: str
    phone: str

    def __init__(self, number: int, chance: Chance, shares_with: "Person | None" = None) -> None:
        self.number = number
        self.reference = f"C-{number}"
        self.lives = chance.one_of(list(PLACES))
        telephones = self.lives if chance.happens(0.6) else chance.one_of(list(PLACES))
        self.telephones = telephones if shares_with is None else shares_with.telephones
        self.phone = f"+1{PLACES[self.telephones][0]}555{1000 + number}"
        if shares_with is not None:
            self.phone = shares_with.phone
        self.is_pursued = number == 0
        accounts = 1 if self.is_pursued else chance.one_of((1, 1, 2))
        self.account_numbers = [f"N-{number}-{index}" for index in range(accounts)]
        self.zones = sorted({*PLACES[self.lives][3], *PLACES[self.telephones][3]})

    def rows(self, chance: Chance) -> list[dict[str, Any]]:
        """Return the placement rows of the person's accounts."""
        _, zip_code, city, _ = PLACES[self.lives]
        who = party(
            addresses=[
                {
                    "lines": ["12 Sample Street"],
                    "city": city,
                    "state": self.lives,
                    "zip": zip_code,
                    "country": "US",
                }
            ],
            phones=[{"number": self.phone, "label": "mobile"}],
            emails=[
                {
                    "address": f"person{self.number}@example.com",
                    "consents": [
                        {"procedure": "consumer_used", "medium": "email", "given_on": "2025-12-01"}
                    ],
                }
            ],
        )
        return [
            row(account_number=each, customer_reference=self.reference, parties=[who])
            for each in self.account_numbers
        ]

    def opens(self, day: date) -> datetime:
        """Return when it is first allowed everywhere the person may be."""
        return max(_at(zone, day, OPENS_MINUTE) for zone in self.zones)

    def closes(self, day: date) -> datetime:
        """Return when it ceases to be allowed somewhere the person may be."""
        return min(_at(zone, day, CLOSES_MINUTE) for zone in self.zones)


def _at(zone: str, day: date, minute: int) -> datetime:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall time
    return (midnight + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(zone))
