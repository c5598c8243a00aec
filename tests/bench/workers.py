"""So many at once, each doing one thing after another until a window ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from tests.bench.windows import Done


async def at_once(number: int, until: float, work: Callable[[int], Awaitable[int | None]]) -> Done:
    """Let workers work, by their numbers; `work` may tell how many operations it has done."""
    latencies: list[float] = []
    operations = 0

    async def worker(which: int) -> None:
        nonlocal operations
        while (started := time.perf_counter()) < until:
            done = await work(which)
            latencies.append(time.perf_counter() - started)
            operations += 1 if done is None else done

    await asyncio.gather(*map(worker, range(number)))
    return Done(operations=operations, latencies_s=latencies)
