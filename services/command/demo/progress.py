"""Progress bars on the standard error stream, which leaves the output to the results."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Bars:
    """One bar per part of the run."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._spinner: TaskID | None = None

    @contextmanager
    def part(self, name: str, total: int) -> Iterator["Bar"]:
        """Show a bar for one part."""
        task = self._progress.add_task(name, total=total, note="")
        yield Bar(self._progress, task)
        self._progress.update(task, completed=total, note="")

    def note(self, name: str) -> None:
        """Show what is done now, where nobody knows how long it takes."""
        self.rest()
        self._spinner = self._progress.add_task(name, total=None, note="")

    def rest(self) -> None:
        """End what `note` showed."""
        if self._spinner is not None:
            self._progress.update(self._spinner, total=1, completed=1)
            self._spinner = None


class Bar:
    """How far one part is."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def at(self, completed: int, note: str = "") -> None:
        """Say how far it is."""
        self._progress.update(self._task, completed=completed, note=note)


@contextmanager
def bars(console: Console) -> Iterator[Bars]:
    """Show bars while the block runs."""
    with Progress(
        TextColumn("{task.description:28}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
    ) as progress:
        yield Bars(progress)
