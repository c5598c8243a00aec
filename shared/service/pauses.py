"""How long a task rests that has failed: longer each time, until it has lasted a while."""

import time
from collections.abc import Callable

PAUSE_S = 1.0
PAUSE_S_MAX = 30.0
LASTED_S = 60.0


class Pauses:
    """The pauses of one task, in seconds; `clock` never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next_s = PAUSE_S
        self._begun_at = 0.0

    def begin(self) -> None:
        """Note that the task begins now."""
        self._begun_at = self._clock()

    def next_s(self) -> float:
        """Return how long to rest after the task has failed."""
        if self._clock() - self._begun_at > LASTED_S:
            self._next_s = PAUSE_S
        pause_s, self._next_s = self._next_s, min(self._next_s * 2, PAUSE_S_MAX)
        return pause_s
