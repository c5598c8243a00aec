"""Makes `sample.csv`, the placement file that the repository ships: nobody in it exists.

Run `python -m services.command.demo.sample` to write it again; the same file comes out.
"""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from services.command.demo.almanac import STARTS
from services.command.demo.columns import NAMES, SAMPLE
from services.command.demo.draws import Draws, weighted
from services.command.demo.people import People

SEED = 1
ACCOUNTS = 120
SECOND_ACCOUNT_SHARE = 0.1
CREDITOR = "Pinehurst Receivables"
PRODUCTS = {
    "credit_card": ("First Larkholm Bank", 42),
    "medical": ("Fairmoor General Hospital", 18),
    "telecom": ("Tallowby Wireless", 14),
    "utility": ("Ridgeworth Power and Light", 10),
    "retail_card": ("Summerlin Stores", 10),
    "auto_loan": ("Glenmarsh Motor Finance", 6),
}
# Two states in each zone and some that span two, the far ones included.
STATES = tuple("NY FL GA OH PA VA TX IL TN MN CO AZ UT NM CA WA NV OR AK HI IN KY ND ID".split())
PREFIXES = {
    "NY": "112", "FL": "331", "GA": "303", "OH": "432", "PA": "191", "VA": "232", "TX": "782",
    "IL": "606", "TN": "372", "MN": "554", "CO": "802", "AZ": "850", "UT": "841", "NM": "871",
    "CA": "900", "WA": "981", "NV": "891", "OR": "972", "AK": "995", "HI": "968", "IN": "462",
    "KY": "402", "ND": "581", "ID": "837",
}  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    """Yield the lines of the sample, by column."""
    draws = Draws(SEED)
    people = People(draws, min(STARTS))
    reference = ""
    consumer: dict[str, Any] = {}
    for number in range(1, ACCOUNTS + 1):
        chance = draws.of("sample", number)
        if not consumer or chance.random() >= SECOND_ACCOUNT_SHARE:
            reference = f"P-{4000 + 7 * number}"
            state = chance.choice(STATES)
            consumer = people.consumer(reference, state, PREFIXES[state])
        yield _debt(chance, number) | {"customer_reference": reference} | _person(consumer)


def write(file: Path) -> None:
    """Write the sample."""
    with file.open("w", newline="", encoding="utf-8") as out:
        lines = csv.DictWriter(out, NAMES, restval="", lineterminator="\n")
        lines.writeheader()
        lines.writerows(rows())


def _debt(chance: Random, number: int) -> dict[str, Any]:
    product = weighted(chance, {name: weight for name, (_, weight) in PRODUCTS.items()})
    today = min(STARTS)
    then = today - timedelta(days=chance.randrange(30, 300))
    delinquent = then - timedelta(days=chance.randrange(90, 181))
    opened = delinquent - timedelta(days=chance.randrange(200, 1800))
    balance = chance.randrange(8_000, 900_000)
    interest = chance.randrange(0, balance // 20)
    fees = chance.choice((0, 0, 2_500, 3_500))
    payments = chance.choice((0, 0, 0, balance // 12))
    total = balance + interest + fees - payments
    return {
        "account_number": f"{4400 + number}-{chance.randrange(100_000, 999_999)}",
        "product_type": product,
        "original_creditor_name": PRODUCTS[product][0],
        "current_creditor_name": CREDITOR,
        "itemization_date": then,
        "itemization_type": "charge_off" if product == "credit_card" else "last_statement",
        "itemization_balance": _dollars(balance),
        "itemization_interest": _dollars(interest),
        "itemization_fees": _dollars(fees),
        "itemization_payments": _dollars(payments),
        "itemization_credits": _dollars(0),
        "principal": _dollars(total - interest - fees),
        "interest": _dollars(interest),
        "fees": _dollars(fees),
        "total_balance": _dollars(total),
        "delinquency_date": delinquent,
        "open_date": opened,
        "charge_off_date": then if product == "credit_card" else "",
        "last_payment_date": then + timedelta(days=10) if payments else _before(delinquent, opened),
        "last_payment_amount": _dollars(payments or balance // 50),
        "language": chance.choice(("en", "en", "en", "es")),
    }


def _person(consumer: dict[str, Any]) -> dict[str, Any]:
    (address,) = consumer["addresses"]
    line = {name: consumer[name] for name in ("first_name", "last_name", "date_of_birth")}
    line["street"] = address["lines"][0]
    line |= {name: address[name] for name in ("city", "state", "zip")}
    for prefix, phone in zip(("phone", "second_phone"), consumer["phones"], strict=False):
        line |= {prefix: phone["number"], f"{prefix}_label": phone["label"]}
    for email in consumer["emails"]:
        line |= {"email": email["address"], "email_label": email["label"]}
        for consent in email.get("consents", ()):
            named = {each: value for each, value in consent.items() if each != "medium"}
            line |= {f"email_{each}": value for each, value in named.items()}
    return line


def _before(delinquent: date, opened: date) -> date:
    return max(opened, delinquent - timedelta(days=25))


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


if __name__ == "__main__":
    write(SAMPLE)
