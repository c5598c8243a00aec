"""Accounts come in as a creditor sends them: by signed webhook, in batches, some of it wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

import msgspec

from services.command.demo.apis import Apis, CallFailed
from services.command.demo.characters import character_of
from services.command.demo.draws import Draws
from services.command.demo.world import Person, account_of
from shared.http import webhook_signature
from shared.http.webhook_signature import SharedSecret
from shared.kernel.clock import SystemClock
from shared.kernel.records import record

BATCH_ROWS = 200
IN_FLIGHT_MAX = 8


@record
class Creditor:
    """A registered creditor and how its webhooks get in."""

    creditor_id: str
    inbound_path: str
    secret: str


@record
class RowRefused:
    """A row that was not taken, and why: pointer and code of each failing field."""

    row: int
    errors: tuple[tuple[str, str], ...]


@record
class Placed:
    """What became of all deliveries. `account_ids` is in the order of the rows; None: refused."""

    account_ids: tuple[str | None, ...]
    refused: tuple[RowRefused, ...]
    deliveries: int
    was_replayed: bool


async def register(apis: Apis, name: str) -> Creditor:
    """Register the creditor and keep the secret that is shown once."""
    answer = await apis.post("ledger", "/v1/creditors", {"name": name}, "demo.creditor")
    return Creditor(
        creditor_id=answer.body["id"],
        inbound_path=answer.body["inbound_path"],
        secret=answer.body["signing_secret"],
    )


class Placing:
    """Delivers rows, one batch after another, each when what the last set off is over."""

    def __init__(
        self,
        apis: Apis,
        creditor: Creditor,
        at: datetime,
        settle: Callable[[], Awaitable[object]],
    ) -> None:
        self._apis = apis
        self._at = at.isoformat()
        self._creditor = creditor
        self._settle = settle
        self._deliveries = 0

    async def place(self, rows: Sequence[dict[str, Any]], placed: Callable[[int], None]) -> Placed:
        """Deliver all rows, then some damaged ones, then the first delivery once more.

        Raises:
            CallFailed: a delivery was not taken.
        """
        account_ids: list[str | None] = []
        refused: list[RowRefused] = []
        for start in range(0, len(rows), BATCH_ROWS):
            batch = rows[start : start + BATCH_ROWS]
            answer = await self._deliver(f"rows-{start}", batch)
            account_ids += [each["account_id"] for each in answer["rows"]]
            refused += _refusals(answer, start)
            await self._settle()
            placed(len(account_ids))
        refused += _refusals(await self._deliver("damaged", damaged(rows[0])), len(rows))
        again = await self._deliver("rows-0", rows[:BATCH_ROWS])
        repeated = [each["account_id"] for each in again["rows"]]
        return Placed(
            account_ids=tuple(account_ids),
            refused=tuple(refused),
            deliveries=self._deliveries,
            was_replayed=repeated == account_ids[: len(repeated)],
        )

    async def _deliver(self, name: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        body = msgspec.json.encode(
            {
                "type": "placement.created",
                "timestamp": self._at,
                "data": {"rows": list(rows)},
            }
        )
        headers = webhook_signature.sign(
            [SharedSecret.parse(self._creditor.secret)],
            message_id=f"demo-{name}",
            sent_at=SystemClock().now(),
            body=body,
        )
        answer = await self._apis.deliver("ledger", self._creditor.inbound_path, body, headers)
        self._deliveries += 1
        return answer.body


def damaged(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return rows that a creditor might send by mistake, each wrong in another way."""
    unbalanced, misplaced, unreachable = deepcopy(row), deepcopy(row), deepcopy(row)
    for number, each in enumerate((unbalanced, misplaced, unreachable), start=1):
        each["account_number"] = f"DAMAGED-{number}"
    unbalanced["principal"] = unbalanced["principal"] + 1
    misplaced["parties"][0]["addresses"][0] |= {"zip": "1234", "state": "ZZ"}
    unreachable["parties"][0]["phones"] = [{"number": "555-0100"}]
    unreachable["delinquency_date"] = "2099-01-01"
    return [unbalanced, misplaced, unreachable]


async def people_of(
    apis: Apis,
    rows: Sequence[dict[str, Any]],
    account_ids: Sequence[str | None],
    draws: Draws,
) -> list[Person]:
    """Read every placed account and return its people, in the order of the file."""
    limit = asyncio.Semaphore(IN_FLIGHT_MAX)

    async def read(account_id: str) -> dict[str, Any]:
        async with limit:
            return await apis.get("ledger", f"/v1/accounts/{account_id}")

    placed = [
        (row, account_id)
        for row, account_id in zip(rows, account_ids, strict=True)
        if account_id is not None
    ]
    if not placed:
        raise CallFailed("not one row of the file was accepted")
    answers = await asyncio.gather(*(read(account_id) for _, account_id in placed))
    people: dict[str, Person] = {}
    seen: set[str] = set()
    for (row, account_id), answer in zip(placed, answers, strict=True):
        if account_id in seen:  # the file names an account twice
            continue
        seen.add(account_id)
        account = account_of(answer, row["account_number"])
        _person(people, row["customer_reference"], answer, draws).accounts.append(account)
    return list(people.values())


def _person(
    people: dict[str, Person], reference: str, answer: dict[str, Any], draws: Draws
) -> Person:
    if reference not in people:
        people[reference] = Person(
            place=len(people),
            reference=reference,
            character=character_of(draws, reference),
            consumer_id=answer["consumer_ids"][0],
        )
    return people[reference]


def _refusals(answer: dict[str, Any], start: int) -> list[RowRefused]:
    return [
        RowRefused(
            row=start + each["row"],
            errors=tuple((error["pointer"], error["code"]) for error in each["errors"]),
        )
        for each in answer["rows"]
        if each["status"] == "rejected"
    ]
