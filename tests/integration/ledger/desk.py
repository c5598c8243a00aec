"""A running ledger and what a clerk does with it. Nothing here waits for a read model."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx2

from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.oracle import Report, examine
from tests.system import TENANT, System, running
from tests.unit.ledger.samples import row

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)
DUE = ("2026-07-01", "2026-08-01")


class Desk:
    """The ledger's API, and the log behind it."""

    def __init__(self, system: System, key: str, creditor_id: str) -> None:
        self.system = system
        self.client = system.client("ledger", key)
        self._creditor_id = creditor_id
        self._ids = RandomIds()
        self._numbers = itertools.count()

    def new(self, prefix: str) -> str:
        """Return an id that nothing has."""
        return self._ids.new(prefix)

    async def post(self, path: str, body: Any) -> httpx2.Response:
        """Ask for a change under a key of its own."""
        headers = {"Idempotency-Key": self._ids.new("req")}
        return await self.client.post(f"/v1{path}", json=body, headers=headers)

    async def get(self, path: str) -> Any:
        """Read something that must be there."""
        response = await self.client.get(f"/v1{path}")
        assert response.status_code == 200, response.text
        return response.json()

    async def place(self) -> "Placed":
        """Place one account that owes 100.00."""
        number = next(self._numbers)
        placed = row(account_number=f"4417-{number}", customer_reference=f"C-{number}")
        body = {"creditor_id": self._creditor_id, "rows": [placed]}
        receipt = (await self.post("/placements", body)).json()
        account_id = receipt["rows"][0]["account_id"]
        account = await self.get(f"/accounts/{account_id}")
        return Placed(self, account_id, account["consumer_ids"][0], account["parties"][0]["id"])

    async def examined(self) -> Report:
        """Ask the oracle about the ledger's log."""
        return await examine({"ledger": self.system.databases["ledger"].admin})


class Placed:
    """One account."""

    def __init__(self, desk: Desk, account_id: str, consumer_id: str, party_id: str) -> None:
        self.desk = desk
        self.account_id = account_id
        self.consumer_id = consumer_id
        self.party_id = party_id

    async def post(self, path: str, body: Any) -> httpx2.Response:
        """Ask for a change of the account."""
        return await self.desk.post(f"/accounts/{self.account_id}{path}", body)

    async def agree(self, agreed_with: str | None = None, each: int = 1_000) -> httpx2.Response:
        """Agree on two instalments."""
        body = {
            "instalments": [{"due_date": day, "amount_minor": each} for day in DUE],
            "total_minor": each * len(DUE),
            "agreed_with": agreed_with or self.party_id,
        }
        return await self.post("/plans", body)

    async def plan(self, each: int = 1_000) -> str:
        """Agree on two instalments and return the plan's id."""
        agreed = await self.agree(each=each)
        assert agreed.status_code == 201, agreed.text
        plan_id: str = agreed.json()["id"]
        return plan_id

    async def pay(self, amount: int = 1_000, **more: Any) -> httpx2.Response:
        """Pay, for no plan in particular unless one is named."""
        body = {
            "amount_minor": amount,
            "currency": "USD",
            "received_by": "agency",
            "instrument": "ach",
            **more,
        }
        return await self.post("/payments", body)

    async def reverse(self, payment: httpx2.Response) -> httpx2.Response:
        """Take a payment back."""
        return await self.post(f"/payments/{payment.json()['id']}/reversals", {"reason": "nsf"})

    async def status(self, plan_id: str) -> str:
        """Return how a plan stands."""
        status: str = (await self.desk.get(f"/plans/{plan_id}"))["status"]
        return status

    async def left(self, plan_id: str) -> list[int]:
        """Return what is not yet paid of each instalment."""
        plan = await self.desk.get(f"/plans/{plan_id}")
        return [each["outstanding_minor"] for each in plan["instalments"]]


@asynccontextmanager
async def opened(server: Server) -> AsyncIterator[Desk]:
    """Run the ledger on databases of its own."""
    async with running(server, "ledger") as system:
        await system.set_clock(TENANT, NOON)
        key = await system.key()
        async with system.client("ledger", key) as client:
            headers = {"Idempotency-Key": "first"}
            made = await client.post("/v1/creditors", json={"name": "Harbor Bank"}, headers=headers)
            assert made.status_code == 201, made.text
        desk = Desk(system, key, made.json()["id"])
        yield desk
        await desk.client.aclose()
