"""What a question about an act says that cannot be: accounts, amounts and dates that do not fit.

Rules judge acts that are possible. What is not is refused before them, so that no record says that
it was cleared.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from services.compliance.permits.clearance_bodies import (
    AddChargeBody,
    AllocatePaymentBody,
    AllocationBody,
    ClearanceBody,
    DepositInstrumentBody,
    PurgeBody,
)
from shared.http.problem import FieldError, Problem

YEARS_AHEAD_MAX = 50
"""No date of an act lies further ahead: longer than any loan runs."""

RATE_BASIS_POINTS_MAX = 1_000_000
"""Ten thousand percent a year: whoever gives more counts in another unit."""

_FIRST_DATE = timedelta(hours=14)
"""Where it is tomorrow first, it is this far ahead of UTC."""


def refuse_impossible(body: ClearanceBody, now: datetime) -> None:
    """See that what is asked can be meant.

    Raises:
        Problem: 422 with a pointer and a fix for each thing that cannot.
    """
    errors = list(_faults(body, (now + _FIRST_DATE).date()))
    if errors:
        raise Problem("validation-failed", errors=errors)


def _faults(body: ClearanceBody, today: date) -> Iterator[FieldError]:
    yield from _repeated(body.account_ids, lambda index: f"/account_ids/{index}")
    match body.act:
        case AllocatePaymentBody() as payment:
            yield from _of_payment(payment, frozenset(body.account_ids))
        case DepositInstrumentBody() as deposit:
            yield from _of_dates(
                {"received_on": deposit.received_on, "notice_sent_on": deposit.notice_sent_on},
                {"dated_on": deposit.dated_on, "deposit_on": deposit.deposit_on},
                today,
            )
            if deposit.deposit_on < deposit.received_on:
                yield _error("/act/deposit_on", "date-order", "give no day before received_on")
        case AddChargeBody() as charge:
            yield from _of_dates({"from_on": charge.from_on}, {"until_on": charge.until_on}, today)
            if charge.from_on and charge.until_on and charge.until_on < charge.from_on:
                yield _error("/act/until_on", "date-order", "give no day before from_on")
            if (charge.rate_basis_points or 0) > RATE_BASIS_POINTS_MAX:
                fix = f"give basis points a year (1 % is 100), at most {RATE_BASIS_POINTS_MAX}"
                yield _error("/act/rate_basis_points", "number-range", fix)
        case PurgeBody() as purge:
            past = {"recorded_on": purge.recorded_on, "last_activity_on": purge.last_activity_on}
            yield from _of_dates(past, {}, today)
        case _:
            pass


def _of_payment(payment: AllocatePaymentBody, named: frozenset[str]) -> Iterator[FieldError]:
    for field, parts in (("allocations", payment.allocations), ("directed", payment.directed)):
        yield from _of_parts(field, parts, named)
    allocated, directed = _total(payment.allocations), _total(payment.directed)
    if payment.amount is not None and allocated != payment.amount:
        yield _error("/act/allocations", "amount-mismatch", "let the amounts add up to act.amount")
    if directed > allocated:
        fix = "let the amounts add up to no more than those of allocations"
        yield _error("/act/directed", "amount-mismatch", fix)


def _of_parts(
    field: str, parts: Sequence[AllocationBody], named: frozenset[str]
) -> Iterator[FieldError]:
    def place(index: int) -> str:
        return f"/act/{field}/{index}/account_id"

    account_ids = [each.account_id for each in parts]
    yield from _repeated(account_ids, place)
    for index, account_id in enumerate(account_ids):
        if account_id not in named:
            yield _error(place(index), "account-not-named", "name the account in account_ids too")


def _repeated(account_ids: Sequence[str], place: Callable[[int], str]) -> Iterator[FieldError]:
    for index, each in enumerate(account_ids):
        if each in account_ids[:index]:
            yield _error(place(index), "duplicate", "name each account once")


def _of_dates(
    past: Mapping[str, date | None], others: Mapping[str, date | None], today: date
) -> Iterator[FieldError]:
    for field, day in past.items():
        if day is not None and day > today:
            yield _error(f"/act/{field}", "date-range", "give a day that is not in the future")
    for field, day in others.items():
        if day is not None and day.year > today.year + YEARS_AHEAD_MAX:
            fix = f"give a day at most {YEARS_AHEAD_MAX} years ahead"
            yield _error(f"/act/{field}", "date-range", fix)


def _total(parts: Sequence[AllocationBody]) -> int:
    return sum(each.amount for each in parts)


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
