"""Permits asked for many at a time: each decided as if it came alone, each answered once."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from shared.eventstore.store import StoreUnavailable
from shared.eventstore.transact import Context, Issue, Outcome, Transactor
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.gates import Person
from tests.system import TENANT, System, running
from tests.waiting import until

pytestmark = pytest.mark.integration

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # 13:00 in Chicago, a Wednesday
CALLS_MAX = 7


@pytest.fixture
async def system(postgres_server: Server) -> AsyncIterator[System]:
    async with running(postgres_server, "compliance") as running_system:
        await running_system.set_clock(TENANT, NOON)
        yield running_system


@pytest.fixture
async def client(system: System) -> AsyncIterator[httpx2.AsyncClient]:
    async with system.client("compliance", await system.key()) as opened:
        yield opened


async def _people(system: System, *calls: int) -> list[Person]:
    """Make consumers who were called so often on earlier days."""
    store = system.services["compliance"].app.api.state.foundation.store
    transactor = Transactor(store, RandomIds())
    people = [Person(TENANT) for _ in calls]
    for person, number in zip(people, calls, strict=True):
        history = person.known(NOON - timedelta(days=10))
        for at in sorted(NOON - timedelta(days=1 + n % 6, hours=n // 6) for n in range(number)):
            history += person.call(at)
        await person.live(transactor, history)
    async with system.client("compliance", await system.key()) as reader:

        async def is_fresh() -> bool:
            answer = await reader.post("/v1/permits:preview", json=people[0].body)
            return "facts-stale" not in [each["rule"] for each in answer.json()["objections"]]

        await until(is_fresh)
    return people


async def _ask(
    client: httpx2.AsyncClient, people: Sequence[Person], key: str = "one"
) -> httpx2.Response:
    body = {"requests": [each.body for each in people]}
    return await client.post("/v1/permits:batch", json=body, headers={"Idempotency-Key": key})


def _decisions(answer: httpx2.Response) -> list[Any]:
    assert answer.status_code == 201, answer.text
    assert [each["problem"] for each in answer.json()["data"]] == [None] * len(
        answer.json()["data"]
    )
    return [each["decision"]["decision"] for each in answer.json()["data"]]


async def test_each_is_decided_by_itself_and_in_its_place(
    system: System, client: httpx2.AsyncClient
) -> None:
    free, full, busy = await _people(system, 0, CALLS_MAX, CALLS_MAX - 2)
    answer = await _ask(client, [full, free, full, free])
    assert _decisions(answer) == ["defer", "permit", "defer", "permit"]
    asked = [full, free, full, free]
    assert [each["decision"]["consumer_id"] for each in answer.json()["data"]] == [
        each.consumer_id for each in asked
    ]
    many = _decisions(await _ask(client, [busy] * 40, key="two"))
    assert many.count("permit") == 2  # and no call too many, however often it is asked
    assert set(many) == {"permit", "defer"}


async def test_a_repeat_gets_the_same_answers_and_another_body_none(
    system: System, client: httpx2.AsyncClient
) -> None:
    people = await _people(system, 0, CALLS_MAX - 1, CALLS_MAX)
    other = people[1]
    people = [people[0], people[2]]
    first, again = await _ask(client, people), await _ask(client, people)
    assert again.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    refused = await _ask(client, [*people, other])
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
    assert _decisions(await _ask(client, [other], key="two")) == ["permit"]  # its call was left


class _Failing(Transactor):
    """Fails for one stream, once."""

    def __init__(self, inner: Transactor, stream: str, error: Exception) -> None:
        super().__init__(inner.store, RandomIds())
        self._failing = {stream}
        self._error = error

    async def transact(self, context: Context, issues: Sequence[Issue], **more: Any) -> Outcome:
        if issues[0].stream in self._failing:
            self._failing.clear()
            raise self._error
        return await super().transact(context, issues, **more)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreUnavailable("the database did not answer"), "unavailable"),
        (OverflowError("a number nobody can reckon with"), "internal"),
    ],
)
async def test_what_was_not_decided_is_decided_by_a_repeat(
    system: System, client: httpx2.AsyncClient, error: Exception, code: str
) -> None:
    people = await _people(system, 0, 0, 0)
    foundation = system.services["compliance"].app.api.state.foundation
    foundation.transactor = _Failing(foundation.transactor, f"gate-{people[1].consumer_id}", error)
    first = (await _ask(client, people)).json()["data"]
    assert [bool(each["decision"]) for each in first] == [True, False, True]
    assert first[1]["problem"]["code"] == code
    assert first[1]["problem"]["retryable"] is True
    again = (await _ask(client, people)).json()["data"]
    assert again[0] == first[0]
    assert again[2] == first[2]
    assert again[1]["decision"]["decision"] == "permit"
    malformed = await client.post(
        "/v1/permits:batch", json={"requests": [{}]}, headers={"Idempotency-Key": "two"}
    )
    assert malformed.status_code == 422
    missing = [each["pointer"] for each in malformed.json()["errors"]]
    assert "/requests/0/consumer_id" in missing
