"""A reader lets many events gather, not few and not a full page; time here is virtual."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from shared.kernel.records import replace
from shared.messaging.effects import EffectStore, Taken
from shared.messaging.feed import Envelope, Page, Position
from shared.messaging.subscription import Linger, Subscription
from shared.testing import simulation

SIZE = 20
MANY = 8
LINGER_S = 0.5
WHEN_MANY = Linger(seconds=LINGER_S, events_min=MANY)
FOR_EVER_S = 3_600.0
AT = datetime(2026, 6, 10, tzinfo=UTC)


class Pages:
    """A feed that has pages of these sizes, and then nothing."""

    source = "sample"

    def __init__(self, *sizes: int) -> None:
        self._sizes = list(sizes)
        self._position = 0
        self.is_read = asyncio.Event()

    async def partitions(self) -> tuple[str, ...]:
        return ("0",)

    all_partitions = partitions

    async def page(self, partition: str, after: Position, limit: int) -> Page:
        number = self._sizes.pop(0) if self._sizes else 0
        found = tuple(self._next() for _ in range(number))
        return Page(
            events=found, upto=found[-1].position if found else after, epoch="e", fresh_as_of=None
        )

    async def behind(self, positions: Mapping[str, Position]) -> int:
        return 0

    async def wait(self, timeout_s: float) -> None:
        self.is_read.set()
        await asyncio.sleep(FOR_EVER_S)

    async def close(self) -> None: ...

    def _next(self) -> Envelope:
        self._position += 1
        return Envelope(
            source=self.source,
            position=Position(transaction_id=1, position=self._position),
            tenant="agy_1",
            stream="s-1",
            version=self._position,
            event_id=f"evt_{self._position}",
            type="forbear.sample.done.v1",
            data=b"{}",
            metadata_bytes=b'{"actor":"a","correlation_id":"c"}',
            occurred_at=AT,
            recorded_at=AT,
        )


class Nowhere:
    """Effects that are kept by nobody."""

    async def take_up(self, subscription: str, partition: str) -> Taken:
        nowhere = Position(transaction_id=0, position=0)
        return Taken(subscription=subscription, partition=partition, position=nowhere, epoch="e")

    async def expect(self, subscription: str, partitions: Sequence[str]) -> None: ...

    async def commit(self, taken: Taken, effects: object, upto: Position, fresh: object) -> Taken:
        return replace(taken, position=upto)

    async def mark_fresh(self, taken: Taken, upto: Position, fresh: object) -> Taken:
        return taken


def waited_s(*sizes: int, linger: Linger | None = WHEN_MANY) -> float:
    """Return how many virtual seconds a reader takes to come to the end of these pages."""

    async def main(loop: simulation.VirtualLoop) -> float:
        feed = Pages(*sizes)
        effects: Any = cast(EffectStore, Nowhere())
        reader = Subscription("r", feed, effects, (), page_size_max=SIZE, linger=linger)
        running = asyncio.create_task(reader.run())
        await feed.is_read.wait()
        ended = loop.time()
        running.cancel()
        await asyncio.wait([running])
        return ended

    return simulation.run(main)


class TestLingering:
    @pytest.mark.parametrize("sizes", [(), (1,), (MANY - 1, 3), (SIZE, SIZE, 1), (SIZE,)])
    def test_nobody_waits_behind_few_events_or_a_full_page(self, sizes: tuple[int, ...]) -> None:
        assert waited_s(*sizes) < LINGER_S

    @pytest.mark.parametrize(
        ("sizes", "times"),
        [((MANY,), 1), ((SIZE - 1,), 1), ((SIZE, MANY), 1), ((MANY, 1, MANY), 2)],
    )
    def test_many_events_are_given_time_to_become_more(
        self, sizes: tuple[int, ...], times: int
    ) -> None:
        assert times * LINGER_S <= waited_s(*sizes) < (times + 1) * LINGER_S

    def test_who_does_not_linger_never_waits(self) -> None:
        assert waited_s(MANY, SIZE - 1, linger=None) < LINGER_S

    def test_one_event_may_be_enough(self) -> None:
        always = Linger(seconds=LINGER_S)
        assert 2 * LINGER_S <= waited_s(1, SIZE, 1, linger=always) < 3 * LINGER_S
