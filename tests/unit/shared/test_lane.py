"""Requests go together, and nobody pays for another."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.eventstore.lane import Lane


class Gone(Exception):
    """What everybody fails with."""


class Wrong(Exception):
    """What one request fails with."""


class Answering:
    """Answers with the request's double, one call at a time as it is let."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.under_way = 0
        self.go = asyncio.Event()
        self.wrong: set[int] = set()
        self.is_away = False

    async def call(self, group: Sequence[int]) -> list[int]:
        self.calls.append(list(group))
        self.under_way += 1
        try:
            await self.go.wait()
        finally:
            self.under_way -= 1
        if self.is_away:
            raise Gone
        if self.wrong.intersection(group):
            raise Wrong(f"among {group}")
        return [each * 2 for each in group]

    def lane(self, size_max: int = 100) -> Lane[int, int]:
        """Return a lane in which numbers of the same last digit do not go together."""
        return Lane(self.call, size_max=size_max, keys=lambda each: [each % 10], fatal=(Gone,))


async def begun(lane: Lane[int, int], *asked: int) -> "list[asyncio.Task[int]]":
    """Return requests under way, in that order."""
    tasks = [asyncio.create_task(lane.ask(each)) for each in asked]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_a_lone_request_waits_for_nobody() -> None:
    service = Answering()
    (task,) = await begun(service.lane(), 1)
    assert service.calls == [[1]]
    service.go.set()
    assert await task == 2


async def test_what_comes_meanwhile_goes_together() -> None:
    service = Answering()
    lane = service.lane()
    tasks = await begun(lane, 1) + await begun(lane, 2, 3, 4)
    assert service.under_way == 1
    service.go.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8]
    assert service.calls == [[1], [2, 3, 4]]
    assert lane.is_idle


async def test_a_group_has_a_limit() -> None:
    service = Answering()
    lane = service.lane(size_max=2)
    tasks = await begun(lane, 9) + await begun(lane, 1, 2, 3, 4, 5)
    service.go.set()
    await asyncio.gather(*tasks)
    assert service.calls == [[9], [1, 2], [3, 4], [5]]


async def test_what_takes_the_same_goes_one_after_the_other_in_order() -> None:
    service = Answering()
    lane = service.lane()
    tasks = await begun(lane, 9) + await begun(lane, 1, 11, 2, 21)
    service.go.set()
    assert await asyncio.gather(*tasks) == [18, 2, 22, 4, 42]
    assert service.calls == [[9], [1, 2], [11], [21]]


async def test_nobody_fails_for_another() -> None:
    service = Answering()
    service.wrong = {2}
    lane = service.lane()
    tasks = await begun(lane, 9) + await begun(lane, 1, 2, 3)
    service.go.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[:2] == [18, 2]
    assert answers[3] == 6
    assert isinstance(answers[2], Wrong)
    assert service.calls == [[9], [1, 2, 3], [1], [2], [3]]


async def test_an_outage_is_everybodys_and_over_at_once() -> None:
    service = Answering()
    service.is_away = True
    lane = service.lane()
    tasks = await begun(lane, 9) + await begun(lane, 1, 2, 3)
    service.go.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, Gone) for each in answers)
    assert service.calls == [[9], [1, 2, 3]]


async def test_whoever_has_gone_is_not_asked_for() -> None:
    service = Answering()
    lane = service.lane()
    (first,) = await begun(lane, 9)
    gone, stays = await begun(lane, 1, 2)
    gone.cancel()
    service.go.set()
    assert await first == 18
    assert await stays == 4
    assert service.calls == [[9], [2]]


async def test_a_caller_who_goes_takes_nobody_along() -> None:
    service = Answering()
    lane = service.lane()
    (first,) = await begun(lane, 9)
    second, third = await begun(lane, 1, 2)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert service.under_way == 1
    service.go.set()
    assert list(await asyncio.gather(second, third)) == [2, 4]


async def test_nobody_waits_for_what_holds_up_another() -> None:
    service = Answering()
    service.wrong = {2}
    lane = service.lane()
    tasks = await begun(lane, 9) + await begun(lane, 1, 2)
    service.go.set()
    await asyncio.wait_for(tasks[1], 1)
    service.go.clear()
    (late,) = await begun(lane, 3)
    assert service.calls[-1] == [3]
    service.go.set()
    assert await late == 6
    await asyncio.gather(*tasks, return_exceptions=True)
