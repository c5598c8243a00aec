"""What the fields of a row must satisfy together: sums, the order of dates, who is named how.

It reads the row as it was sent and skips what is malformed by itself, so that one answer names
every failing field and not only those of the first kind of check.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from services.ledger.placements.domain import FieldError
from services.ledger.placements.rows.schema import BUCKETS, OWING
from shared.contactpoints.postal import ZIP_PATTERN
from shared.contactpoints.problem import FieldProblem
from shared.http.field_times import read_date
from shared.kernel.money import AMOUNT_LIMIT
from shared.location.states import POSTAL_STATES

AGE_YEARS_MAX = 130
NAME_PARTS = ("first_name", "middle_name", "last_name", "suffix")
PAST_DATES = (
    "delinquency_date",
    "open_date",
    "charge_off_date",
    "last_payment_date",
    "last_charge_date",
)
ORDER = (
    ("open_date", "delinquency_date"),
    ("open_date", "due_date"),
    ("open_date", "charge_off_date"),
    ("open_date", "last_payment_date"),
    ("open_date", "last_charge_date"),
    ("delinquency_date", "charge_off_date"),
)
CONSENT_MEDIA = {"phones": ("call", "text"), "emails": ("email",)}

_ZIP = re.compile(ZIP_PATTERN)


def relations(row: dict[str, Any], today: date) -> Iterator[FieldError]:
    """Find every relation that does not hold."""
    yield from _sums(row)
    yield from _dates(row, today)
    yield from _itemization(row, today)
    yield from _items(row)
    yield from _parties(row, today)


def _sums(row: dict[str, Any]) -> Iterator[FieldError]:
    amounts = {
        bucket: _amount(row.get(bucket))
        for bucket in BUCKETS
        if bucket in row or bucket == "principal"
    }
    total = _amount(row.get("total_balance"))
    if total is None or None in amounts.values():
        return
    if sum(amount for amount in amounts.values() if amount is not None) != total:
        detail = "the buckets must add up to total_balance exactly"
        for field in ("total_balance", *amounts):
            yield FieldError(pointer=f"/{field}", code="amount-mismatch", detail=detail)


def _itemization(row: dict[str, Any], today: date) -> Iterator[FieldError]:
    itemization = _object(row.get("itemization"))
    day = _day(itemization, "date")
    if day is not None and day > today:
        yield _error("/itemization/date", "date-order", "must not be after the placement")
    sources = {
        "charge_off": ("charge_off_date", _day(row, "charge_off_date")),
        "judgment": ("judgment/date", _day(_object(row.get("judgment")), "date")),
    }
    kind = itemization.get("type")
    if isinstance(kind, str) and kind in sources:
        field, expected = sources[kind]
        if None not in (day, expected) and day != expected:
            yield _error("/itemization/date", "date-mismatch", f"must equal /{field}")
    if kind == "judgment" and row.get("judgment") is None:
        yield _error("/judgment", "missing", "is required when the itemization is by judgment")
    yield from _itemized_sum(row, itemization)


def _itemized_sum(row: dict[str, Any], itemization: dict[str, Any]) -> Iterator[FieldError]:
    fields = ("balance", "interest", "fees", "payments", "credits")
    then, interest, fees, payments, credits = (_amount(itemization.get(field)) for field in fields)
    total = _amount(row.get("total_balance"))
    if (
        then is None
        or interest is None
        or fees is None
        or payments is None
        or credits is None
        or total is None
    ):
        return
    if then + interest + fees - payments - credits != total:
        detail = "balance + interest + fees - payments - credits must be total_balance exactly"
        yield _error("/itemization/balance", "amount-mismatch", detail)
        yield _error("/total_balance", "amount-mismatch", detail)


def _dates(row: dict[str, Any], today: date) -> Iterator[FieldError]:
    for field in PAST_DATES:
        yield from _not_future(row, field, "", today)
    for parent, field in (("judgment", "date"), ("medical", "service_date")):
        yield from _not_future(_object(row.get(parent)), field, f"/{parent}", today)
    for earlier, later in ORDER:
        first, second = _day(row, earlier), _day(row, later)
        if first is not None and second is not None and second < first:
            yield _error(f"/{later}", "date-order", f"must not be before {earlier}")
    recall = _day(row, "recall_date")
    if recall is not None and recall < today:
        yield _error("/recall_date", "date-range", "must not be in the past")
    for event in ("charge_off", "last_payment"):
        if row.get(f"{event}_amount") is not None and row.get(f"{event}_date") is None:
            yield _error(f"/{event}_date", "missing", f"is required with {event}_amount")


def _items(row: dict[str, Any]) -> Iterator[FieldError]:
    for field in ("special_flags", "media"):
        items = [item for item in _list(row.get(field)) if isinstance(item, str)]
        if len(set(items)) < len(items):
            yield _error(f"/{field}", "duplicate-item", "names the same thing twice")


def _parties(row: dict[str, Any], today: date) -> Iterator[FieldError]:
    parties = [_object(party) for party in _list(row.get("parties"))]
    if parties and sum(party.get("role") == "consumer" for party in parties) != 1:
        yield _error("/parties", "party-role", "exactly one party has the role consumer")
    for index, party in enumerate(parties):
        at = f"/parties/{index}"
        yield from _name(party, at)
        if party.get("role") == "consumer" and party.get("relation") is not None:
            yield _error(
                f"{at}/relation", "party-relation", "the consumer is not related to itself"
            )
        yield from _birth(party, at, today)
        if party.get("role") == "consumer" and not party.get("addresses"):
            yield _error(f"{at}/addresses", "missing", "the consumer needs an address")
        for number, address in enumerate(_list(party.get("addresses"))):
            yield from _address(_object(address), f"{at}/addresses/{number}", today)
        for kind in CONSENT_MEDIA:
            for number, point in enumerate(_list(party.get(kind))):
                yield from _point(_object(point), f"{at}/{kind}/{number}", kind, today)


def _name(party: dict[str, Any], at: str) -> Iterator[FieldError]:
    ways = [
        any(party.get(part) is not None for part in ("first_name", "last_name")),
        party.get("full_name") is not None,
        party.get("company") is not None,
    ]
    if not any(ways):
        yield _error(at, "name-missing", "give first_name or last_name, or full_name, or company")
    elif sum(ways) > 1:
        yield _error(at, "name-ambiguous", "give parts of a name, or full_name, or company")
    if party.get("company") is not None and party.get("role") in OWING[:2]:
        yield _error(f"{at}/company", "natural-person", "a consumer is a natural person")


def _birth(party: dict[str, Any], at: str, today: date) -> Iterator[FieldError]:
    born = _day(party, "date_of_birth")
    if born is not None and not 0 <= today.year - born.year < AGE_YEARS_MAX:
        detail = f"must be in the past, by less than {AGE_YEARS_MAX} years"
        yield _error(f"{at}/date_of_birth", "date-range", detail)
    elif born is not None and born > today:
        yield _error(f"{at}/date_of_birth", "date-range", "must not be in the future")


def _address(address: dict[str, Any], at: str, today: date) -> Iterator[FieldError]:
    yield from _not_future(address, "obtained_on", at, today)
    if address.get("country") != "US":
        return
    for field, code, is_right, detail in (
        (
            "state",
            "state",
            POSTAL_STATES.__contains__,
            "give the two capital letters of a US state",
        ),
        ("zip", "zip-code", _ZIP.fullmatch, "give 12345 or 12345-6789 as text"),
    ):
        value = address.get(field)
        if value is None:
            yield _error(f"{at}/{field}", "missing", "is required in the United States")
        elif isinstance(value, str) and not is_right(value):
            yield _error(f"{at}/{field}", code, detail)


def _point(point: dict[str, Any], at: str, kind: str, today: date) -> Iterator[FieldError]:
    yield from _not_future(point, "obtained_on", at, today)
    for number, item in enumerate(_list(point.get("consents"))):
        consent = _object(item)
        here = f"{at}/consents/{number}"
        yield from _not_future(consent, "given_on", here, today)
        yield from _not_future(consent, "notice_sent_on", here, today)
        medium = consent.get("medium")
        if isinstance(medium, str) and medium not in CONSENT_MEDIA[kind]:
            yield _error(f"{here}/medium", "consent-medium", "does not fit the contact point")
        yield from _notice(consent, here)


def _notice(consent: dict[str, Any], at: str) -> Iterator[FieldError]:
    if consent.get("procedure") == "creditor_notice":
        for field in ("notice_sent_on", "opt_out_by"):
            if consent.get(field) is None:
                yield _error(f"{at}/{field}", "missing", "is required with creditor_notice")
    sent, deadline = _day(consent, "notice_sent_on"), _day(consent, "opt_out_by")
    if sent is not None and deadline is not None and deadline <= sent:
        yield _error(f"{at}/opt_out_by", "date-order", "must be after notice_sent_on")


def _not_future(holder: dict[str, Any], field: str, at: str, today: date) -> Iterator[FieldError]:
    day = _day(holder, field)
    if day is not None and day > today:
        yield _error(f"{at}/{field}", "date-range", "must not be in the future")


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)


def _day(holder: dict[str, Any], field: str) -> date | None:
    try:
        return read_date(holder.get(field))
    except FieldProblem:
        return None  # the schema names it


def _amount(value: object) -> int | None:
    if type(value) is int and 0 <= value < AMOUNT_LIMIT:
        return value
    return None  # the schema names it


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
