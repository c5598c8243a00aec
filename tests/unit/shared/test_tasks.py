"""Tasks are kept running until they are told to stop, whatever they end with."""

import asyncio
from collections.abc import Callable

import pytest

from shared.service.tasks import Run, Tasks


def failing(with_: Callable[[], BaseException], begun: list[int]) -> Run:
    """Fail once and then run on."""

    async def run() -> None:
        begun.append(1)
        if len(begun) == 1:
            raise with_()
        await asyncio.sleep(60)

    return run


@pytest.mark.parametrize("kind", [ValueError, OSError, asyncio.CancelledError])
async def test_what_fails_is_begun_again(kind: type[BaseException]) -> None:
    tasks, begun = Tasks(), list[int]()
    tasks.begin("reader", failing(kind, begun))
    await asyncio.sleep(0.01)
    assert tasks.failing == {"reader"}
    async with asyncio.timeout(3):
        while len(begun) < 2:  # noqa: ASYNC110 - the pause between the two is what is waited for
            await asyncio.sleep(0.01)
    await tasks.stop()


async def test_all_stop_when_told_even_who_swallows_the_first_time() -> None:
    ended = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(60)
        finally:
            ended.set()

    tasks = Tasks()
    tasks.begin("stubborn", stubborn)
    await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        await tasks.stop()
    assert ended.is_set()
    assert tasks.failing == set()
