"""The people of a world: where they are, how they can be reached, what they owe."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.kernel.records import record
from tests.simulation.beginnings import is_season_of_city_law
from tests.simulation.chance import Chance
from tests.unit.ledger.samples import party, row

OPENS_MINUTE, CLOSES_MINUTE = 480, 1260


@record
class Home:
    """Where somebody may live, and the zones that its address and its telephones point to."""

    state: str
    area_code: str
    zip_code: str
    city: str
    zones: tuple[str, ...]
    locality: str = ""
    """The city with laws of its own, if it is one."""


_EAST, _WEST = ("America/New_York",), ("America/Los_Angeles",)
NEW_YORK_CITY = (
    Home(
        state="NY",
        area_code="212",
        zip_code="10001",
        city="New York",
        zones=_EAST,
        locality="NYC",
    ),
    Home(
        state="NY",
        area_code="718",
        zip_code="11201",
        city="Brooklyn",
        zones=_EAST,
        locality="NYC",
    ),
)
QUIET = (
    NEW_YORK_CITY[0],
    Home(
        state="IL",
        area_code="217",
        zip_code="62701",
        city="Springfield",
        zones=("America/Chicago",),
    ),
    Home(state="CA", area_code="213", zip_code="90012", city="Los Angeles", zones=_WEST),
    Home(
        state="HI", area_code="808", zip_code="96813", city="Honolulu", zones=("Pacific/Honolulu",)
    ),
    Home(state="AZ", area_code="602", zip_code="85003", city="Phoenix", zones=("America/Phoenix",)),
)
"""Where no law but the federal one counts contacts, in spring at least."""

STRICT = (
    Home(state="MA", area_code="617", zip_code="02108", city="Boston", zones=_EAST),
    Home(state="DC", area_code="202", zip_code="20001", city="Washington", zones=_EAST),
    Home(state="WA", area_code="206", zip_code="98101", city="Seattle", zones=_WEST),
    Home(state="OR", area_code="503", zip_code="97201", city="Portland", zones=_WEST),
    Home(state="PA", area_code="215", zip_code="19102", city="Philadelphia", zones=_EAST),
    Home(state="WV", area_code="304", zip_code="25301", city="Charleston", zones=_EAST),
    Home(state="NV", area_code="702", zip_code="89101", city="Las Vegas", zones=_WEST),
    Home(state="NY", area_code="518", zip_code="12207", city="Albany", zones=_EAST),
    Home(state="TX", area_code="512", zip_code="78701", city="Austin", zones=("America/Chicago",)),
    Home(state="FL", area_code="305", zip_code="33101", city="Miami", zones=_EAST),
    Home(state="CO", area_code="303", zip_code="80202", city="Denver", zones=("America/Denver",)),
    Home(state="NC", area_code="919", zip_code="27601", city="Raleigh", zones=_EAST),
    Home(
        state="WI", area_code="414", zip_code="53202", city="Milwaukee", zones=("America/Chicago",)
    ),
    Home(state="MS", area_code="601", zip_code="39201", city="Jackson", zones=("America/Chicago",)),
    Home(state="CT", area_code="860", zip_code="06103", city="Hartford", zones=_EAST),
    *QUIET,
)


class Person:
    """One consumer as a client knows them before anything is placed."""

    phone: str
    telephones: Home

    def __init__(
        self,
        number: int,
        chance: Chance,
        begins: datetime,
        shares_with: "Person | None" = None,
        homes: tuple[Home, ...] = QUIET,
    ) -> None:
        self.number = number
        self.begins = begins
        self.reference = f"C-{number}"
        self.lives = chance.one_of(homes)
        telephones = self.lives if chance.happens(0.6) else chance.one_of(homes)
        self.telephones = telephones if shares_with is None else shares_with.telephones
        self.phone = f"+1{self.telephones.area_code}555{1000 + number}"
        if shares_with is not None:
            self.phone = shares_with.phone
        self.is_pursued = number == 0
        accounts = 1 if self.is_pursued else chance.one_of((1, 1, 2))
        self.account_numbers = [f"N-{number}-{index}" for index in range(accounts)]
        self.zones = sorted({*self.lives.zones, *self.telephones.zones})

    def rows(self, chance: Chance) -> list[dict[str, Any]]:
        """Return the placement rows of the person's accounts."""
        who = party(
            addresses=[self._address],
            phones=[{"number": self.phone, "label": "mobile"}],
            emails=[self._email("consumer_used", self.begins.date() - timedelta(days=91))],
        )
        return [
            row(account_number=each, customer_reference=self.reference, parties=[who])
            for each in self.account_numbers
        ]

    @property
    def _address(self) -> dict[str, Any]:
        return {
            "lines": ["12 Sample Street"],
            "city": self.lives.city,
            "state": self.lives.state,
            "zip": self.lives.zip_code,
            "country": "US",
        }

    def _email(self, procedure: str, given_on: date, **notice: str) -> dict[str, Any]:
        consent = {
            "procedure": procedure,
            "medium": "email",
            "given_on": given_on.isoformat(),
            **notice,
        }
        return {"address": f"person{self.number}@example.com", "consents": [consent]}

    def opens(self, day: date) -> datetime:
        """Return when it is first allowed everywhere the person may be."""
        return max(_at(zone, day, OPENS_MINUTE) for zone in self.zones)

    def closes(self, day: date) -> datetime:
        """Return when it ceases to be allowed somewhere the person may be."""
        return min(_at(zone, day, CLOSES_MINUTE) for zone in self.zones)


