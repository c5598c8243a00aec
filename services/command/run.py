"""`forbear run`, `serve` and `stop`: the installation's life."""

import os
import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from services.command import banner, instance
from services.command.installation import MAILBOX, SERVICES, locate
from services.command.options import DataDir
from services.command.ports import PortsTaken
from services.command.servers import ServerUnreachable
from services.command.supervisor import ServicesFailed, Supervisor
from services.command.terminal import Refused, say
from services.command.wiring import Wiring, build_services
from shared.postgres.embedded import ServerFailed
from shared.postgres.programs import ServerUnavailable
from shared.postgres.provision import ServerTooOld

STOP_TIMEOUT_S = 90.0
_REASONS = (
    PortsTaken,
    ServerFailed,
    ServerTooOld,
    ServerUnavailable,
    ServerUnreachable,
    ServicesFailed,
)


def run(data_dir: DataDir = None) -> None:
    """Run everything on this machine: PostgreSQL, the four services and a mailbox."""
    supervise(data_dir, Wiring())


def supervise(data_dir: Path | None, wiring: Wiring) -> None:
    """Run an installation until it is told to stop.

    Raises:
        Refused: it is running already, or cannot run; the reason was printed.
    """
    installation = locate(data_dir)
    try:
        Supervisor(installation, wiring, say).run(
            lambda api_key: banner.announce(
                installation, api_key, wiring.example(installation, api_key)
            )
        )
    except instance.AlreadyRunning as error:
        raise Refused(_running_already(installation.folder, error.holder)) from None
    except _REASONS as error:
        raise Refused(str(error)) from None


def serve(
    what: Annotated[
        str,
        typer.Argument(help=f"all, or one of: {', '.join(SERVICES)}, mailbox (for development)"),
    ],
) -> None:
    """Serve one service, or all in one process, with settings from the environment."""
    if what not in ("all", *SERVICES, MAILBOX):
        raise Refused(f"There is no service {what!r}: say all, or one of {', '.join(SERVICES)}.")
    import uvloop

    from services.command.serve import serve as serve_until_told
    from shared.service.settings import TelemetrySettings
    from shared.telemetry import ending, logging, metrics, tracing

    logging.configure()
    tracing.configure()
    metrics.configure(is_scraped=TelemetrySettings().metrics)
    try:
        names = (*SERVICES, MAILBOX) if what == "all" else (what,)
        uvloop.run(serve_until_told(build_services(names, os.environ)))
    finally:
        ending.end()


def stop(data_dir: DataDir = None) -> None:
    """Stop what `forbear run` started, and wait until it has stopped."""
    installation = locate(data_dir)
    holder = instance.current_holder(installation.lock_file)
    if holder is None:
        say(f"Nothing runs in {installation.folder}.")
        return
    os.kill(holder.pid, signal.SIGTERM)
    end = time.monotonic() + STOP_TIMEOUT_S
    while instance.current_holder(installation.lock_file) is not None:
        if time.monotonic() > end:
            raise Refused(f"Process {holder.pid} was told to stop and still runs.")
        time.sleep(0.1)
    say("Stopped.")


def _running_already(folder: Path, holder: instance.Holder | None) -> str:
    if holder is None:
        return f"Another forbear is just starting in {folder}."
    lines = [f"Forbear is already running in {folder} (process {holder.pid}):"]
    lines += [f"  {name:12}{url}" for name, url in holder.urls.items()]
    return "\n".join([*lines, "`forbear stop` stops it."])
