"""A deadline holds whatever the call does about its cancellation."""

import asyncio
import io
import json

import pytest

from shared.messaging.kafka.deadline import let_go, within
from shared.telemetry import logging

SOON_S = 20.0


@pytest.fixture
def logged() -> io.StringIO:
    stream = io.StringIO()
    logging.configure(stream)
    return stream


async def answer(after_s: float = 0) -> str:
    await asyncio.sleep(after_s)
    return "answer"


async def stubborn(ended: asyncio.Event, going_on: asyncio.Event) -> None:
    """Wait on although cancelled, as aiokafka does where it closes."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await going_on.wait()
        ended.set()


async def failing() -> None:
    raise ValueError("no")


async def test_an_answer_in_time_is_returned() -> None:
    assert await within(1, answer()) == "answer"


async def test_an_error_in_time_is_raised() -> None:
    with pytest.raises(ValueError, match="no"):
        await within(1, failing())


async def test_a_cancellation_that_is_not_ours_is_an_error() -> None:
    async def abandoned() -> None:
        own = asyncio.create_task(asyncio.sleep(60))
        own.cancel()
        await own

    with pytest.raises(ConnectionAbortedError):
        await within(1, abandoned())


async def test_what_swallows_its_cancellation_is_left_behind() -> None:
    ended, going_on = asyncio.Event(), asyncio.Event()
    with pytest.raises(TimeoutError):
        await within(0.02, stubborn(ended, going_on))
    assert not ended.is_set()
    going_on.set()
    await asyncio.wait_for(ended.wait(), SOON_S)  # it went on by itself


async def test_who_waits_can_be_cancelled_at_once() -> None:
    ended, going_on = asyncio.Event(), asyncio.Event()
    waiting = asyncio.create_task(within(60, stubborn(ended, going_on)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait([waiting], timeout=SOON_S)
    assert waiting.cancelled()
    assert not ended.is_set()
    going_on.set()
    await asyncio.wait_for(ended.wait(), SOON_S)


async def test_what_is_left_behind_fails_in_the_log_only(logged: io.StringIO) -> None:
    async def failing_late() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ValueError("no") from None

    with pytest.raises(TimeoutError):
        await within(0.02, failing_late())
    await asyncio.sleep(0.01)
    await let_go(failing(), "consumer")
    lines = [json.loads(each) for each in logged.getvalue().splitlines()]
    assert [each["event"] for each in lines] == ["left-behind-failed"] * 2
    assert [each["error_type"] for each in lines] == ["builtins.ValueError"] * 2
    assert lines[1]["task"] == "closing-consumer"
