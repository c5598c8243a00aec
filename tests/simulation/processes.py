"""Processes: a service's memory and tasks, which end together at any step and begin anew.

A killed process does nothing more: its tasks are cancelled, and its ports refuse whatever its
clean-up would still ask of them, because a SIGKILL runs no clean-up.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from shared.kernel import ids
from shared.testing.simulation import Trace, VirtualLoop
from tests.simulation.chance import Chance

INSTANT_S = 0.0001
"""What takes less is not waited for, so that quick worlds have steps that nothing comes between."""


class Killed(BaseException):
    """The process is gone; its ports answer nothing."""


class Process:
    """One process of one service."""

    def __init__(
        self,
        name: str,
        loop: VirtualLoop,
        chance: Chance,
        trace: Trace,
        failed: Callable[[str, BaseException], None],
    ) -> None:
        self.name = name
        self.service = name.partition("-")[0]
        self.loop = loop
        self.chance = chance
        self.trace = trace
        self.is_alive = True
        self.died: Callable[[Process], None] = lambda process: None
        self.skew = timedelta(minutes=chance.between(-90, 90))
        self._failed = failed
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def clock(self) -> datetime:
        """Return what this machine believes the time is."""
        return self.loop.now() + self.skew

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> "asyncio.Task[Any]":
        """Run something in this process."""
        task = self.loop.create_task(work, name=f"{self.name} {name}")
        self._tasks[task] = None
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.pop(task, None)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not isinstance(error, Killed):
            self._failed(task.get_name(), error)

    def kill(self) -> None:
        """End the process where it stands."""
        if not self.is_alive:
            return
        self.is_alive = False
        self.trace.note(self.name, "dies")
        for task in tuple(self._tasks):
            task.cancel()
        self.died(self)

    async def step(self, what: str) -> None:
        """Take the time that one step at a port takes; the process may end here.

        Raises:
            Killed: the process has ended.
        """
        self.require_alive()
        if self.chance.happens(self.chance.crashes):
            # Not here and now: a task cannot cancel itself and be waiting at the same time.
            self.loop.call_soon(self.kill)
        lag_s = self.chance.lag()
        self.trace.note(self.name, what)
        if lag_s > INSTANT_S:
            await asyncio.sleep(lag_s)
        self.require_alive()

    async def back(self, what: str) -> None:
        """Take the way back of a step, which is mostly too short to matter.

        Raises:
            Killed: the process has ended.
        """
        if self.chance.happens(self.chance.ways_back):
            await self.step(what)

    def require_alive(self) -> None:
        """Refuse to work for a process that is gone.

        Raises:
            Killed: it is.
        """
        if not self.is_alive:
            raise Killed(self.name)


class SkewedIds:
    """Ids as a machine with a wrong clock makes them."""

    def __init__(self, chance: Chance, clock: Callable[[], datetime]) -> None:
        self._chance = chance
        self._clock = clock

    def new(self, prefix: str) -> str:
        """Return a new id with that prefix."""
        milliseconds = int(self._clock().timestamp() * 1000)
        value = bytearray(milliseconds.to_bytes(6, "big") + self._chance.random.randbytes(10))
        value[6] = value[6] & 0x0F | 0x70
        value[8] = value[8] & 0x3F | 0x80
        return ids.encode(prefix, bytes(value))
