"""`forbear doctor`: what on this machine would keep Forbear from running, before it does."""

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer

from services.command import instance, ports
from services.command.installation import Installation, locate
from services.command.options import DataDir
from services.command.terminal import say
from shared.kernel.clock import SystemClock
from shared.kernel.records import record
from shared.postgres.identity import namespaces_allowed
from shared.postgres.programs import ServerUnavailable, server_program

PYTHON_MIN = (3, 11)
FREE_BYTES_MIN = 1_000_000_000


@record
class Finding:
    """One thing looked at, and whether it is as it should be."""

    subject: str
    is_good: bool
    detail: str


def doctor(data_dir: DataDir = None) -> None:
    """Check this machine. Exit code 1 when something must be mended."""
    findings = list(examine(locate(data_dir)))
    for finding in findings:
        say(f"{'ok  ' if finding.is_good else 'BAD '} {finding.subject:12} {finding.detail}")
    if not all(finding.is_good for finding in findings):
        raise typer.Exit(1)


def examine(installation: Installation) -> Iterator[Finding]:
    """Yield a finding for each thing that Forbear needs."""
    version = sys.version_info
    yield Finding(
        subject="python",
        is_good=version >= PYTHON_MIN,
        detail=f"{version.major}.{version.minor}.{version.micro}; 3.11 or newer is needed",
    )
    yield _server(installation)
    yield _root()
    yield _ports(installation)
    yield _disk(installation.folder)
    yield _clock()


def _server(installation: Installation) -> Finding:
    if installation.database_url is not None:
        return Finding(subject="postgresql", is_good=True, detail="DATABASE_URL is set")
    try:
        program = server_program("postgres")
    except ServerUnavailable as error:
        return Finding(subject="postgresql", is_good=False, detail=str(error))
    return Finding(
        subject="postgresql",
        is_good=os.access(program, os.X_OK),
        detail="the embedded server is installed",
    )


def _root() -> Finding:
    if os.geteuid() != 0:
        detail = "not root; PostgreSQL runs as you"
    elif namespaces_allowed():
        detail = "root; PostgreSQL runs in a user namespace"
    else:
        detail = "root without user namespaces; PostgreSQL runs as uid 65534"
    return Finding(subject="user", is_good=True, detail=detail)


def _ports(installation: Installation) -> Finding:
    if instance.current_holder(installation.lock_file) is not None:
        return Finding(subject="ports", is_good=True, detail="Forbear is running on them")
    taken = ports.taken_ports(installation)
    named = ", ".join(f"{port} ({name})" for name, port in taken.items())
    return Finding(
        subject="ports",
        is_good=not taken,
        detail=f"taken: {named}; set FORBEAR_PORT_BASE" if taken else "all free",
    )


def _disk(folder: Path) -> Finding:
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    return Finding(
        subject="disk",
        is_good=free >= FREE_BYTES_MIN,
        detail=f"{free / 1_000_000_000:.1f} GB free; 1 GB is the least",
    )


def _clock() -> Finding:
    # A clock that stands before this very file was written is wrong, whatever else is true.
    written = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    now = SystemClock().now()
    return Finding(
        subject="clock", is_good=now >= written, detail=f"{now.isoformat(timespec='seconds')}"
    )
