"""Money: every account recounted from its events, and postings that must sum to zero.

The oracle keeps its own books: claims by bucket against the debt placed, and money held against
money due to the creditor. Debits are positive.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.oracle.log import Event
from tests.oracle.report import Findings

BUCKETS = ("principal", "interest", "fees", *(f"other{number}" for number in range(3, 10)))
"""In the order in which a payment reduces them."""

HOLDERS = {
    "agency": "trust-cash",
    "attorney": "held-by-attorney",
    "platform": "held-by-platform",
}
"""Who holds what was received for the creditor; the creditor's own receipts are held by nobody."""


@dataclass(slots=True)
class Payment:
    """A payment as it was recorded, and whether it was undone."""

    account_id: str
    amount: int
    allocation: dict[str, int]
    received_by: str
    plan_id: str | None
    event_id: str
    after_exit: bool
    is_reversed: bool = False


@dataclass(slots=True)
class Account:
    """What is owed on one account, by bucket, and whether it is on the agency's books."""

    account_id: str
    currency: str
    owed: dict[str, int]
    is_carried: bool = True
    references: set[str] = field(default_factory=set)

    @property
    def balance(self) -> int:
        """Return what the agency carries."""
        return sum(self.owed.values()) if self.is_carried else 0


class Books:
    """The oracle's own ledger."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.payments: dict[tuple[str, str], Payment] = {}
        self.trial: Counter[tuple[str, str]] = Counter()

    def take(self, stream: Sequence[Event]) -> None:
        """Recount one account from its events."""
        account: Account | None = None
        for event in stream:
            if event.name == "account-placed":
                account = self._placed(event)
            elif account is None:
                self._name("money-on-unknown-account", event, "The account was never placed.")
                return
            elif event.name == "payment-recorded":
                self._paid(account, event)
            elif event.name == "payment-reversed":
                self._reversed(account, event)
            elif event.name in ("account-recalled", "account-closed"):
                self._left(account, event)
            elif event.name == "account-reopened":
                self._check_balance(account, event)

    def _placed(self, event: Event) -> Account:
        body = event.body
        account = Account(
            account_id=body["account_id"],
            currency=body["balance"]["currency"],
            owed={each: amount for each, amount in body["buckets"].items() if amount},
        )
        self._post(event, account, self._claim(body["buckets"], body["balance"]["amount"], 1))
        self._check_balance(account, event)
        return account

    def _paid(self, account: Account, event: Event) -> None:
        body = event.body
        amount, allocation = body["amount"]["amount"], body["allocation"]
        payment = Payment(
            account_id=account.account_id,
            amount=amount,
            allocation=allocation,
            received_by=body["received_by"],
            plan_id=body.get("plan_id"),
            event_id=event.id,
            after_exit=not account.is_carried,
        )
        is_new = self._check_once(account, event)
        self._post(event, account, self._money(payment, 1))
        if is_new:
            self._check_allocation(account, event, amount, allocation)
        for bucket, part in allocation.items():
            account.owed[bucket] = account.owed.get(bucket, 0) - part
        if is_new:
            self.payments[event.logged.tenant, body["payment_id"]] = payment
            self._check_balance(account, event)

    def _check_once(self, account: Account, event: Event) -> bool:
        self._findings.checked["payment-doubled"] += 1
        body = event.body
        reference = body.get("external_ref")
        if (event.logged.tenant, body["payment_id"]) in self.payments:
            self._name("payment-doubled", event, f"{body['payment_id']} was applied before.")
            return False
        if reference is not None and reference in account.references:
            self._name("payment-doubled", event, "A payment of that reference was applied before.")
            return False
        if reference is not None:
            account.references.add(reference)
        return True

    def _check_allocation(
        self, account: Account, event: Event, amount: int, allocation: dict[str, int]
    ) -> None:
        self._findings.checked["allocation-incorrect"] += 1
        expected: dict[str, int] = {}
        left = amount
        for bucket in BUCKETS:
            part = min(left, account.owed.get(bucket, 0))
            if part > 0:
                expected[bucket] = part
                left -= part
        # One that does not add up is named as an unbalanced posting.
        if sum(allocation.values()) == amount and allocation != expected:
            self._name(
                "allocation-incorrect",
                event,
                f"{amount} was spread as {allocation}; {account.owed} owed makes it {expected}.",
            )

    def _reversed(self, account: Account, event: Event) -> None:
        body = event.body
        self._findings.checked["reversal-not-mirroring"] += 1
        payment = self.payments.get((event.logged.tenant, body["payment_id"]))
        undone = Payment(
            account_id=account.account_id,
            amount=body["amount"]["amount"],
            allocation=body["allocation"],
            received_by=body["received_by"],
            plan_id=body.get("plan_id"),
            event_id=event.id,
            after_exit=not account.is_carried,
        )
        self._post(event, account, self._money(undone, -1))
        for bucket, part in undone.allocation.items():
            account.owed[bucket] = account.owed.get(bucket, 0) + part
        if payment is None or payment.account_id != account.account_id:
            self._name("reversal-not-mirroring", event, "There is no such payment on the account.")
            return
        if payment.is_reversed:
            self._name("payment-reversed-twice", event, "The payment was reversed before.")
            return
        payment.is_reversed = True
        for name in ("amount", "allocation", "received_by", "plan_id"):
            if getattr(payment, name) != getattr(undone, name):
                self._name(
                    "reversal-not-mirroring",
                    event,
                    f"The {name} is {getattr(undone, name)}, of the payment"
                    f" {getattr(payment, name)}.",
                )
                return
        self._check_balance(account, event)

    def _left(self, account: Account, event: Event) -> None:
        body = event.body
        owed = {each: amount for each, amount in account.owed.items() if amount}
        remainder = {each: amount for each, amount in body["remainder"].items() if amount}
        self._findings.checked["balance-incorrect"] += 1
        if remainder != owed:
            self._name("balance-incorrect", event, f"{owed} is owed, {remainder} was taken off.")
        if body.get("reason") == "paid_in_full" and owed:
            self._name("balance-incorrect", event, f"It was closed as paid with {owed} owed.")
        self._post(event, account, self._claim(remainder, sum(remainder.values()), -1))
        account.is_carried = not remainder
        self._check_balance(account, event)

    def _check_balance(self, account: Account, event: Event) -> None:
        self._findings.checked["balance-incorrect"] += 1
        stated = event.body["balance"]["amount"]
        if stated != account.balance:
            self._name("balance-incorrect", event, f"It says {stated}, owed is {account.balance}.")
        if min(account.owed.values(), default=0) < 0:
            self._name("balance-incorrect", event, f"A bucket went below zero: {account.owed}.")

    def _claim(self, parts: dict[str, int], total: int, sign: int) -> dict[str, int]:
        lines = {f"receivable.{bucket}": sign * amount for bucket, amount in parts.items()}
        return {**lines, "placed-debt": -sign * total}

    def _money(self, payment: Payment, sign: int) -> dict[str, int]:
        lines: dict[str, int] = {}
        if not payment.after_exit:
            lines = self._claim(payment.allocation, payment.amount, -sign)
        holder = HOLDERS.get(payment.received_by)
        if holder is not None:
            lines[holder] = sign * payment.amount
            lines["due-to-creditor"] = -sign * payment.amount
        return lines

    def _post(self, event: Event, account: Account, lines: dict[str, int]) -> None:
        self._findings.checked["unbalanced-posting"] += 1
        total = sum(lines.values())
        if total:
            self._name("unbalanced-posting", event, f"The postings are off by {total}: {lines}.")
        self.trial[event.logged.tenant, account.currency] += total

    def _name(self, code: str, event: Event, sentence: str) -> None:
        logged = event.logged
        self._findings.name(code, logged.tenant, logged.stream, (event.id,), sentence)
