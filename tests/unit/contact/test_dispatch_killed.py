"""A worker killed at any await of the dispatch never sends twice, and never claims too little."""

import asyncio
import itertools

import pytest

from services.contact.attempts.domain import outcomes
from tests.unit.contact.dispatching import Fuse, Killed, When, World

AWAITS_MAX = 12
WHENS: tuple[When, ...] = ("before", "after")
PLACES = [(at, when) for at in range(1, AWAITS_MAX) for when in WHENS]


async def ready() -> World:
    world = World()
    await world.permit()
    return world


async def killed_at(world: World, at: int, when: When) -> bool:
    """Run until killed there; False when the job was done before."""
    try:
        await world.dispatch(Fuse(at, when)).run()
    except Killed:
        return True
    return False


async def check(world: World) -> None:
    attempt = await world.attempt()
    assert len(world.sent) <= 1
    assert attempt.phase == "concluded"
    assert attempt.conclusion is not None
    if world.sent:
        assert attempt.conclusion.outcome in ("email_sent", outcomes.UNKNOWN)
    else:
        assert attempt.conclusion.outcome in (outcomes.NOT_ATTEMPTED, outcomes.UNKNOWN)


async def test_the_places_cover_every_await() -> None:
    world, fuse = await ready(), Fuse()
    await world.dispatch(fuse).run()
    assert 6 <= fuse.passed < AWAITS_MAX
    assert len(world.sent) == 1
    await check(world)


@pytest.mark.parametrize(("at", "when"), PLACES)
async def test_killed_once(at: int, when: When) -> None:
    world = await ready()
    await killed_at(world, at, when)
    await world.dispatch(Fuse()).run()
    await check(world)


async def test_killed_twice_anywhere() -> None:
    for (first, first_when), (second, second_when) in itertools.product(PLACES, PLACES):
        world = await ready()
        await killed_at(world, first, first_when)
        await killed_at(world, second, second_when)
        await world.dispatch(Fuse()).run()
        await check(world)


@pytest.mark.parametrize(("at", "when"), PLACES)
async def test_held_up_there_while_another_does_the_job(at: int, when: When) -> None:
    world = await ready()
    slow = Fuse(at, when)
    slow.held = asyncio.Event()
    sleeper = asyncio.create_task(world.dispatch(slow).run())
    arrived = asyncio.create_task(slow.reached.wait())
    await asyncio.wait({sleeper, arrived}, return_when=asyncio.FIRST_COMPLETED)
    await world.dispatch(Fuse()).run()
    slow.held.set()
    await sleeper
    arrived.cancel()
    await check(world)


@pytest.mark.parametrize("at", range(1, AWAITS_MAX))
async def test_cancelled_there_by_a_clean_stop(at: int) -> None:
    world = await ready()
    fuse = Fuse(at, "before")
    fuse.held = asyncio.Event()
    worker = asyncio.create_task(world.dispatch(fuse).run())
    arrived = asyncio.create_task(fuse.reached.wait())
    await asyncio.wait({worker, arrived}, return_when=asyncio.FIRST_COMPLETED)
    worker.cancel()
    arrived.cancel()
    await asyncio.gather(worker, arrived, return_exceptions=True)
    await world.dispatch(Fuse()).run()
    await check(world)
