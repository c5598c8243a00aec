"""LendingClub's loan files as placement rows: what is owed is read, who owes it is made up."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from services.command.demo.draws import Draws
from services.command.demo.people import People

COLUMNS = ("funded_amnt", "total_rec_prncp", "zip_code", "addr_state", "term")
KEY_COLUMNS = ("row_key", "id")
ORIGINAL_CREDITOR = "LendingClub"
PRODUCT = "personal_loan"
_CENT = Decimal("0.01")


class UnreadableLoan(ValueError):
    """A line of a loan file lacks what the principal is computed from."""


class Loans:
    """Turns the lines of a loan file into rows."""

    def __init__(self, draws: Draws, today: date, current_creditor_name: str) -> None:
        self._draws = draws
        self._today = today
        self._people = People(draws, today)
        self._current_creditor_name = current_creditor_name

    def row(self, loan: Mapping[str, str]) -> dict[str, Any] | None:
        """Return a loan as a placement row; None when no principal is owed.

        Raises:
            UnreadableLoan: an amount, or the key, is missing.
        """
        owed = principal_owed(loan)
        if owed <= 0:
            return None
        number = next((loan[name] for name in KEY_COLUMNS if loan.get(name)), "")
        if not number:
            raise UnreadableLoan("a loan has neither row_key nor id")
        dates = self._dates(number, loan)
        return {
            "account_number": number,
            "customer_reference": f"C-{number}",
            "product_type": PRODUCT,
            "original_creditor_name": ORIGINAL_CREDITOR,
            "current_creditor_name": self._current_creditor_name,
            "itemization": {
                "date": dates["charge_off_date"],
                "type": "charge_off",
                "balance": owed,
                "interest": 0,
                "fees": 0,
                "payments": 0,
                "credits": 0,
            },
            "principal": owed,
            "total_balance": owed,
            "currency": "USD",
            "charge_off_amount": owed,
            **dates,
            "parties": [
                self._people.consumer(number, loan["addr_state"], loan["zip_code"][:3]),
            ],
            "special_flags": [],
        }

    def _dates(self, number: str, loan: Mapping[str, str]) -> dict[str, str]:
        """Lay the loan's life before today: opened, paid on for a while, late, charged off."""
        chance = self._draws.of("dates", number)
        charged_off = self._today - timedelta(days=chance.randrange(30, 330))
        delinquent = charged_off - timedelta(days=chance.randrange(120, 181))
        months = int(_decimal(loan, "term"))
        opened = delinquent - timedelta(days=30 * chance.randrange(3, max(months - 6, 4)))
        last_paid = max(opened, delinquent - timedelta(days=chance.randrange(1, 32)))
        return {
            "open_date": opened.isoformat(),
            "delinquency_date": delinquent.isoformat(),
            "charge_off_date": charged_off.isoformat(),
            "last_payment_date": last_paid.isoformat(),
        }


def principal_owed(loan: Mapping[str, str]) -> int:
    """Return what was lent and not paid back, in cents.

    Raises:
        UnreadableLoan: one of the two amounts is missing.
    """
    owed = _decimal(loan, "funded_amnt") - _decimal(loan, "total_rec_prncp")
    return int(owed.quantize(_CENT, ROUND_HALF_EVEN) * 100)


def _decimal(loan: Mapping[str, str], name: str) -> Decimal:
    try:
        return Decimal(loan[name].removesuffix("months").strip())
    except InvalidOperation:
        raise UnreadableLoan(f"{loan[name]!r} in column {name} is no number") from None
