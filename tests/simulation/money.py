"""Creditors who place accounts, repeatedly; people who pay, and whose payments bounce."""

import asyncio
from datetime import timedelta
from typing import Any

from services.contact.foreign import AccountPlaced
from tests.simulation.clients import Client
from tests.simulation.history import Acknowledged
from tests.simulation.population import Person
from tests.simulation.simulation import Simulation

INSTALMENT_MINOR = 1_000


class Creditor:
    """Places the population's accounts."""

    def __init__(self, simulation: Simulation, creditor_id: str) -> None:
        self._simulation = simulation
        self._creditor_id = creditor_id
        self._client = Client(simulation, "creditor")
        self.accounts: dict[str, str] = {}

    async def place(self, people: list[Person]) -> None:
        """Send every row until it is answered; then send it again, in other company."""
        chance = self._simulation.chance
        rows = [row for person in people for row in person.rows(chance)]
        half = max(1, len(rows) // 2)
        batches = [rows[:half], rows[half:]] if len(rows) > 1 else [rows]
        await asyncio.gather(*(self._send(batch) for batch in batches))
        again = list(rows)
        chance.random.shuffle(again)
        await asyncio.gather(self._send(again), self._send(rows[:half]))

    async def _send(self, rows: list[dict[str, Any]]) -> None:
        ids = self._simulation.ids
        key = ids.new("req")
        body = {"creditor_id": self._creditor_id, "rows": rows}
        reply = None
        while reply is None or reply.status != 201:
            reply = await self._client.ask("/v1/placements", body, key=key)
            await asyncio.sleep(1.0)
        self._simulation.history.placements.append(
            Acknowledged(path="/v1/placements", answer=reply.json())
        )
        self._learn(rows, reply.json())
        other = {**body, "rows": [{**rows[0], "total_balance": 1}]}
        reply = await self._client.ask("/v1/placements", other, key=key, is_stored=False)
        if reply is not None and reply.status != 422:
            self._simulation.history.wrongs.append(
                f"another body under a used key was answered {reply.status}"
            )

    def _learn(self, rows: list[dict[str, Any]], receipt: dict[str, Any]) -> None:
        for sent, told in zip(rows, receipt["rows"], strict=True):
            number, account_id = sent["account_number"], told["account_id"]
            if self.accounts.setdefault(number, account_id) != account_id:
                self._simulation.history.wrongs.append(f"{number} was placed twice")


class Payer:
    """Pays an account, sometimes by a plan, sometimes with money that is not there."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._chance = simulation.chance
        self._client = Client(simulation, "payer")

    async def pay(self, placed: AccountPlaced, plan_id: str | None = None) -> None:
        """Pay once, for a plan by name or for whatever plan there is; some payments bounce."""
        body: dict[str, Any] = {
            "amount_minor": INSTALMENT_MINOR,
            "currency": "USD",
            "received_by": self._chance.one_of(("agency", "creditor", "platform")),
            "instrument": "ach",
        }
        if plan_id is not None:
            body["plan_id"] = plan_id
        path = f"/v1/accounts/{placed.account_id}/payments"
        self._simulation.history.paid_at_most += 1
        reply = await self._client.ask(path, body)
        if reply is None or reply.status != 201:
            return
        paid = reply.json()
        self._simulation.history.payments.append(Acknowledged(path=path, answer=paid))
        if self._chance.happens(0.4):
            await asyncio.sleep(self._chance.between(1, 2 * 86_400))
            undone = f"{path}/{paid['id']}/reversals"
            reply = await self._client.ask(undone, {"reason": "nsf"})
            if reply is not None and reply.status == 201:
                self._simulation.history.reversals.append(
                    Acknowledged(path=undone, answer=reply.json())
                )

    async def agree(self, placed: AccountPlaced) -> None:
        """Agree on three instalments, twice at once if need be, and pay some, some at once."""
        today = self._simulation.loop.now().date()
        days = [today + timedelta(days=each) for each in (2, 4, 6)]
        body = {
            "instalments": [
                {"due_date": day.isoformat(), "amount_minor": INSTALMENT_MINOR} for day in days
            ],
            "total_minor": INSTALMENT_MINOR * len(days),
            "agreed_with": placed.consumer_ids[0],
        }
        path = f"/v1/accounts/{placed.account_id}/plans"
        tries = self._chance.one_of((1, 1, 2))
        replies = await asyncio.gather(*(self._client.ask(path, body) for _ in range(tries)))
        agreed = [each for each in replies if each is not None and each.status == 201]
        if not agreed:
            return
        plan_id = agreed[0].json()["id"]
        for _ in days:
            if self._chance.happens(0.7):
                await asyncio.sleep(self._chance.between(1, 2 * 86_400))
            if self._chance.happens(0.7):
                await self.pay(placed, plan_id if self._chance.happens(0.5) else None)

    async def recall(self, placed: AccountPlaced) -> None:
        """Take an account back."""
        path = f"/v1/accounts/{placed.account_id}/recall"
        await self._client.ask(path, {"reason": "creditor_request"})
