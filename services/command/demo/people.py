"""Makes up what a file lacks: names, addresses that exist, telephone numbers that ring nowhere.

Numbers are 555-0100 to 555-0199 of the area codes of the place, which no telephone company gives
out, and nobody shares one: an opt-out of a number binds whoever uses it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from itertools import cycle
from random import Random
from typing import Any

import zipcodes

from services.command.demo.draws import Draws, weighted
from services.command.demo.names import FIRST_NAMES, LAST_NAMES, STREET_KINDS, STREETS
from shared.location.area_codes import AREA_CODE_STATES

FICTITIOUS = tuple(f"555{number:04}" for number in range(100, 200))
TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
MAIL_DOMAINS = ("example.com", "example.org", "example.net")
PHONE_LABELS = {"mobile": 62, "landline": 12, "home": 14, "unknown": 12}
CONSENTS = {
    "consumer_used": 34,
    "creditor_notice": 18,
    "creditor_notice_running": 22,
    "prior_collector": 6,
    "direct_consent": 8,
    "none": 12,
}
OPT_OUT_DAYS = 35
_NO_PLACE: dict[str, Any] = {"city": "Springfield", "area_codes": []}


class People:
    """Makes up people, the same ones for the same seed and order."""

    def __init__(self, draws: Draws, today: date) -> None:
        self._draws = draws
        self._today = today
        self._numbers: dict[str, Iterator[str]] = defaultdict(lambda: iter(FICTITIOUS))
        self._turn: dict[str, Iterator[str]] = {}

    def consumer(self, reference: str, state: str, prefix: str) -> dict[str, Any]:
        """Make up the consumer of a reference, at home in a state where ZIP codes begin so."""
        chance = self._draws.of("person", reference)
        place = _place(chance, state, prefix)
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        born = self._today - timedelta(days=chance.randrange(22 * 365, 78 * 365))
        return {
            "role": "consumer",
            "first_name": first,
            "last_name": last,
            "date_of_birth": born.isoformat(),
            "addresses": [_address(chance, place, state)],
            "phones": self._phones(chance, place, state),
            "emails": self._emails(chance, f"{first}.{last}.{reference}"),
        }

    def _phones(self, chance: Random, place: dict[str, Any], state: str) -> list[dict[str, Any]]:
        kind = weighted(chance, {"one": 70, "two": 22, "toll-free": 1, "none": 7})
        if kind == "none":
            return []
        if kind == "toll-free":
            return [{"number": self._free_number(TOLL_FREE), "label": "unknown"}]
        codes = [code for code in place["area_codes"] if AREA_CODE_STATES.get(code) == state]
        phones = [{"number": self._number(codes, state), "label": weighted(chance, PHONE_LABELS)}]
        if kind == "two":
            elsewhere = chance.choice(sorted(set(AREA_CODE_STATES.values())))
            moved = chance.random() < 0.2
            number = self._number([], elsewhere if moved else state)
            phones.append({"number": number, "label": "work" if not moved else "mobile"})
        return phones

    def _number(self, preferred: list[str], state: str) -> str:
        for code in preferred:
            number = next(self._numbers[code], None)
            if number is not None:
                return f"+1{code}{number}"
        if state not in self._turn:
            self._turn[state] = cycle(_area_codes(state))
        turn = self._turn[state]
        return self._free_number(tuple(next(turn) for _ in _area_codes(state)))

    def _free_number(self, codes: tuple[str, ...]) -> str:
        for code in codes:
            number = next(self._numbers[code], None)
            if number is not None:
                return f"+1{code}{number}"
        raise NumbersExhausted(f"No fictitious number is left in {', '.join(codes)}.")

    def _emails(self, chance: Random, local_part: str) -> list[dict[str, Any]]:
        if chance.random() < 0.1:
            return []
        domain = chance.choice(MAIL_DOMAINS)
        email: dict[str, Any] = {
            "address": f"{local_part.lower()}@{domain}",
            "label": "work" if chance.random() < 0.08 else "personal",
        }
        procedure = weighted(chance, CONSENTS)
        if procedure != "none":
            email["consents"] = [self._consent(chance, procedure)]
        return [email]

    def _consent(self, chance: Random, procedure: str) -> dict[str, Any]:
        if not procedure.startswith("creditor_notice"):
            given = self._today - timedelta(days=chance.randrange(90, 900))
            return {"procedure": procedure, "medium": "email", "given_on": given.isoformat()}
        # A running notice ends some time within the four weeks that are played.
        running = procedure.endswith("_running")
        days = chance.randrange(10, OPT_OUT_DAYS) if running else chance.randrange(50, 200)
        sent = self._today - timedelta(days=days)
        return {
            "procedure": "creditor_notice",
            "medium": "email",
            "given_on": sent.isoformat(),
            "notice_sent_on": sent.isoformat(),
            "opt_out_by": (sent + timedelta(days=OPT_OUT_DAYS)).isoformat(),
        }


class NumbersExhausted(Exception):
    """There are more people than telephone numbers that ring nowhere."""


def _address(chance: Random, place: dict[str, Any], state: str) -> dict[str, Any]:
    street = f"{chance.choice(STREETS)} {chance.choice(STREET_KINDS)}"
    return {
        "lines": [f"{chance.randrange(1, 9900)} {street}"],
        "city": place["city"],
        "state": state,
        "zip": place["zip_code"],
        "country": "US",
        "label": "home",
    }


def _place(chance: Random, state: str, prefix: str) -> dict[str, Any]:
    """Return a ZIP code of the prefix, in the state if the two fit together."""
    places = _places()
    found = places.get((prefix, state)) or places.get((prefix, ""))
    if found is None:
        return _NO_PLACE | {"zip_code": f"{prefix}01"}
    return chance.choice(found)


@cache
def _places() -> dict[tuple[str, str], list[dict[str, Any]]]:
    list_all: Callable[[], list[dict[str, Any]]] = zipcodes.list_all  # untyped in the package
    places: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in list_all():
        if row["active"] and row["zip_code_type"] == "STANDARD":
            prefix = row["zip_code"][:3]
            places[prefix, row["state"]].append(row)
            places[prefix, ""].append(row)
    return dict(places)


@cache
def _area_codes(state: str) -> tuple[str, ...]:
    return tuple(code for code, where in AREA_CODE_STATES.items() if where == state)
