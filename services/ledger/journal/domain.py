"""The journal: balanced postings, each a pure function of one account event.

Debits are positive, credits negative, and every event's postings sum to zero per currency. Two
things are kept apart: the claim (what consumers owe, bucket by bucket, against what creditors
placed) and the money (who holds what was collected, against what is due to the creditor).
"""

from collections import Counter
from collections.abc import Iterable
from typing import assert_never

from services.ledger.accounts import domain as accounts
from shared.kernel.records import record

RECEIVABLE = "receivable"  # one code per bucket: receivable.principal, receivable.interest, …
PLACED_DEBT = "placed-debt"
DUE_TO_CREDITOR = "due-to-creditor"
# Who received the money holds it. What the creditor received is already where it belongs: the
# claim shrinks, and nothing is held or due.
HOLDERS: dict[accounts.Receiver, str] = {
    "agency": "trust-cash",
    "attorney": "held-by-attorney",
    "platform": "held-by-platform",
}


@record
class Posting:
    """One line: a debit if positive, a credit if negative, in minor units."""

    account_code: str
    account_id: str
    amount_minor: int
    currency: str


def postings(event: accounts.Event) -> tuple[Posting, ...]:
    """Return the event's lines; none if no money or claim moves.

    An account that leaves the agency takes its remaining claim off the books with it, so that
    what the books show as receivable is always what the agency may collect.
    """
    match event:
        case accounts.AccountPlaced():
            currency = event.balance.currency
            return _claim(event.account_id, event.buckets, currency, sign=1)
        case accounts.PaymentRecorded():
            return _payment(event, sign=1)
        case accounts.PaymentReversed():
            return _payment(event, sign=-1)
        case accounts.AccountRecalled() | accounts.AccountClosed():
            currency = event.balance.currency
            return _claim(event.account_id, event.remainder, currency, sign=-1)
        case (
            accounts.AccountActivated()
            | accounts.HoldPlaced()
            | accounts.HoldLifted()
            | accounts.AccountReopened()
            | accounts.PlanAttached()
            | accounts.PlanDetached()
        ):
            return ()
        case _:
            assert_never(event)


def trial_balance(lines: Iterable[Posting]) -> dict[tuple[str, str], int]:
    """Add lines up by account code and currency; the values of one currency sum to zero."""
    totals: Counter[tuple[str, str]] = Counter()
    for line in lines:
        totals[line.account_code, line.currency] += line.amount_minor
    return dict(totals)


def imbalance(lines: Iterable[Posting]) -> dict[str, int]:
    """Return by how much each currency is off; empty when the books balance."""
    totals: Counter[str] = Counter()
    for line in lines:
        totals[line.currency] += line.amount_minor
    return {currency: amount for currency, amount in totals.items() if amount}


def receivable(lines: Iterable[Posting], account_id: str) -> int:
    """Return what the journal says an account owes."""
    return sum(
        line.amount_minor
        for line in lines
        if line.account_id == account_id and line.account_code.startswith(f"{RECEIVABLE}.")
    )


def _claim(
    account_id: str, buckets: dict[str, int], currency: str, *, sign: int
) -> tuple[Posting, ...]:
    lines = [
        Posting(
            account_code=f"{RECEIVABLE}.{bucket}",
            account_id=account_id,
            amount_minor=sign * amount,
            currency=currency,
        )
        for bucket, amount in buckets.items()
        if amount
    ]
    if not lines:
        return ()
    total = sum(line.amount_minor for line in lines)
    against = Posting(
        account_code=PLACED_DEBT, account_id=account_id, amount_minor=-total, currency=currency
    )
    return (*lines, against)


def _payment(
    event: accounts.PaymentRecorded | accounts.PaymentReversed, *, sign: int
) -> tuple[Posting, ...]:
    currency = event.amount.currency
    claim = (
        ()  # the claim left the books with the account; only the money is ours to pass on
        if event.after_exit
        else _claim(event.account_id, event.allocation, currency, sign=-sign)
    )
    if event.received_by == "creditor":
        return claim
    held, due = (
        Posting(
            account_code=code,
            account_id=event.account_id,
            amount_minor=amount,
            currency=currency,
        )
        for code, amount in (
            (HOLDERS[event.received_by], sign * event.amount.amount),
            (DUE_TO_CREDITOR, -sign * event.amount.amount),
        )
    )
    return (*claim, held, due)
