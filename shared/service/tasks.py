"""Tasks that are kept running until they are told to stop, and which of them are failing."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from shared.service.pauses import Pauses
from shared.telemetry import metrics
from shared.telemetry.logging import get_logger

RECOVERED_S = 5.0  # a task that has lasted so long is well again
CANCEL_AGAIN_S = 1.0

Run = Callable[[], Coroutine[Any, Any, None]]

log = get_logger(__name__)


class GaveUp(Exception):
    """A task ended as if it had been told to, and nobody had told it."""


class Tasks:
    """The tasks of one process or service. They belong to the context in which they begin."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self._running: list[asyncio.Task[None]] = []

    def begin(self, name: str, run: Run) -> None:
        """Run it; whenever it fails, say so and run it again after a growing pause."""
        self._running.append(asyncio.create_task(self._keep_running(name, run), name=name))

    async def stop(self) -> None:
        """Tell every task to stop, until it does."""
        running = set(self._running)
        while running:
            for each in running:
                each.cancel()  # again, if what it was in the middle of swallowed the first
            _, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_S)
        self._running.clear()

    async def _keep_running(self, name: str, run: Run) -> None:
        loop, pauses = asyncio.get_running_loop(), Pauses()
        metrics.TASK_FAILURES.add(0, {"forbear.task": name})
        while True:
            pauses.begin()
            recovery = loop.call_later(RECOVERED_S, self.failing.discard, name)
            try:
                await _run(run)
            except Exception as error:  # noqa: BLE001 - outermost loop: said aloud, tried again
                self.failing.add(name)
                log.error("task-failed", task=name, error=error)
                metrics.TASK_FAILURES.add(1, {"forbear.task": name})
            finally:
                recovery.cancel()
            await asyncio.sleep(pauses.next_s())


async def _run(run: Run) -> None:
    """Run it; a cancellation that nobody asked for, as libraries let slip, is a failure."""
    try:
        await run()
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise GaveUp from error
