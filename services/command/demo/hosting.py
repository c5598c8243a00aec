"""The installation that a demo plays in: the running one, or one that runs for as long."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

from services.command import instance, processes, readiness
from services.command.installation import Installation
from services.command.terminal import Refused
from shared.postgres.lifeline import die_with_parent

START_TIMEOUT_S = 240.0
STOP_TIMEOUT_S = 90.0
POLL_S = 0.1
LOG_LINES = 20


@contextlib.contextmanager
def running(
    installation: Installation, settings: Mapping[str, str] | None = None
) -> Iterator[bool]:
    """Have the installation run while the block runs; yield whether it ran already.

    Args:
        settings: environment variables to run it with, beside our own.

    Raises:
        Refused: it does not become ready; the reason was printed.
    """
    if instance.current_holder(installation.lock_file) is not None:
        _await_ready(installation, None)
        yield True
        return
    installation.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    process = _start(installation, settings or {})
    try:
        _await_ready(installation, process)
        yield False
    finally:
        _stop(process)


def _start(installation: Installation, settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    log = installation.folder / "demo.log"
    log.unlink(missing_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            (sys.executable, "-m", "services", "run", "--data-dir", str(installation.folder)),
            env={**os.environ, **settings, "FORBEAR_PORT_BASE": str(installation.ports.start)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is ours to pass on, once we are done
            preexec_fn=die_with_parent(signal.SIGTERM),
        )


def _await_ready(installation: Installation, process: "subprocess.Popen[bytes] | None") -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while not readiness.is_ready(installation):
        if process is not None and process.poll() is not None:
            raise Refused(processes.tail(installation.folder / "demo.log", LOG_LINES))
        if time.monotonic() > end:
            raise Refused(f"The services in {installation.folder} do not become ready.")
        time.sleep(POLL_S)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
