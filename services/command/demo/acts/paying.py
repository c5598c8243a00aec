"""Money: payments, what bounces, plans and how they are kept."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.command.demo.agenda import Phase
from services.command.demo.almanac import next_weekday
from services.command.demo.draws import weighted
from services.command.demo.stage import Stage
from services.command.demo.world import Account, Person

FRIDAY = 4
BOUNCE_SHARE = 0.1
BOUNCE_DAYS = 3
INSTRUMENTS = {"ach": 6, "card": 4, "check": 2}
RECEIVERS = {"agency": 9, "creditor": 1}
REASONS = {"ach": "nsf", "card": "chargeback", "check": "nsf"}
WHOLE_SHARE = 0.3
COUNTS = {2: 2, 3: 3, 4: 3, 6: 3, 8: 1}
WEEKS = {1: 3, 2: 2}
KEEPS_SHARE = {True: 0.92, False: 0.5}
LATE_SHARE = 0.4
LATE_DAYS = 2
REFUSALS = ("account-held", "account-not-open", "plan-exists", "plan-exceeds-balance")


@dataclass(frozen=True)
class Pay:
    """The person pays once: an amount, or all or a part as they please."""

    account: Account
    amount: int | None = None
    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Record the payment; some bounce days later."""
        account = self.account
        chance = stage.chance(person, f"pay {account.number}")
        amount = min(self.amount or _some(chance.random(), account.balance), account.balance)
        if amount <= 0 or not account.is_open:
            return
        instrument = weighted(chance, INSTRUMENTS)
        body = {
            "amount_minor": amount,
            "currency": "USD",
            "received_by": weighted(chance, RECEIVERS),
            "instrument": instrument,
            "external_ref": f"{account.number}-{account.payments + 1}",
        }
        path = f"/v1/accounts/{account.account_id}/payments"
        answer = await stage.apis.post("ledger", path, body, stage.key(person, "pay"))
        account.payments += 1
        account.balance = answer.body["account_balance"]["amount"]
        stage.tally.done["payments"] += 1
        if chance.random() < BOUNCE_SHARE:
            bounce = Bounce(account=account, payment_id=answer.body["id"], instrument=instrument)
            day = stage.agenda.day_after(stage.index, BOUNCE_DAYS)
            stage.agenda.add_on(day, None, person, bounce)


@dataclass(frozen=True)
class Bounce:
    """A payment is taken back by the bank."""

    account: Account
    payment_id: str
    instrument: str
    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Reverse it."""
        path = f"/v1/accounts/{self.account.account_id}/payments/{self.payment_id}/reversals"
        body = {"reason": REASONS[self.instrument]}
        answer = await stage.apis.post("ledger", path, body, stage.key(person, "bounce"))
        self.account.balance = answer.body["account_balance"]["amount"]
        stage.tally.done["reversals"] += 1


@dataclass(frozen=True)
class AgreePlan:
    """The person agrees to pay in instalments, on Fridays."""

    account: Account
    phase: Phase = "after"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Agree, and plan which instalments are paid."""
        account = self.account
        chance = stage.chance(person, f"plan {account.number}")
        count, weeks = weighted(chance, COUNTS), weighted(chance, WEEKS)
        instalments = _schedule(stage.instant.date, account.balance, count, weeks)
        body = {
            "instalments": instalments,
            "total_minor": sum(each["amount_minor"] for each in instalments),
            "agreed_with": account.party_id,
        }
        path = f"/v1/accounts/{account.account_id}/plans"
        answer = await stage.apis.post("ledger", path, body, stage.key(person, "plan"), REFUSALS)
        if answer.code is not None:
            stage.tally.refused[f"plan ({answer.code})"] += 1
            return
        stage.tally.done["plans agreed"] += 1
        self._keep(stage, person, instalments)

    def _keep(self, stage: Stage, person: Person, instalments: list[dict[str, Any]]) -> None:
        began = stage.agenda.instants[0].date
        for number, each in enumerate(instalments, start=1):
            chance = stage.chance(person, f"instalment {self.account.number} {number}")
            day = (date.fromisoformat(each["due_date"]) - began).days
            if chance.random() >= KEEPS_SHARE[person.character.is_reliable]:
                if chance.random() >= LATE_SHARE:
                    continue
                day += LATE_DAYS
            pay = Pay(account=self.account, amount=each["amount_minor"])
            stage.agenda.add_on(day, "afternoon", person, pay)


@dataclass(frozen=True)
class Recall:
    """The creditor takes an account back."""

    account: Account
    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Recall it, unless it is closed by now."""
        path = f"/v1/accounts/{self.account.account_id}/recall"
        key = stage.key(person, "recall")
        body = {"reason": "creditor_request"}
        answer = await stage.apis.post("ledger", path, body, key, ("account-closed",))
        if answer.code is None:
            self.account.is_open = False
            stage.tally.done["accounts recalled"] += 1


def _some(share: float, balance: int) -> int:
    return balance if share < WHOLE_SHARE else max(int(balance * share / 2), min(balance, 500))


def _schedule(today: date, balance: int, count: int, weeks: int) -> list[dict[str, Any]]:
    """Split a balance into equal instalments, the last one taking the odd cents."""
    count = max(1, min(count, balance))
    first = next_weekday(today, FRIDAY)
    equal = balance // count
    amounts = [equal] * (count - 1) + [balance - equal * (count - 1)]
    return [
        {
            "due_date": (first + timedelta(weeks=weeks * number)).isoformat(),
            "amount_minor": amount,
        }
        for number, amount in enumerate(amounts)
    ]
