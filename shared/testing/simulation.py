"""A loop in virtual time: nothing waits, the clock jumps to the next timer, one order for all runs.

Whatever runs on it must wait for events or timers of its own; a program in which nobody can ever
go on again is a deadlock and is reported with the place where each task stands. Chance is not in
here: it comes with the latencies and faults that the simulated ports draw from their seed.
"""

import asyncio
import io
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeVar

T = TypeVar("T")

BEGINS = datetime(2026, 3, 2, tzinfo=UTC)
"""Virtual zero: the week before clocks go forward in the United States."""

TICK_S = 1e-9
TRACE_KEPT_MAX = 400


class Deadlock(Exception):
    """Every task waits for something that nothing will bring about."""


class _Selector:
    """Stands where the loop waits for sockets: here waiting only moves the clock."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Deadlock(self._loop.standing())
        if timeout > 0:
            self._loop.skip(timeout)
        return []

    def get_map(self) -> dict[Any, Any]:
        return {}

    def close(self) -> None:
        return None


class VirtualLoop(asyncio.BaseEventLoop):
    """An event loop whose time passes only while everybody waits."""

    def __init__(self, begins: datetime = BEGINS) -> None:
        super().__init__()
        self.begins = begins
        self._now_s = 0.0
        self.steps = 0
        self._selector = _Selector(self)
        self._clock_resolution = TICK_S

    def time(self) -> float:
        """Return the virtual seconds since the beginning."""
        return self._now_s

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self._now_s += seconds

    def now(self) -> datetime:
        """Return the virtual instant: what a database's clock shows."""
        return self.begins + timedelta(microseconds=round(self._now_s * 1_000_000))

    def seconds_until(self, instant: datetime) -> float:
        """Return how long it is until an instant; negative if it has passed."""
        return (instant - self.begins).total_seconds() - self._now_s

    def standing(self) -> str:
        """Write down where every task stands."""
        text = io.StringIO()
        for task in sorted(asyncio.all_tasks(self), key=lambda each: each.get_name()):
            task.print_stack(limit=3, file=text)
        return text.getvalue() or "no tasks"

    def _run_once(self) -> None:
        self.steps += 1
        super()._run_once()  # type: ignore[misc]

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        """Do at once what would be done in a thread: threads take their own time."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            done.set_exception(error)
        return done

    def _process_events(self, event_list: list[Any]) -> None:
        return None

    def _write_to_self(self) -> None:
        return None


class Trace:
    """What happened at the ports, line by line, under a running hash.

    Two runs of one seed must end with the same hash; the last lines say what led to a failure.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.lines: deque[str] = deque(maxlen=TRACE_KEPT_MAX)
        self.count = 0
        self._now_s = now_s
        self._hash = blake2b(digest_size=16)

    def note(self, *words: object) -> None:
        """Add a line."""
        line = f"{self._now_s():.6f} {' '.join(map(str, words))}"
        self.count += 1
        self.lines.append(line)
        self._hash.update(line.encode())

    @property
    def digest(self) -> str:
        """Return the hash of everything noted so far."""
        return self._hash.hexdigest()


def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]], begins: datetime = BEGINS) -> T:
    """Run a program in virtual time to its end; whatever it left running is dropped.

    Raises:
        Deadlock: nothing can go on any more.
    """
    loop = VirtualLoop(begins)
    try:
        return loop.run_until_complete(main(loop))
    finally:
        _drop_tasks(loop)
        loop.close()


def _drop_tasks(loop: VirtualLoop) -> None:
    left = sorted(asyncio.all_tasks(loop), key=lambda each: each.get_name())
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
