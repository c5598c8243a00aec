"""Processor time of this process and of others, as the kernel accounts for it."""

import os
from collections.abc import Iterator
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12  # fields after the command's name


def cpu_of(pid: int) -> float:
    """Return the seconds that a process has used; 0 once it is gone."""
    exact = [_scheduled(task) for task in Path(f"/proc/{pid}/task").glob("*")]
    if exact and None not in exact:
        return sum(each for each in exact if each is not None)
    fields = _fields(pid)  # a kernel without exact accounts
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / TICKS_PER_S if fields else 0.0


def cpu_of_family(pid: int) -> float:
    """Return the seconds that a process and its living children have used."""
    return cpu_of(pid) + sum(cpu_of(child) for child in _children(pid))


def name_of(pid: int) -> str | None:
    """Return the name of a process on this machine."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return None


def _children(pid: int) -> Iterator[int]:
    for each in Path("/proc").glob("[0-9]*"):
        fields = _fields(int(each.name))
        if fields and int(fields[_PARENT]) == pid:
            yield int(each.name)


def _scheduled(task: Path) -> float | None:
    try:
        return int((task / "schedstat").read_text().split()[0]) / 1e9
    except (OSError, IndexError):
        return None


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
