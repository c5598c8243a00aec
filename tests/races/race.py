"""A race for few consumers' last calls, over HTTP, at several processes, some of them killed.

Everybody wants the same people: permits are asked for, redeemed, reported and given back, while
protective facts about some of those people arrive. Every request is sent until it is answered,
under one key, to any of the processes.
"""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec

from services.compliance.rules import facts
from shared.http.service_token import ServiceTokenSigner
from shared.kernel.clock import RandomIds, SystemClock
from tests.gates import Person
from tests.races.processes import Processes
from tests.system import TENANT, System

REQUESTERS = 64
TRIES_MAX = 400
RELEASED = 0.2
NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # 13:00 in Chicago, a Wednesday
DOWN_S = 0.5

_IDS = RandomIds()


@dataclass
class Seen:
    """What the callers saw, by their own clock."""

    answers: Counter[str] = field(default_factory=Counter)
    decisions: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    verdicts: Counter[str] = field(default_factory=Counter)
    effective_at: dict[str, float] = field(default_factory=dict)
    redeemed_late: list[str] = field(default_factory=list)


class Race:
    """One race; `run` returns what was seen of it."""

    def __init__(
        self,
        system: System,
        processes: Processes,
        key: str,
        people: Sequence[Person],
        chance: random.Random,
    ) -> None:
        self._processes = processes
        self._key = key
        self._people = people
        self._chance = chance
        self._signer = ServiceTokenSigner(
            "contact", system.keys.signing["contact"], clock=SystemClock().now
        )
        self._numbers = itertools.count()
        self._client = httpx2.AsyncClient(
            timeout=10, limits=httpx2.Limits(max_connections=REQUESTERS * 2)
        )
        self.seen = Seen()

    async def run(self, asks: int, stopped: Sequence[Person], kills: int) -> Seen:
        """Ask so often; meanwhile stop some people, and kill processes so many times."""
        queue = iter(range(asks))

        async def requester() -> None:
            for _ in queue:
                await self._want(self._chance.choice(self._people))

        # Deeds are spread over the race by how far it has come, not by a clock.
        deeds: list[Callable[[], Coroutine[Any, Any, None]]] = [
            *(lambda person=each: self._stop(person) for each in stopped),
            *(self._kill for _ in range(kills)),
        ]
        self._chance.shuffle(deeds)
        at = {asks * (n + 1) // (len(deeds) + 2): deed for n, deed in enumerate(deeds)}
        tasks: list[asyncio.Task[None]] = []

        async def watch() -> None:
            done = 0
            while at:
                await asyncio.sleep(0.002)
                done = len(self.seen.decisions)
                for mark in [each for each in at if each <= done]:
                    tasks.append(asyncio.create_task(at.pop(mark)()))

        watching = asyncio.create_task(watch())
        await asyncio.gather(*(requester() for _ in range(REQUESTERS)))
        for deed in [at.pop(each) for each in list(at)]:
            await deed()
        await watching
        await asyncio.gather(*tasks)
        await self._client.aclose()
        return self.seen

    async def _want(self, person: Person) -> None:
        """Ask for a permit, now and then twice at once; use it or give it back."""
        key = f"ask-{next(self._numbers)}"
        twice = 2 if self._chance.random() < 0.2 else 1
        given = await asyncio.gather(
            *(self._send("POST", "/permits", person.body, key) for _ in range(twice))
        )
        self.seen.decisions[key] = {(each["id"], each["decision"]) for each in given}
        decision = given[0]
        rules = [each["rule"] for each in decision["objections"]]
        self.seen.verdicts[" ".join([decision["decision"], *rules])] += 1
        if decision["decision"] != "permit":
            return
        path = f"/permits/{decision['id']}"
        if self._chance.random() < RELEASED:
            body = {"consumer_id": person.consumer_id, "reason": "no agent"}
            await self._send("POST", f"{path}/release", body, f"{key}-release")
            return
        await asyncio.sleep(self._chance.uniform(0, 0.05))
        began = time.perf_counter()
        redemption = await self._send("POST", f"{path}/redeem", person.body, f"{key}-redeem")
        if not redemption["is_redeemed"]:
            return
        # A try before this one may have been the one that was answered late.
        if began > self.seen.effective_at.get(person.consumer_id, float("inf")):
            self.seen.redeemed_late.append(decision["id"])
        outcome = {"consumer_id": person.consumer_id, "outcome": "no_answer"}
        await self._send("POST", f"{path}/outcome", outcome, f"{key}-outcome")

    async def _stop(self, person: Person) -> None:
        fact = self._chance.choice(
            (
                facts.CeaseNotice(received_at=NOON),
                facts.AttorneyRetained(received_at=NOON),
                facts.Dispute(account_id=person.account_id, in_writing=True, received_at=NOON),
                facts.OptOut(received_at=NOON, contact_point_id=person.contact_point_id),
            )
        )
        body = {
            "consumer_id": person.consumer_id,
            "source_stream": f"contact-{person.consumer_id}",
            "source_version": 1,
            "fact": msgspec.to_builtins(fact),
        }
        answer = await self._send("PUT", f"/protective-facts/{_IDS.new('fact')}", body, "")
        assert answer["effective"] is True
        self.seen.effective_at[person.consumer_id] = time.perf_counter()

    async def _kill(self) -> None:
        number = self._chance.randrange(len(self._processes.ports))
        await asyncio.to_thread(self._processes.kill, number)
        await asyncio.sleep(DOWN_S)
        self._processes.restart(number)

    async def _send(self, method: str, path: str, body: Mapping[str, Any], key: str) -> Any:
        """Return the answer, whoever gives it and however often it must be asked for."""
        credential = self._key
        if method == "PUT":
            credential = self._signer.token(
                audience="compliance", tenant=TENANT, actor="race", scopes=()
            )
        headers = {"Authorization": f"Bearer {credential}"} | (
            {"Idempotency-Key": key} if key else {}
        )
        for attempt in range(TRIES_MAX):
            port = self._chance.choice(self._processes.ports)
            try:
                answer = await self._client.request(
                    method, f"http://127.0.0.1:{port}/v1{path}", json=body, headers=headers
                )
            except httpx2.HTTPError:
                self.seen.answers["unreachable"] += 1
                await asyncio.sleep(0.02)
                continue
            self.seen.answers[str(answer.status_code)] += 1
            if answer.status_code in (200, 201):
                return answer.json()
            assert answer.status_code in (409, 503), answer.text
            await asyncio.sleep(0.01 * (1 + attempt % 5))
        raise AssertionError(f"no answer to {method} {path}")
