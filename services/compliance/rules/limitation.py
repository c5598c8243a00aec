"""Limitation periods: how long a debt may be sued for, by one state's terms.

Years are added to the day the claim accrued by calendar; the last day of the period is the last on
which a suit is timely. Where several periods may apply, the shortest does. What restarts a period
is an event stated as such; a period that has run out stays run out.
"""

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from typing import get_args

from services.compliance.rules.facts import ContractKind, DebtHistory, MilitaryService
from services.compliance.rules.pack import Parameters, Terms
from shared.kernel.records import record, replace

RESTARTS = frozenset({"payment", "acknowledgment", "judgment"})

PERIODS = Parameters(
    needed=("written_years", "oral_years", "note_years", "open_years"),
    optional=(
        "consumer_credit_years",
        "consumer_transaction_years",
        "unsigned_written_years",
        "older_written_years",
        "older_written_until",
        "accrued_from",
        "accrues_days_after_activity",
        "restarts_barred",
    ),
    names_of={"restarts_barred": RESTARTS},
)
"""What a pack says of limitation periods.

`older_written_years` binds written contracts executed through `older_written_until` and was not
read in the law; neither were the periods of claims that accrued before `accrued_from`. A consumer
transaction accrues `accrues_days_after_activity` after the last charge or payment.
"""


@record
class Period:
    """A number of years, whether it was read in the law, and which provision gives it."""

    years: int
    is_verified: bool
    reason: str


@record
class Limitation:
    """One debt's period under one state's terms."""

    period: Period
    accrued_on: date
    last_timely_day: date
    is_restarted: bool = False

    @property
    def barred_from(self) -> date:
        """The first day on which suit is barred."""
        return self.last_timely_day + timedelta(days=1)


def period_of(terms: Terms, history: DebtHistory) -> Period | None:
    """Return the shortest period that may apply, or None where the terms give none."""
    found = [
        period
        for kind in _kinds(terms, history)
        if (period := _period(terms, history, kind)) is not None
    ]
    return min(found, key=lambda each: (each.years, each.is_verified), default=None)


def limitation(
    terms: Terms, history: DebtHistory, *, with_restarts: bool = True
) -> Limitation | None:
    """Return when a debt is barred, or None where that cannot be told."""
    period = period_of(terms, history)
    accrued_on = accrual(terms, history)
    if period is None or accrued_on is None:
        return None
    if accrued_on < terms.dates.get("accrued_from", date.min):
        period = replace(period, is_verified=False, reason="accrued_before_the_law_read")
    last = years_after(accrued_on, period.years)
    found = Limitation(period=period, accrued_on=accrued_on, last_timely_day=last)
    restarted_on = history.restarted_on
    if not with_restarts or restarted_on is None or not accrued_on < restarted_on <= last:
        return found
    if history.restarted_by in (None, *terms.names.get("restarts_barred", ())):
        return found
    again = years_after(restarted_on, period.years)
    return replace(found, last_timely_day=max(last, again), is_restarted=True)


def accrual(terms: Terms, history: DebtHistory) -> date | None:
    """Return when the claim accrued: on default, or by the state's own rule."""
    if not accrues_by_activity(terms, history):
        return history.defaulted_on
    active = [each for each in (history.last_charge_on, history.last_payment_on) if each]
    days = timedelta(days=terms.numbers["accrues_days_after_activity"])
    return max(active) + days if active else None


def accrues_by_activity(terms: Terms, history: DebtHistory) -> bool:
    """Tell whether the claim accrues some days after the last charge or payment."""
    is_transaction = history.contract == "consumer_transaction"
    return is_transaction and "accrues_days_after_activity" in terms.numbers


def years_after(day: date, years: int) -> date:
    """Add years by calendar; 29 February becomes the last of February where there is none."""
    year = day.year + years
    if day.month == 2 and day.day == 29 and not calendar.isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


def served_days(found: Limitation, services: Iterable[MilitaryService], until: date) -> int:
    """Count the days of military service since accrual, up to and with a day (50 USC 3936)."""
    days: set[date] = set()
    for service in services:
        first = max(service.started_on, found.accrued_on)
        last = min(service.ended_on or until, until)
        days |= {first + timedelta(days=each) for each in range((last - first).days + 1)}
    return len(days)


def _kinds(terms: Terms, history: DebtHistory) -> tuple[str, ...]:
    """Return the kinds of contract that the debt may be of; a consumer's rules come on top."""
    of_consumers = ("consumer_credit", "consumer_transaction")
    if history.contract == "judgment":
        return ()
    if history.contract in of_consumers and f"{history.contract}_years" in terms.numbers:
        return (history.contract,)
    if history.contract is None or history.contract in of_consumers:
        return tuple(each for each in get_args(ContractKind) if each != "judgment")
    return (history.contract, *of_consumers)


def _period(terms: Terms, history: DebtHistory, kind: str) -> Period | None:
    numbers = terms.numbers
    if kind == "written":
        until, executed = terms.dates.get("older_written_until"), history.executed_on
        if until is not None and executed is not None and executed <= until:
            reason = f"executed_before_{until.isoformat()}"
            return Period(years=numbers["older_written_years"], is_verified=False, reason=reason)
        if "unsigned_written_years" in numbers and not history.is_signed:
            years = numbers["unsigned_written_years"]
            return Period(years=years, is_verified=terms.is_verified, reason="not_signed")
    if f"{kind}_years" not in numbers:
        return None
    return Period(years=numbers[f"{kind}_years"], is_verified=terms.is_verified, reason=kind)
