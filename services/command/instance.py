"""One supervisor per data folder: a file lock that the kernel releases however its holder dies."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from shared.kernel.records import record


@record
class Holder:
    """Who holds the lock: its process id, and the addresses it serves."""

    pid: int
    urls: dict[str, str]


class AlreadyRunning(Exception):
    """Another process holds the data folder."""

    def __init__(self, holder: Holder | None) -> None:
        super().__init__("the data folder is in use")
        self.holder = holder


@contextmanager
def held(lock_file: Path, holder: Holder) -> Iterator[bool]:
    """Hold the lock while the block runs; yield whether its last holder was killed.

    Raises:
        AlreadyRunning: someone else holds it.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with lock_file.open("a+") as file:
        if not _try(file):
            raise AlreadyRunning(_read(file))
        was_killed = lock_file.stat().st_size > 0  # whoever ends in order empties it
        file.truncate(0)
        json.dump({"pid": holder.pid, "urls": holder.urls}, file)
        file.flush()
        try:
            yield was_killed
        finally:
            file.truncate(0)  # the file stays: unlinking it would let two processes hold "it"


def current_holder(lock_file: Path) -> Holder | None:
    """Return who holds the lock, if anyone does."""
    if not lock_file.exists():
        return None
    with lock_file.open("a+") as file:
        return None if _try(file) else _read(file)


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(file: IO[str]) -> Holder | None:
    file.seek(0)
    try:
        return Holder(**json.load(file))
    except ValueError:  # its holder has the lock and has not written yet
        return None
