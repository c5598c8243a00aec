"""Processor time of this process and of others, as the kernel accounts for it."""

import os
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 11, 12, 13, 14  # after the command's name
_PARENT = 1


def cpu_of(pid: int) -> float:
    """Return the seconds that a process has used."""
    fields = _fields(pid)
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / TICKS_PER_S if fields else 0.0


def cpu_of_family(pid: int) -> float:
    """Return the seconds that a process and its children have used, those that ended included."""
    own = _fields(pid)
    if not own:
        return 0.0
    ended = (int(own[_CHILDREN_USER]) + int(own[_CHILDREN_SYSTEM])) / TICKS_PER_S
    return cpu_of(pid) + ended + sum(cpu_of(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    numbers = (int(each.name) for each in Path("/proc").glob("[0-9]*"))
    return [each for each in numbers if (fields := _fields(each)) and int(fields[_PARENT]) == pid]


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
