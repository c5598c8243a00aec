"""Progress on the standard error stream, which leaves the output to the results.

Bars at a terminal; elsewhere, as in a log, a line whenever another tenth of a part is done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

TENTHS = 10


class Bar(Protocol):
    """How far one part is."""

    def at(self, completed: int, note: str = "") -> None:
        """Say how far it is."""
        ...


class Bars(Protocol):
    """The parts of the run, one after another."""

    @contextmanager
    def part(self, name: str, total: int) -> Iterator[Bar]:
        """Show how far one part is."""
        ...

    def note(self, name: str) -> None:
        """Show what is done now, where nobody knows how long it takes."""
        ...

    def rest(self) -> None:
        """End what `note` showed."""
        ...


@contextmanager
def bars(console: Console) -> Iterator[Bars]:
    """Show progress while the block runs."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    with Progress(
        TextColumn("{task.description:28}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
    ) as progress:
        yield _Drawn(progress)


class _Drawn:
    """One bar per part."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._spinner: TaskID | None = None

    @contextmanager
    def part(self, name: str, total: int) -> Iterator[Bar]:
        task = self._progress.add_task(name, total=total, note="")
        yield _DrawnBar(self._progress, task)
        self._progress.update(task, completed=total, note="")

    def note(self, name: str) -> None:
        self.rest()
        self._spinner = self._progress.add_task(name, total=None, note="")

    def rest(self) -> None:
        if self._spinner is not None:
            self._progress.update(self._spinner, total=1, completed=1)
            self._spinner = None


class _DrawnBar:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def at(self, completed: int, note: str = "") -> None:
        self._progress.update(self._task, completed=completed, note=note)


class _Lines:
    """One line per step."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def part(self, name: str, total: int) -> Iterator[Bar]:
        yield _LinesBar(self._console, name, total)
        self._say(f"{name}: done")

    def note(self, name: str) -> None:
        self._say(name)

    def rest(self) -> None:
        """Nothing is left to be ended."""

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False)


class _LinesBar:
    def __init__(self, console: Console, name: str, total: int) -> None:
        self._console = console
        self._name = name
        self._total = total
        self._said = 0

    def at(self, completed: int, note: str = "") -> None:
        tenth = completed * TENTHS // max(self._total, 1)
        if self._said < tenth < TENTHS:
            self._said = tenth
            line = f"{self._name}: {tenth * 100 // TENTHS}% {note}".rstrip()
            self._console.print(line, markup=False, highlight=False)
