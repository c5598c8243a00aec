"""Processes that are kept running: started, watched, started again, stopped together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from shared.postgres.lifeline import die_with_parent

STOP_TIMEOUT_S = 30.0  # for all processes together
ANSWERING_S = 10.0  # how long those that are called wait for their callers to end
POLL_S = 0.05
PAUSE_MIN_S = 0.2
PAUSE_MAX_S = 5.0
LOG_BYTES_MAX = 16 * 1024 * 1024


class Startable(Protocol):
    """A process under our care."""

    def start(self) -> None:
        """Start it."""
        ...

    def is_running(self) -> bool:
        """Tell whether it is alive."""
        ...


class ServiceProcess:
    """The process that serves; its output goes to a log file."""

    def __init__(self, command: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self._command = command
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Return its process id while it runs."""
        return self._process.pid if self._process and self.is_running() else None

    def start(self) -> None:
        """Start it; if we are killed, the kernel kills it, so that its ports are free at once."""
        with os.fdopen(os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)) as log:
            self._process = subprocess.Popen(
                self._command,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def is_running(self) -> bool:
        """Tell whether it is alive."""
        return self._process is not None and self._process.poll() is None

    def ask_to_end(self) -> None:
        """Ask it to end."""
        if self._process is not None and self.is_running():
            self._process.terminate()

    def kill(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def stop_all(
    groups: Sequence[Mapping[str, ServiceProcess]],
    *,
    timeout_s: float = STOP_TIMEOUT_S,
    answering_s: float = ANSWERING_S,
) -> list[str]:
    """Stop processes, those of a group together, and return the names of those that were killed.

    A group is asked to end once the one before it has ended, or has had time to answer what it had
    been asked. What still runs when the time for all of them is over is killed.
    """
    end = time.monotonic() + timeout_s
    for group in groups:
        for each in group.values():
            each.ask_to_end()
        _await_end(group.values(), min(end, time.monotonic() + answering_s))
    everything = {name: each for group in groups for name, each in group.items()}
    _await_end(everything.values(), end)
    left = [name for name, each in everything.items() if each.is_running()]
    for name in left:
        everything[name].kill()
    return left


def _await_end(running: Collection[ServiceProcess], end: float) -> None:
    while any(each.is_running() for each in running) and time.monotonic() < end:
        time.sleep(POLL_S)


class Kept:
    """A process that is started again whenever it ends.

    It is started at once when it had been of use, and after growing pauses when it had not.
    """

    def __init__(
        self,
        name: str,
        process: Startable,
        say: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.process = process
        self._say = say
        self._monotonic = monotonic
        self._pause_s = 0.0
        self._not_before = 0.0
        self._was_useful = True

    def proved_useful(self) -> None:
        """Note that it works: the next failure is a new one."""
        self._was_useful = True
        self._pause_s = 0.0

    def revive(self, failures: tuple[type[Exception], ...]) -> bool:
        """Start it again if it ended and its pause is over; tell whether it was started."""
        if self.process.is_running() or self._monotonic() < self._not_before:
            return False
        if not self._was_useful:
            self._pause_s = min(max(self._pause_s * 2, PAUSE_MIN_S), PAUSE_MAX_S)
        self._was_useful = False
        self._not_before = self._monotonic() + self._pause_s
        self._say(f"{self.name} ended; starting it again.")
        try:
            self.process.start()
        except failures as error:
            self._say(f"{self.name} did not start: {error}")
            return False
        return True


def trim(log: Path, bytes_max: int = LOG_BYTES_MAX) -> None:
    """Halve a log that has outgrown its bound, keeping the newer half.

    Its writers append, so they go on at the new end; a line written meanwhile may be lost.
    """
    if not log.exists() or log.stat().st_size <= bytes_max:
        return
    with log.open("rb+") as file:
        file.seek(-bytes_max // 2, os.SEEK_END)
        file.readline()
        kept = file.read()
        file.seek(0)
        file.write(kept)
        file.truncate()


def tail(log: Path, lines: int) -> str:
    """Return the last lines of a log."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 64 * 1024))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