class Protected(Person):
    """One consumer whom more than the federal law on calls protects, with several ways to reach
    them, and another person on the account.
    """

    def __init__(
        self, number: int, chance: Chance, begins: datetime, homes: tuple[Home, ...] = ()
    ) -> None:
        is_in_city = is_season_of_city_law(begins) and chance.happens(0.6)
        wherever = NEW_YORK_CITY if is_in_city else STRICT
        super().__init__(number, chance, begins, homes=homes or wherever)
        self._numbers = {
            label: f"+1{self.telephones.area_code}555{2000 + 100 * nth + number}"
            for nth, label in enumerate(("home", "work", "other"))
        }

    def rows(self, chance: Chance) -> list[dict[str, Any]]:
        """Return the placement rows of the person's accounts."""
        return [self._row(each, chance) for each in self.account_numbers]

    def _row(self, account_number: str, chance: Chance) -> dict[str, Any]:
        return row(
            account_number=account_number,
            customer_reference=self.reference,
            parties=[self._consumer(chance), self._other(chance)],
            **self._debt(chance),
        )

    def _debt(self, chance: Chance) -> dict[str, Any]:
        kind = chance.one_of(
            ("personal_loan", "auto_loan", "medical", "credit_card", "student_loan")
        )
        debt = self._aged(chance.one_of((0.5, 1.5, 1.5, 2.99, 3.01, 5.99, 6.01, 16.0)))
        if chance.happens(0.7):
            debt["has_written_contract"] = True
        if chance.happens(0.1):
            debt["limitation_date"] = (self.begins + timedelta(days=4)).date().isoformat()
        if chance.happens(0.15):
            debt["judgment"] = {
                "date": (self.begins.date() - timedelta(days=40)).isoformat(),
                "amount": 10_000,
                "docket": f"CV-{self.number}",
            }
        return {**debt, "product_type": "tavern_bill" if chance.happens(0.03) else kind}

    def _aged(self, years_old: float) -> dict[str, Any]:
        due = self.begins.date() - timedelta(days=int(365.25 * years_old))
        return {
            "delinquency_date": due.isoformat(),
            "open_date": (due - timedelta(days=200)).isoformat(),
            "charge_off_date": (due + timedelta(days=100)).isoformat(),
            "itemization": {
                **row()["itemization"],
                "date": (due + timedelta(days=100)).isoformat(),
            },
        }

    def _consumer(self, chance: Chance) -> dict[str, Any]:
        email = self._consented(chance)
        return party(
            addresses=[self._address],
            phones=[
                {"number": self.phone, "label": "mobile"},
                {"number": self._numbers["home"], "label": self._residence(chance)},
                {"number": self._numbers["work"], "label": "work"},
            ],
            emails=[email, {**email, "address": f"work{self.number}@example.com", "label": "work"}],
        )

    def _consented(self, chance: Chance) -> dict[str, Any]:
        month_ago = self.begins.date() - timedelta(days=30)
        match chance.one_of(("direct",) * 6 + ("creditor", "creditor", "prior")):
            case "creditor":
                # Sent so that the least time to opt out ends while the world lasts.
                sent_days = chance.one_of((30, 33, 34, 35))
                return self._noticed(sent_days, chance.one_of((20, 35, 40)))
            case "prior":
                return self._email("prior_collector", month_ago)
        return self._email("direct_consent", month_ago)

    def _noticed(self, sent_days_ago: int, open_days: int) -> dict[str, Any]:
        sent = self.begins.date() - timedelta(days=sent_days_ago)
        return self._email(
            "creditor_notice",
            sent,
            notice_sent_on=sent.isoformat(),
            opt_out_by=(sent + timedelta(days=open_days)).isoformat(),
        )

    def _residence(self, chance: Chance) -> str:
        return chance.one_of(("home", "landline"))

    def _role_of_other(self, chance: Chance) -> str:
        return chance.one_of(("co_debtor", "guarantor", "other", "attorney"))

    def _other(self, chance: Chance) -> dict[str, Any]:
        return party(
            role=self._role_of_other(chance),
            first_name="Grace",
            addresses=[{**self._address, "lines": [f"{self.number + 1} Other Street"]}],
            phones=[{"number": self._numbers["other"], "label": "mobile"}],
            emails=[],
        )


@record
class Part:
    """Who somebody must be for a plot.

    `notice_days`: how long ago a creditor's notice was sent, and how long after one could opt out.
    """

    states: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    accounts: int = 1
    years_old: tuple[float, ...] = (0.5, 1.5)
    notice_days: tuple[int, int] | None = None

    @property
    def homes(self) -> tuple[Home, ...]:
        """Return where such a person may live."""
        return tuple(
            each
            for each in (*STRICT, *NEW_YORK_CITY)
            if each.state in self.states or each.locality in self.cities
        )


class Cast(Protected):
    """One consumer with a part to play: of whom nothing is left to chance that matters to it."""

    def __init__(self, number: int, chance: Chance, begins: datetime, part: Part) -> None:
        super().__init__(number, chance, begins, homes=part.homes)
        self._part = part
        self.account_numbers = [f"N-{number}-{index}" for index in range(part.accounts)]

    def _debt(self, chance: Chance) -> dict[str, Any]:
        debt = self._aged(chance.one_of(self._part.years_old))
        return {**debt, "has_written_contract": True, "product_type": "personal_loan"}

    def _consented(self, chance: Chance) -> dict[str, Any]:
        if self._part.notice_days is not None:
            return self._noticed(*self._part.notice_days)
        return self._email("direct_consent", self.begins.date() - timedelta(days=30))

    def _residence(self, chance: Chance) -> str:
        return "home"

    def _role_of_other(self, chance: Chance) -> str:
        return "other"


def _at(zone: str, day: date, minute: int) -> datetime:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall time
    return (midnight + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(zone))
