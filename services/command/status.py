"""`forbear status`: what runs, how it feels, and how large it has grown."""

import asyncio
import contextlib
import json
from pathlib import Path

import asyncpg
import msgspec
import typer
from rich.table import Table

from services.command import instance, keys, readiness
from services.command.databases import NAMES, DatabaseUrls, database_urls
from services.command.installation import SERVICES, Installation, locate
from services.command.options import AsJson, DataDir
from services.command.servers import embedded_server
from services.command.terminal import console, say
from shared.kernel.records import record

CONNECT_TIMEOUT_S = 3.0
EXIT_UNWELL = 1
EXIT_NOT_RUNNING = 3  # as service scripts report it
_UPTIME = "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::integer"
_PARKED = "SELECT count(DISTINCT (tenant_id, subscription, event_id)) FROM parked_events"
_SIZES = "SELECT datname, pg_database_size(oid) AS size FROM pg_database WHERE datname = ANY ($1)"


@record
class ServiceState:
    """Where a service is and whether it is ready."""

    url: str
    state: str


@record
class ServerState:
    """What the database server says of itself."""

    version: str
    uptime_s: int
    database_bytes: dict[str, int]


@record
class Report:
    """Everything `forbear status` knows; `parked` counts events by the service that parked them."""

    is_running: bool
    is_healthy: bool
    pid: int | None
    folder: str
    folder_bytes: int
    mailbox: str
    services: dict[str, ServiceState]
    postgres: ServerState | None
    parked: dict[str, int]


def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show processes, ports, health and sizes. Exit code 3 when nothing runs, 1 when unwell."""
    report = inspect(locate(data_dir))
    if as_json:
        console.print_json(json.dumps(msgspec.to_builtins(report)))
    else:
        _show(report)
    if not report.is_running:
        raise typer.Exit(EXIT_NOT_RUNNING)
    if not report.is_healthy:
        raise typer.Exit(EXIT_UNWELL)


def inspect(installation: Installation) -> Report:
    """Look at an installation, running or not."""
    holder = instance.current_holder(installation.lock_file)
    services = {
        service: ServiceState(
            url=installation.url_of(service),
            state=readiness.probe(installation.ports.of(service)) if holder else "stopped",
        )
        for service in SERVICES
    }
    server = _server_state(installation) if holder else None
    is_ready = all(each.state == "ready" for each in services.values())
    return Report(
        is_running=holder is not None,
        is_healthy=is_ready and server is not None,
        pid=holder.pid if holder else None,
        folder=str(installation.folder),
        folder_bytes=_size(installation.folder),
        mailbox=installation.addresses["mailbox"],
        services=services,
        postgres=server,
        parked=_parked(installation) if server else {},
    )


def admin_url(installation: Installation) -> str | None:
    """Return the administrator's URL of an installation, if it has been made."""
    if installation.database_url is not None:
        return installation.database_url
    if not installation.secrets_file.exists():
        return None
    return embedded_server(installation, keys.load(installation.secrets_file)).admin_url


def _server_state(installation: Installation) -> ServerState | None:
    url = admin_url(installation)
    if url is None:
        return None
    try:
        return asyncio.run(_ask(url))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None


def _parked(installation: Installation) -> dict[str, int]:
    """Count parked events where there are any."""
    url = admin_url(installation)
    if url is None:
        return {}
    urls = database_urls(url, keys.load(installation.secrets_file).role_passwords)
    try:
        counts = asyncio.run(_count(urls))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return {}
    return {service: count for service, count in counts.items() if count}


async def _count(urls: DatabaseUrls) -> dict[str, int]:
    counts = {}
    for service in SERVICES:
        connection = await asyncpg.connect(urls.owner(service), timeout=CONNECT_TIMEOUT_S)
        try:
            counts[service] = await connection.fetchval(_PARKED)
        except asyncpg.UndefinedTableError:
            counts[service] = 0  # it is being made
        finally:
            await connection.close(timeout=CONNECT_TIMEOUT_S)
    return counts


async def _ask(url: str) -> ServerState:
    connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
    try:
        return ServerState(
            version=await connection.fetchval("SHOW server_version"),
            uptime_s=await connection.fetchval(_UPTIME),
            database_bytes=dict(await connection.fetch(_SIZES, NAMES)),
        )
    finally:
        await connection.close(timeout=CONNECT_TIMEOUT_S)


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):  # PostgreSQL removes files while we look
            total += file.lstat().st_size if file.is_file() else 0
    return total


def _show(report: Report) -> None:
    if not report.is_running:
        say(f"Nothing runs in {report.folder}. `make run` starts it.")
        return
    say(f"Running in {report.folder} (process {report.pid}).")
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, service in report.services.items():
        table.add_row(name, service.url, service.state)
    table.add_row("mailbox", report.mailbox, "")
    if report.postgres is None:
        table.add_row("postgresql", "", "no answer")
    else:
        state = report.postgres
        table.add_row("postgresql", state.version, f"up {_duration(state.uptime_s)}")
        for database, size in state.database_bytes.items():
            table.add_row("", database, _megabytes(size))
    table.add_row("folder", "", _megabytes(report.folder_bytes))
    console.print(table)
    for name, count in report.parked.items():
        say(f"{name} has {count} parked events: `forbear dlq list` names what failed.")


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.0f} MB"
